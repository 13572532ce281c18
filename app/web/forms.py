"""Forms: what was typed, what is wrong with it, and the data when nothing is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData

from app.core.errors import DomainError, Invalid
from app.web.csrf import FIELD


class Form(BaseModel):
    """Base of all forms: fields that were not asked for are refused (no mass assignment)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Submission(Generic[F]):
    """A form that was sent. `data` is None when `errors` is not empty; `values` is what to show again."""

    data: F | None
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def valid(self) -> F:
        """Return the data, or raise Invalid with the errors."""
        if self.data is None:
            Invalid.raise_if(dict(self.errors))
            raise Invalid("form", "The form is empty.")
        return self.data

    def refused(self, error: DomainError) -> Submission[F]:
        """Return the same form, as it was typed, with why the domain refused it."""
        found = error.errors if isinstance(error, Invalid) else {"form": error.message}
        return replace(self, data=None, errors={**self.errors, **found})


def submitted(form: type[F]) -> Callable[[Request], Awaitable[Submission[F]]]:
    """Return a dependency that reads `form` from the request; it never answers by itself."""

    async def read(request: Request) -> Submission[F]:
        values = _texts(await request.form())
        try:
            return Submission(data=form.model_validate(values), values=values)
        except ValidationError as error:
            return Submission(data=None, values=values, errors=_errors(error))

    return read


def blank(**values: str) -> Submission[Form]:
    """Return a form that was not sent yet, with what it starts with."""
    return Submission(data=None, values=values)


def _texts(sent: FormData) -> dict[str, str]:
    """Return the text fields; of a repeated field the values are joined by commas, files are left to their routes."""
    texts: dict[str, str] = {}
    for name, value in sent.multi_items():
        if name == FIELD or not isinstance(value, str):
            continue
        clean = value.replace("\r\n", "\n").replace("\x00", "")
        texts[name] = f"{texts[name]},{clean}" if name in texts else clean
    return texts


def _errors(error: ValidationError) -> dict[str, str]:
    return {str(item["loc"][0]) if item["loc"] else "form": item["msg"] for item in error.errors()}
