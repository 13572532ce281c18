"""Writing signed identity."""
