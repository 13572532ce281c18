"""The JSON API for product sites and scripts: an application of its own, mounted at /api/v1.

It is a thin translator like `app.web`: the same calls of the domain, JSON in the place of pages.
"""

from app.api.application import Mounted
from app.api.finished import Answers

__all__ = ["Answers", "Mounted"]
