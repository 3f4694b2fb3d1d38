"""What the server refuses to start with. Pure; ``serve`` and the ASGI application ask before anything else."""

from __future__ import annotations

import fcntl
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from common.config import Config

#: Django's own bounds for a key (its check security.W009).
_KEY_LENGTH = 50
_KEY_CHARACTERS = 5


class Unsafe(Exception):
    """The settings must not be used like this."""


def refusals(config: Config, environment: Mapping[str, str]) -> list[str]:
    """Why the server must not start, a sentence each; empty when it may."""
    reasons = []
    reachable = not _loopback(config.bind)
    if config.debug and (reachable or config.secure):
        reasons.append("DEBUG shows the code and settings to visitors; it is for BIND=127.0.0.1 without SECURE only.")
    key = config.secret_key
    if key and (len(key) < _KEY_LENGTH or len(set(key)) < _KEY_CHARACTERS or key.startswith("django-insecure-")):
        reasons.append(f"SECRET_KEY must have at least {_KEY_LENGTH} characters and be random.")
    if not key and config.secure and config.redis_url:
        reasons.append("SECRET_KEY must be set, the same on every instance, when REDIS_URL is.")
    if config.operator_api_key and config.secure and len(config.operator_api_key) < 20:
        reasons.append("OPERATOR_API_KEY must have at least 20 characters.")
    if config.secure and "*" in config.allowed_hosts.split(","):
        reasons.append("ALLOWED_HOSTS must name the hosts, not `*`: origins and links are checked against it.")
    workers = environment.get("WEB_CONCURRENCY", "1")
    if not config.redis_url and workers.isdecimal() and int(workers) > 1:
        reasons.append("Several workers need REDIS_URL: without it each would keep live sessions to itself.")
    return reasons


def require_safe(config: Config, environment: Mapping[str, str]) -> None:
    """Refuse unsafe settings.

    :raises Unsafe: with all reasons.
    """
    reasons = refusals(config, environment)
    if reasons:
        raise Unsafe("The server does not start. " + " ".join(reasons))


def claim_data(config: Config) -> IO[str] | None:
    """Take the data folder for this process, where live sessions are kept in the process. Keep what it returns open.

    :raises Unsafe: when another process has it: two would each keep live sessions to themselves.
    """
    if config.redis_url:
        return None
    config.data_dir.mkdir(parents=True, exist_ok=True)
    lock = Path(config.data_dir / "server.lock").open("w")  # noqa: SIM115 - held for as long as the process runs
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Unsafe(
            f"Another server process uses {config.data_dir}. Several processes need REDIS_URL: without it each would "
            "keep live sessions to itself."
        ) from None
    return lock


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
