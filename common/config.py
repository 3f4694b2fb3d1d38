"""Every setting of the server: from the environment, else from the settings file, else its default.

The settings file is the one that SETTINGS_FILE names, else ``.env`` in a checkout, else ``settings.env`` in the data
folder. One field is one environment variable of the same name in capitals. Each description states the unit and what
zero means; docs/settings.md is generated from them. A wrong value stops the start with one line that names it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.addresses import network_problem
from common.public_url import PublicUrl, parse_public_url

BASE_DIR = Path(__file__).resolve().parent.parent
#: Whether the server runs from a checkout, not from an installed package.
IN_CHECKOUT = (BASE_DIR / "manage.py").is_file()
#: Templates, static files, catalogues and documentation: beside the packages, or inside one where they are installed.
RESOURCES = BASE_DIR if IN_CHECKOUT else BASE_DIR / "quizserver" / "resources"


def _data_dir() -> Path:
    if IN_CHECKOUT:
        return BASE_DIR / "var"
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "quizserver"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "quizserver"


def _settings_file() -> Path:
    named = os.environ.get("SETTINGS_FILE", "")
    if named:
        return Path(named)
    return BASE_DIR / ".env" if IN_CHECKOUT else Path(os.environ.get("DATA_DIR") or _data_dir()) / "settings.env"


class Config(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_file=_settings_file(), extra="ignore", frozen=True)

    # -- Django ---------------------------------------------------------------------------------------------------
    debug: bool = Field(False, description="Django's debug mode. Never in production.")
    secret_key: str = Field(
        "",
        description="Key for sessions, cookies and player tokens, the same on every instance. Empty: a key is made "
        "once and kept in the data folder, which serves one machine only.",
    )
    allowed_hosts: str = Field(
        "",
        description="Comma-separated host names the server answers to; the one in PUBLIC_URL is one of them. "
        "`*` accepts any. Empty: localhost, and where BIND opens the server to the network the "
        "machine's own names and addresses.",
    )
    data_dir: Path = Field(
        default_factory=_data_dir,
        description="Folder for the SQLite database, the made secret key and other local state. Unset: `var` in a "
        "checkout; else `~/.local/share/quizserver` (`XDG_DATA_HOME` moves it), on macOS "
        "`~/Library/Application Support/quizserver`.",
    )
    database_url: str = Field(
        "", description="`postgres://user:password@host:port/name`. Empty: SQLite in the data folder."
    )
    redis_url: str = Field(
        "",
        description="`redis://host:port/db`, `sentinel://host:port,host:port/name`, or `redis+cluster://host:port,"
        "host:port` (some servers of a Redis or Valkey cluster). Empty: live state is kept in the process, one "
        "instance only.",
    )
    database_pool_size: int = Field(25, ge=1, description="Connections to PostgreSQL per instance, at most.")
    database_replica_url: str = Field(
        "",
        description="`postgres://` address of a read replica, asked for results over REST. Empty: the database.",
    )
    redis_timeout_seconds: float = Field(
        1.0, gt=0, description="Seconds a Redis command, or a connection to Redis, may take."
    )
    redis_shards: int = Field(
        0,
        ge=0,
        le=4096,
        description="Virtual shards that sessions are spread over in Redis, fixed for as long as it holds data; many "
        "more than a cluster will ever have servers. 0: 256 with a cluster, 1 with one Redis.",
    )
    redis_connections: int = Field(20, ge=1, description="Connections to Redis per instance for commands, at most.")
    breaker_failures: int = Field(
        5, ge=1, description="Failures of Redis in a row after which an instance goes on without it."
    )
    breaker_seconds: float = Field(
        30.0, ge=0, description="Seconds an instance goes on without Redis before it looks again. 0: looks at once."
    )
    language: str = Field("en", description="Language of pages whose visitor states no preference.")
    time_zone: str = Field("UTC", description="Time zone of the admin and of result exports.")

    # -- security -------------------------------------------------------------------------------------------------
    secure: bool = Field(
        False,
        description="Players reach the server over HTTPS alone: plain requests are redirected, cookies are for HTTPS, "
        "browsers are told to stay with it (HSTS). The proxy that ends TLS must be one of TRUSTED_PROXIES.",
    )
    hsts_seconds: int = Field(
        31_536_000,
        ge=0,
        description="Seconds for which browsers refuse plain HTTP once they saw the server, with SECURE. 0: not told.",
    )
    login_attempts: int = Field(
        5, ge=1, description="Wrong passwords for one account from one address after which it is locked for a while."
    )
    login_lockout_minutes: int = Field(15, ge=1, description="Lockout duration in minutes.")
    rate_failed_logins_per_minute: float = Field(
        20.0,
        ge=0,
        description="Wrong passwords a minute that one address may try over all accounts and all instances that share "
        "a Redis, in bursts of as many; accounts that signed in from there before are not held up. 0: no bound.",
    )
    logins_at_once: int = Field(
        2, ge=1, description="Passwords that an instance checks at a time; each takes a processor for a while."
    )
    second_factor_required: bool = Field(
        False,
        description="Whoever signs in with a password has to show a code of an app as well, and sets the app up at the "
        "next sign-in; open sessions that have shown none end. False: each account decides. Sign-in by a provider "
        "(OIDC_CLIENT_ID) is the provider's to secure.",
    )
    sign_in_log_days: float = Field(
        30.0, ge=0, description="Days after which the record of who signed in when is deleted. 0: it is kept."
    )
    oidc_client_id: str = Field(
        "", description="Client id at an OpenID Connect provider for hosts. Empty: hosts sign in with passwords only."
    )
    oidc_client_secret: str = Field("", description="Client secret that belongs to OIDC_CLIENT_ID.")
    oidc_authorization_url: str = Field("", description="The provider's authorization endpoint.")
    oidc_token_url: str = Field("", description="The provider's token endpoint.")
    oidc_user_url: str = Field("", description="The provider's userinfo endpoint.")
    oidc_jwks_url: str = Field("", description="The provider's JWKS endpoint; tokens are signed with RS256.")
    oidc_group: str = Field(
        "",
        description="Value of the `groups` claim that makes a user a host. Empty: everybody the provider signs in.",
    )

    # -- server ---------------------------------------------------------------------------------------------------
    bind: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="TCP port. 0: any free one, printed at the start.")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Comma-separated addresses or networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto "
        "are believed. `*`: any, where nobody else can reach the server.",
    )
    request_timeout_seconds: float = Field(
        30.0,
        ge=0,
        description="Seconds a client may take to send an HTTP request or a WebSocket handshake. 0: no bound.",
    )
    http_max_header_bytes: int = Field(
        32_768,
        ge=4_096,
        description="Bytes of the largest head of an HTTP request; a larger one is answered with 431.",
    )
    http_max_headers: int = Field(
        100, ge=20, description="Header fields of an HTTP request, at most; one with more is answered with 431."
    )
    max_slow_requests: int = Field(
        400,
        ge=0,
        description="HTTP requests and handshakes that may be on their way to an instance for longer than a second; "
        "beyond it the slowest is closed as another connection comes. 0: no bound.",
    )
    public_url: str = Field(
        "",
        description="Address visitors reach the server at, such as `https://quiz.example.org`, shown as link and QR; "
        "with a path, such as `https://school.example/quiz`, where the server lives below one. Needed behind a proxy "
        "that changes the Host header or hides the port. Empty: the address of the request.",
    )
    operator_api_key: str = Field(
        "", description="An API key for operators, valid besides those made in the admin. Empty: none."
    )
    drain_seconds: float = Field(
        10.0,
        ge=0,
        description="Seconds over which clients are told to reconnect after SIGTERM. 0: close at once.",
    )

    # -- sessions -------------------------------------------------------------------------------------------------
    max_session_seconds: int = Field(
        7200, ge=0, description="Seconds after its start at which a session ends by itself. 0: never."
    )
    lobby_seconds: int = Field(
        86_400,
        ge=0,
        description="Seconds a session may wait for its start before it ends by itself. 0: for ever.",
    )
    network_allowance_ms: int = Field(
        1000,
        ge=0,
        description="Milliseconds by which a client's own time may lower the server's. 0: clients are not asked.",
    )
    presence_grace_ms: int = Field(
        3000,
        ge=0,
        description="Milliseconds a player may be gone (a refresh, a change of network) before the others are told. "
        "0: they are told at once.",
    )
    personal_data_hours: float = Field(
        24.0,
        ge=0,
        description="Hours after the end of a session at which the names and ids of its players are replaced by "
        "pseudonyms; results stay. 0: they are kept.",
    )
    practice_kept_days: float = Field(
        180.0,
        ge=0,
        description="Days after its last use at which what a player practises at home is deleted. 0: it is kept until "
        "its session, its player or the pupil is.",
    )
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL",
        description="SQLite's synchronous mode. FULL keeps acknowledged answers through a power cut; NORMAL keeps them "
        "through the death of the process only.",
    )

    # -- WebSocket ------------------------------------------------------------------------------------------------
    ws_max_message_bytes: int = Field(
        10_240,
        ge=1024,
        description="Bytes of the largest message a client may send; a larger one closes with 1009.",
    )
    ws_require_origin: bool = Field(
        False, description="Refuse WebSocket clients that send no Origin header (bots, native apps)."
    )
    ws_outbox_bytes: int = Field(
        1_048_576,
        ge=0,
        description="Bytes that may wait in one socket's send buffer before it is closed as a slow consumer (4008). "
        "0: no bound.",
    )
    host_check_seconds: float = Field(
        10.0,
        gt=0,
        description="Seconds between two looks whether the host of an open connection is still signed in.",
    )
    ws_frames_per_second: int = Field(
        300,
        ge=0,
        description="WebSocket frames of any kind that one connection may send in a second, pings, pongs and fragments "
        "too; the next one closes it with 4029. More than RATE_MESSAGES_PER_SECOND, which is told first. 0: no bound.",
    )
    ws_ping_seconds: float = Field(
        25.0, ge=0, description="Seconds between the server's keep-alive pings (uvicorn). 0: none are sent."
    )
    max_connections: int = Field(
        10_000,
        ge=0,
        description="WebSocket connections per instance; the next gets 1013. Fewer where the system lets the process "
        "open too few files (`ulimit -n`), 500 of which are kept for other things. 0: as many as there are files for.",
    )
    rate_messages_per_second: float = Field(
        100.0,
        ge=0,
        description="Messages a second one player may send, over all their connections to an instance, in bursts of as "
        "many; before joining, one connection. 0: no bound.",
    )
    rate_answers_per_second: float = Field(
        10.0,
        ge=0,
        description="Answers a second one player may send, over all their connections to an instance, in bursts of as "
        "many. 0: no bound.",
    )
    rate_boards_per_second: float = Field(
        10.0,
        ge=0,
        description="GET_LEADERBOARD messages a second one player may send, as for answers: a page of the ranking "
        "costs the server several times as much as any other answer. 0: no bound.",
    )
    rate_joins_per_minute: float = Field(
        5.0,
        ge=0,
        description="JOIN_SESSION messages a minute from one user, over all instances that share a Redis, in bursts of "
        "as many; those that resume with a token are not counted. 0: no bound.",
    )
    rate_lookups_per_minute: float = Field(
        60.0,
        ge=0,
        description="Unknown session ids and join codes a minute that one address may try, over all instances that "
        "share a Redis, in bursts of as many; those that exist are not counted. Place codes count apart. 0: no bound.",
    )
    rate_failed_keys_per_minute: float = Field(
        30.0,
        ge=0,
        description="Wrong API keys a minute that one address may try, over all instances that share a Redis, in "
        "bursts of as many. 0: no bound.",
    )
    rate_practice_per_minute: float = Field(
        120.0,
        ge=0,
        description="Requests a minute for what one player practises at home, to an instance, in bursts of as many. "
        "0: no bound.",
    )
    rate_practice_requests_per_minute: float = Field(
        2_000.0,
        ge=0,
        description="Requests a minute from one address for what is practised at home, to an instance, in bursts of "
        "as many; a school may have one address. 0: no bound.",
    )
    rate_violations: int = Field(
        100,
        ge=0,
        description="RATE_LIMITED errors in ten seconds after which the connection is closed with 4029. 0: never.",
    )

    # -- leaderboard ----------------------------------------------------------------------------------------------
    leaderboard_window_ms: int = Field(
        100,
        ge=0,
        description="Milliseconds over which leaderboard changes are gathered. 0: every change is sent.",
    )
    leaderboard_size: int = Field(100, ge=1, le=1000, description="Entries of the leaderboard that is broadcast.")
    leaderboard_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of the process's time that sending the leaderboards of all sessions may take; the windows "
        "widen to keep it. 0: they never widen.",
    )
    volatile_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the process's time that sending presence, progress and heartbeats may take for all "
        "sessions, and that counting answers may; they wait and merge to keep it. 0: they never wait.",
    )
    presence_window_ms: int = Field(
        100,
        ge=0,
        description="Milliseconds over which joins and leaves are gathered. 0: each is sent at once.",
    )
    progress_window_ms: int = Field(
        250,
        ge=0,
        description="Milliseconds over which answers are counted for ANSWERS_PROGRESS. 0: each is sent.",
    )
    heartbeat_seconds: float = Field(
        5.0, ge=0, description="Seconds between a session's broadcast heartbeats. 0: none are sent."
    )

    # -- observing ------------------------------------------------------------------------------------------------
    otel_exporter_otlp_endpoint: str = Field(
        "",
        description="OpenTelemetry collector that takes traces over HTTP, such as `http://localhost:4318`. Empty: no "
        "traces, and no cost.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO",
        description="Lowest level that is logged. DEBUG adds a line per message and per health check.",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="How log lines look. `auto`: text on a terminal, JSON elsewhere."
    )
    log_lines_per_minute: int = Field(
        120,
        ge=0,
        description="Log lines of one kind per minute, from WARNING on; one that passes says how many before it did "
        "not. 0: no bound.",
    )
    health_timeout_seconds: float = Field(
        2.0, gt=0, description="Seconds after which a health check that does not answer counts as failed."
    )
    memory_ready_ratio: float = Field(
        0.9,
        ge=0,
        le=1,
        description="Share of the machine's or container's memory in use above which the instance is not ready. "
        "0: no bound.",
    )
    metrics_seconds: float = Field(
        5.0, gt=0, description="Seconds between two readings of the gauges that /metrics shows."
    )

    # -- answers --------------------------------------------------------------------------------------------------
    write_behind_ms: int = Field(
        500,
        ge=0,
        description="With Redis: milliseconds for which acknowledged joins and answers are gathered before they are "
        "written to the database. 0: they are written at once.",
    )
    write_behind_rows: int = Field(
        1_000, ge=1, description="With Redis: rows that are written without waiting for more."
    )
    takeover_seconds: float = Field(
        5.0,
        gt=0,
        description="Seconds after which records in a Redis stream are taken for those of a dead instance.",
    )
    server_silence_seconds: float = Field(
        15.0,
        gt=0,
        description="Seconds of silence after which an instance counts as dead and its players as disconnected.",
    )
    answer_batch_size: int = Field(
        500, ge=1, le=2_000, description="Answers of one session that are stored in one batch."
    )

    # -- content --------------------------------------------------------------------------------------------------
    import_max_bytes: int = Field(
        20_971_520, ge=0, description="Bytes of the largest file that may be imported. 0: no bound."
    )
    import_seconds: float = Field(
        20.0,
        ge=0,
        description="Seconds that reading an imported file or a recording may take; it is read in a process of its "
        "own. 0: in the server's own, without bounds.",
    )
    import_memory_bytes: int = Field(
        1_073_741_824,
        ge=0,
        description="Bytes of memory that the process which reads a file or a recording may take. 0: no bound.",
    )
    image_max_bytes: int = Field(
        10_485_760,
        ge=0,
        description="Bytes of the largest image that may be sent. It is stored smaller: as WebP of at most 1,280 "
        "pixels a side. 0: no bound.",
    )

    sound_max_bytes: int = Field(
        10_485_760,
        ge=0,
        description="Bytes of the largest recording that may be sent. It is stored smaller: as MP3, mono, of at most "
        "30 seconds. 0: no bound.",
    )

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        return str(parse_public_url(value)) if value.strip() else ""

    @field_validator("trusted_proxies")
    @classmethod
    def _trusted_proxies(cls, value: str) -> str:
        for proxy in value.split(","):
            problem = network_problem(proxy.strip())
            if problem:
                raise ValueError(problem)
        return value

    @property
    def public(self) -> PublicUrl | None:
        """What PUBLIC_URL says, or ``None`` where it says nothing."""
        return parse_public_url(self.public_url) if self.public_url else None

    @property
    def base_path(self) -> str:
        """The path below which the server lives: empty, or with a slash in front and none at its end."""
        return self.public.path if self.public else ""


def load_config() -> Config:
    """Read the settings.

    :raises SystemExit: with one line per wrong variable.
    """
    named = os.environ.get("SETTINGS_FILE", "")
    if named and not Path(named).is_file():
        raise SystemExit(f"The settings are wrong. SETTINGS_FILE: there is no file {named}")
    try:
        return Config()
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        raise SystemExit("The settings are wrong. " + "; ".join(lines)) from None


CONFIG = load_config()
