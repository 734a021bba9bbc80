"""Adapters: how a client in any language is asked for a call."""
