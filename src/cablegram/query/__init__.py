"""The query language: what a person types, as a tree (:mod:`syntax`), and the fields it knows (:mod:`fields`)."""
