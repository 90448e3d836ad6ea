"""The footnote checker: citations of cables in a manuscript, found, resolved against an archive, and compared with what is held."""
