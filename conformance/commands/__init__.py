"""The commands of `distinct-conformance`."""
