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
    """Values are wrong; `errors` maps the name of each form field or JSON member at fault to what to do."""

    def __init__(self, field: str, message: str, **more: str) -> None:
        super().__init__(message)
        self.errors = {field: message, **more}

    @classmethod
    def raise_if(cls, errors: dict[str, str]) -> None:
        """Raise one error for all that was found wrong, or return when nothing was."""
        for field, message in errors.items():
            more = {name: text for name, text in errors.items() if name != field}
            raise cls(field, message, **more)

    @property
    def field(self) -> str:
        """The first field at fault."""
        return next(iter(self.errors))


class TooMany(DomainError):
    """Too often; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
