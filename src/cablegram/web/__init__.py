"""The reading room: an archive in the browser."""
