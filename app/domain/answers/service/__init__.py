"""Writing answers, a module for each group of verbs."""
