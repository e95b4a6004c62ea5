"""One module per backend, each a process that speaks the runner protocol (docs/runner-protocol.md)."""
