"""Two versions of one cable held against each other: which words belong together, and what differs."""
