"""The door to `mock_server`: nothing else in this package imports it."""
