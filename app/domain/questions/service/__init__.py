"""Writing questions, a module for each group of verbs."""
