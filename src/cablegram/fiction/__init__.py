"""Fictional telegrams: curated stories, and any number of generated ones, true to the form, with their truth beside them."""
