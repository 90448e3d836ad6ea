"""An archive on another server, read through its HTTP API as if it were a folder here."""
