"""Writing accounts, one module for each group of verbs."""
