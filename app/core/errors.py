"""The errors that the domain raises on purpose.

DomainError
├── NotFound       what was asked for does not exist, or the viewer may not know of it
├── NotAllowed     the viewer may not do this (and may know why)
├── Conflict       the state of things forbids it: already accepted, edited meanwhile, closed
├── Invalid        a value is wrong; names the field and says what to do
└── TooMany        too often; says when to try again

Features subclass these beside the code that raises them. The web and the API each map
them in one place.
"""

from __future__ import annotations


class DomainError(Exception):
    """An anticipated refusal, with a message that can be shown to the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(DomainError):
    """There is no such thing, as far as this viewer may know."""

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class NotAllowed(DomainError):
    """The viewer may not do this. `required_privilege` names the privilege that reputation would bring."""

    def __init__(self, message: str, *, required_privilege: str | None = None) -> None:
        super().__init__(message)
        self.required_privilege = required_privilege


class Conflict(DomainError):
    """The present state forbids it."""


class Invalid(DomainError):
    """A value is wrong; `field` is the name of the form field or JSON member at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooMany(DomainError):
    """Too often; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
