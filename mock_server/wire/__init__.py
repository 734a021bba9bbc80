"""HTTP/1.1 on the wire: what a head must be, the parsers that read it, and one request with its answer."""
