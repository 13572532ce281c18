"""Notifications: who hears of what, in the inbox and by e-mail.

Owns notifications and the choices of members about them; written by consumers only.
"""

from app.domain.notifications.queries import unread_count

__all__ = ["unread_count"]
