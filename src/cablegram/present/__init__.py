"""How a record is shown to people: what pages, prints and terminals share."""
