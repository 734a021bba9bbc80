"""Requests that came without an adapter: recorded traffic, and what a command sent while it was watched."""
