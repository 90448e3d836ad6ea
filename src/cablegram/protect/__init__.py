"""Source protection: what a cable asks to protect and what belongs to private persons is found, listed, and masked on request."""
