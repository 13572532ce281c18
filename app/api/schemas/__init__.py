"""The JSON of the API: one model for each document, in and out. They are its only description."""
