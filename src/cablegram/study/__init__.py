"""Questions over many cables: each answer carries its evidence."""
