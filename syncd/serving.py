"""What `serve` needs around the daemon: an address it may take, TLS, a log, signals."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from schema.errors import Busy, UsageError
from schema.safe_text import safe_text
from schema.wording import _
from syncd.address import is_loopback
from syncd.server import Daemon, log

MANY = 65_536
LOG_LINE = "%(asctime)s %(levelname)s %(message)s"


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What `serve` shows of itself; UsageError where certificate and key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            _("The certificate and key cannot be used: {why}.", why=error.strerror or str(error)),
            _("Name a PEM certificate chain with --tls-cert and its key with --tls-key."),
        ) from None
    return context


def check_bind(host: str, *, tls: bool, behind_proxy: bool) -> None:
    """UsageError for an address that others could reach without encryption."""
    if not (tls or behind_proxy or is_loopback(host)):
        raise UsageError(
            _(
                "{host} can be reached from other machines, and nothing would be encrypted.",
                host=host,
            ),
            _("Give --tls-cert and --tls-key, or --behind-proxy where TLS ends elsewhere."),
        )


async def serve_until_stopped(
    daemon: Daemon,
    host: str,
    port: int,
    tls: ssl.SSLContext | None,
    ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once with the address."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    try:
        try:
            url = await daemon.start(host, port, tls)
        except OSError as error:
            resolving = isinstance(error, socket.gaierror)
            why = error.strerror if resolving else os.strerror(error.errno or 0)
            raise Busy(
                _("{host}:{port} cannot be listened on: {why}.", host=host, port=port, why=why),
                _("Choose another --port, or end what uses it."),
            ) from None
        log.info("serving %s at %s", daemon.folder.path.absolute(), url)
        ready(url)
        await stop.wait()
        log.info("stopping")
    finally:
        await daemon.stop()


class OneLine(logging.Formatter):
    """A line an event, whatever is in it, with the machine's local time and its offset."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        return moment.isoformat(" ", "milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        return safe_text(super().format(record))


def log_to_stderr() -> None:
    """Log what happens, as one line each."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(LOG_LINE))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)


def allow_many_connections() -> None:
    """Take as many file descriptors as the system lets this process have, within reason."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY if hard == resource.RLIM_INFINITY else min(MANY, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
