"""Citations of cables, of their paragraphs and of cables that are only cited: in styles of CSL, and as data for reference managers."""
