"""Trials that are written down: documented boundaries, plans of answers, sequences."""
