"""Writing cases, a module for each group of verbs."""
