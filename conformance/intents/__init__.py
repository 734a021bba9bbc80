"""Intents that are generated: what callers hand to a client, right and wrong."""
