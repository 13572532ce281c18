"""What the forum does: one package a feature, entered by its front door."""
