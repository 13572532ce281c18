"""The form of a post: asking, answering, editing."""

from __future__ import annotations

from pydantic import ConfigDict, model_validator

from app.web.forms import Form

_PREFIX = "env_"


class PostForm(Form):
    """What asking and editing send. Environment fields come as `env_<name>`; nothing else is taken."""

    model_config = ConfigDict(extra="allow")

    product: str = ""
    title: str = ""
    body: str = ""
    tags: str = ""
    answer: str = ""
    summary: str = ""
    base: str = ""
    confirmed: str = ""

    @model_validator(mode="before")
    @classmethod
    def _take_only_environment(cls, values: dict[str, str]) -> dict[str, str]:
        known = set(cls.model_fields)
        for name in values:
            if name not in known and not name.startswith(_PREFIX):
                raise ValueError(f"there is no field {name}")
        return values

    def environment(self) -> dict[str, str]:
        """Return what was typed into the product's own fields, by field name."""
        extra = self.__pydantic_extra__ or {}
        return {name.removeprefix(_PREFIX): str(value) for name, value in extra.items()}

    def base_number(self) -> int:
        """Return the revision that the edit was made against; 0, which no post is at, when it is missing."""
        return int(self.base) if self.base.isascii() and self.base.isdigit() and len(self.base) < 10 else 0
