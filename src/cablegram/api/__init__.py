"""The HTTP API: what an archive holds and finds, for programs. Versioned, read-only, described by OpenAPI."""
