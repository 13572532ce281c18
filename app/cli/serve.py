"""`peerdesk serve`: migrate, then run the web processes and the background worker together."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
from urllib.parse import urlsplit

import uvicorn

from app import settings as configuration
from app.cli import demo_site
from app.cli.commands import Commands
from app.cli.processes import Processes, as_many_as_fit
from app.cli.worker import work_beside
from app.core import heap, measures, schema
from app.core.db import make_engine, new_session
from app.core.secret import secret_key
from app.domain import accounts
from app.settings import PREFIX, Settings

APPLICATION = "app.main"
FIRST_ADMIN = "peerdesk user create --role admin --email you@example.com --handle you"


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", help="serve the forum")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument(
        "--workers",
        type=int,
        default=as_many_as_fit(),
        metavar="N",
        help="web processes (default: as many as the machine has cores, at most 4)",
    )
    parser.add_argument(
        "--demo-site",
        action="store_true",
        help="for trying out: also serve a product site that embeds the forum, one port above",
    )
    parser.add_argument("--no-worker", action="store_true", help="run `peerdesk worker` elsewhere")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until interrupted."""
    settings = _with_address(settings, args)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret_key(settings.secret_key, settings.data_dir)
    _prepare_database(settings)
    measures.forget(settings.measures_dir)
    heap.use_one_arena()
    gc.disable()  # until the application is there: app.main
    importlib.import_module(APPLICATION)  # here rather than by uvicorn: all processes share it
    web = uvicorn.Config(
        f"{APPLICATION}:from_environment",
        factory=True,
        http="app.web.protocol:BoundedProtocol",
        loop="app.web.loop:SharingLoop" if args.workers > 1 else "asyncio",
        host=args.host,
        port=args.port,
        workers=args.workers,
        log_config=None,  # its lines go where ours go, in our form
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # X-Forwarded-For is judged by web/deps.py, from trusted proxies only
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_worker_healthcheck=30,  # on a busy machine a process needs its time to start
    )
    processes = Processes(web, [web.bind_socket()], work=None if args.no_worker else work_beside)
    print(f"{settings.site_name} is at {settings.base_url}", flush=True)
    if args.demo_site:
        demo_site.serve_beside(settings, args.host, args.port + 1)
    processes.run()
    return int(processes.has_failed)


def _with_address(settings: Settings, args: argparse.Namespace) -> Settings:
    """Make links follow --port when no base address was set, and let the demo site in, here and in child processes."""
    if "base_url" not in settings.model_fields_set:
        host = "127.0.0.1" if args.host in ("0.0.0.0", "::") else args.host  # noqa: S104
        os.environ[f"{PREFIX}BASE_URL"] = f"http://{host}:{args.port}"
    if args.demo_site:
        origin = demo_site.origin_at(args.host, args.port + 1)
        os.environ[f"{PREFIX}EMBED_ORIGINS"] = ",".join((*settings.embed_origins, origin))
    return configuration.load()


def _prepare_database(settings: Settings) -> None:
    engine = make_engine(settings.database)
    if schema.is_newer(engine):
        print(
            "The database is of a newer version of Peerdesk, which should serve it before long.", flush=True
        )
    else:
        schema.migrate(engine)
    with new_session(engine) as db:
        if not accounts.has_admin(db):
            print(f"There is no administrator yet. Create one with:\n  {FIRST_ADMIN}", flush=True)
    engine.dispose()
    host = urlsplit(settings.base_url).hostname
    if settings.is_sqlite and host not in ("127.0.0.1", "localhost", "::1"):
        print("SQLite is in use: run all processes on this one machine.", flush=True)
