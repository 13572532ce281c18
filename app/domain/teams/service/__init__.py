"""Changing teams: their set-up, their people, and whose turn it is."""
