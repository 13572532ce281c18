"""The JSON API for product sites and scripts."""
