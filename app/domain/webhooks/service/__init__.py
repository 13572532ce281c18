"""Writing webhooks."""
