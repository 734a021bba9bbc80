"""The judge of clients and servers; empty so far."""
