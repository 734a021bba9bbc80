"""The control API: everything under `/_mock/`, one module a resource, and its own OpenAPI document."""
