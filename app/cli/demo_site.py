"""`peerdesk demo-site`: the site of a company that embeds the forum, on an origin of its own. For trying out only."""

from __future__ import annotations

import argparse
import threading
import time
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

from app.cli.commands import Commands
from app.cli.processes import ChildProcess
from app.core import parent
from app.settings import Settings

PRODUCT, NAME = "kestrel-14", "Kestrel 14"  # of the sample community
FILES = Path(__file__).parent / "product_site"
POLICY = (
    "default-src 'none'; script-src {forum}; connect-src {forum}; frame-src {forum}; style-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""As strict as a page with the elements and the frame can be; docs/embedding.md explains each part."""


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("demo-site", help="serve a sample product site that embeds the forum")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port to listen on (default: %(default)s)")
    parser.add_argument("--product", default=PRODUCT, help="slug of the product (default: %(default)s)")
    parser.add_argument("--name", default=NAME, help="what the product is called (default: %(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until interrupted."""
    sample = sample_page(settings.base_url, product=args.product, name=args.name)
    with make_server(args.host, args.port, **sample) as server:
        _tell(settings, args.host, args.port)
        server.serve_forever()
    return 0


def serve_beside(settings: Settings, host: str, port: int) -> None:
    """Serve the site of the sample product in a process of its own for as long as this one lives."""
    ChildProcess(
        target=_serve_beside, args=(settings.base_url, host, port), name="peerdesk-demo", daemon=True
    ).start()
    _tell(settings, host, port)


def origin_at(host: str, port: int) -> str:
    """Return the site's origin, as browsers on this machine write it."""
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104


def make_server(host: str, port: int, *, page: str, policy: str) -> ThreadingHTTPServer:
    """Return a server of one page under one policy, listening; port 0 takes a free one."""
    files = {
        "/": ("text/html; charset=utf-8", page.encode()),
        "/site.css": ("text/css; charset=utf-8", (FILES / "site.css").read_bytes()),
    }
    return ThreadingHTTPServer((host, port), partial(_Visitor, files=files, policy=policy))


def sample_page(forum: str, *, product: str = PRODUCT, name: str = NAME) -> dict[str, str]:
    """Return the sample page that embeds the forum, and its policy."""
    policy = POLICY.format(forum=forum)
    page = (FILES / "index.html").read_text()
    for field, value in (("forum", forum), ("product", quote(product)), ("name", name), ("policy", policy)):
        page = page.replace(f"{{{field}}}", escape(value))
    return {"page": page, "policy": policy}


def _serve_beside(forum: str, host: str, port: int) -> None:
    server = make_server(host, port, **sample_page(forum))
    threading.Thread(target=server.serve_forever, name="demo-site", daemon=True).start()
    while not parent.is_gone():
        time.sleep(1)


def _tell(settings: Settings, host: str, port: int) -> None:
    origin = origin_at(host, port)
    print(f"A product site that embeds it is at {origin}", flush=True)
    if origin not in settings.embed_origins:
        print(f"The forum does not allow that yet: set PEERDESK_EMBED_ORIGINS={origin}", flush=True)


class _Visitor(BaseHTTPRequestHandler):
    """Sends the page and its stylesheet, and nothing else."""

    def __init__(self, *arguments: object, files: dict[str, tuple[str, bytes]], policy: str) -> None:
        self._files = files
        self._policy = policy
        super().__init__(*arguments)  # type: ignore[arg-type]  # it answers while it is being made

    def do_GET(self) -> None:
        found = self._files.get(urlsplit(self.path).path)
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content_type, content = found
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", self._policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Keep the terminal for the forum."""
