"""The contract of the Distinct vendor API, read from ``openapi.yaml``: parse, judge, choose the answer."""
