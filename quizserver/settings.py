"""Django's settings, derived from :mod:`common.config`; nothing here is read from the environment directly."""

from __future__ import annotations

import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from common.addresses import own_hosts
from common.config import CONFIG, RESOURCES
from common.files import write_whole
from common.redis import check_url, is_cluster, layer_host
from quizserver import admin_site
from quizserver.content_policy import STRICT
from quizserver.logs import logging_settings
from quizserver.static_files import storage_backend

#: Random bytes of a key that is made here, and the fewest characters of one that can be whole.
_SECRET_BYTES = 64
_SECRET_LEAST = 32


def _secret_key() -> str:
    if CONFIG.secret_key:
        return CONFIG.secret_key
    path = CONFIG.data_dir / "secret_key"
    CONFIG.data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Another process may make it at the same time: the first one counts.
        write_whole(path, secrets.token_urlsafe(_SECRET_BYTES).encode(), replace=False)
    try:
        key = path.read_text().strip()
    except UnicodeDecodeError:
        key = ""
    if len(key) < _SECRET_LEAST or not key.isprintable():
        raise SystemExit(
            f"{path} is damaged: it has to hold a key of at least {_SECRET_LEAST} characters. Put it back from a "
            "backup. Or delete it, and a new one is made: then players have to join again, and hosts to sign in again."
        )
    return key


def _database(url: str, variable: str = "DATABASE_URL") -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django_prometheus.db.backends.sqlite3",
            "NAME": CONFIG.data_dir / "quiz.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # Eight times the default pages before they are copied from the log into the file: a page that is
                # written by one commit after the other is copied once.
                "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={CONFIG.sqlite_synchronous}; "
                # What was deleted is overwritten: the names of a class are to be gone from the file, too.
                "PRAGMA wal_autocheckpoint=8000; PRAGMA secure_delete=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit(f"The settings are wrong. {variable}: unknown scheme {parts.scheme!r}; use postgres://")
    try:
        port = str(parts.port or "")
    except ValueError as error:
        raise SystemExit(f"The settings are wrong. {variable}: {error}") from None
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": port,
        # Under ASGI persistent connections would stay with threads that end; the pool keeps them instead.
        "CONN_MAX_AGE": 0,
        # A connection that died with a restart of PostgreSQL is found before it is used.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": "3",
            "pool": {"min_size": 1, "max_size": CONFIG.database_pool_size, "timeout": 3},
            **query,
        },
    }


SECRET_KEY = _secret_key()
DEBUG = CONFIG.debug
ALLOWED_HOSTS = [host.strip() for host in CONFIG.allowed_hosts.split(",") if host.strip()] or own_hosts(CONFIG.bind)
if CONFIG.public and CONFIG.public.origin.host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(CONFIG.public.origin.host)

INSTALLED_APPS = [
    # Makes runserver serve ASGI; loading it costs 20 MB that a serving process has better uses for.
    *(["daphne"] if "runserver" in sys.argv else []),
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_prometheus",
    "rest_framework",
    "rest_framework_api_key",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "quizzes.apps.QuizzesConfig",
    "scoring.apps.ScoringConfig",
    "leaderboards.apps.LeaderboardsConfig",
    "classes.apps.ClassesConfig",
    "sessions.apps.SessionsConfig",
    "practice.apps.PracticeConfig",
    # Last: it gives the accounts and API keys of the apps above the look of the other admin pages.
    "quizserver.apps.QuizserverConfig",
]

MIDDLEWARE = [
    "quizserver.middleware.RequestMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "quizserver.content_policy.ContentPolicyMiddleware",
    "quizserver.content_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "quizserver.public_address.OwnPagesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "quizserver.api_keys.OnePrincipalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
if CONFIG.oidc_client_id:
    INSTALLED_APPS.append("mozilla_django_oidc")

ROOT_URLCONF = "quizserver.urls"
ASGI_APPLICATION = "quizserver.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [RESOURCES / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"scripts": "common.page_scripts"},
        },
    }
]

DATABASES = {"default": _database(CONFIG.database_url)}
if not CONFIG.database_url:
    # The runtime's threads need a file; SQLite's in-memory test database belongs to one connection.
    DATABASES["default"]["TEST"] = {"NAME": str(CONFIG.data_dir / "test.sqlite3")}
if CONFIG.database_replica_url:
    DATABASES["replica"] = {
        **_database(CONFIG.database_replica_url, "DATABASE_REPLICA_URL"),
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["common.database.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "quizserver.second_factor.CodeBackend",
    *(["quizserver.oidc.HostBackend"] if CONFIG.oidc_client_id else []),
]
# How long an invitation works, in seconds: a week, since teachers do not read their mail on holidays.
PASSWORD_RESET_TIMEOUT = 7 * 86_400
AXES_FAILURE_LIMIT = CONFIG.login_attempts
AXES_COOLOFF_TIME = timedelta(minutes=CONFIG.login_lockout_minutes)
# The account from one address: nobody can lock a host out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "quizserver.middleware.counted_address"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["code"]
SECOND_FACTOR_REQUIRED = CONFIG.second_factor_required
# What the app on the phone calls the account.
OTP_TOTP_ISSUER = CONFIG.public.origin.host if CONFIG.public else "Quiz server"
SESSION_ENGINE = "quizserver.host_sessions"

OIDC_RP_CLIENT_ID = CONFIG.oidc_client_id
OIDC_RP_CLIENT_SECRET = CONFIG.oidc_client_secret
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid email profile groups" if CONFIG.oidc_group else "openid email profile"
OIDC_OP_AUTHORIZATION_ENDPOINT = CONFIG.oidc_authorization_url
OIDC_OP_TOKEN_ENDPOINT = CONFIG.oidc_token_url
OIDC_OP_USER_ENDPOINT = CONFIG.oidc_user_url
OIDC_OP_JWKS_ENDPOINT = CONFIG.oidc_jwks_url
OIDC_TIMEOUT = 10
LOGIN_REDIRECT_URL = "admin:index"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

if CONFIG.redis_url:
    check_url(CONFIG.redis_url)
_REDIS_LAYER: dict[str, Any] = (
    {
        "BACKEND": "sessions.fanout.sharded_layer.ShardedPubSubLayer",
        "CONFIG": {"url": CONFIG.redis_url, "timeout": CONFIG.redis_timeout_seconds, "shards": CONFIG.redis_shards},
    }
    if is_cluster(CONFIG.redis_url)
    else {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [layer_host(CONFIG.redis_url)], "prefix": "quiz"},
    }
)
CHANNEL_LAYERS: dict[str, Any] = (
    {"default": _REDIS_LAYER}
    if CONFIG.redis_url
    # The in-process layer drops above its capacity; the hub is its only reader and empties it in one go.
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000}}}
)

LANGUAGE_CODE = CONFIG.language
LANGUAGES = [
    ("en", _("English")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("de", _("German")),
    ("pt-br", _("Brazilian Portuguese")),
    ("vi", _("Vietnamese")),
    ("ja", _("Japanese")),
    ("ar", _("Arabic")),
]
# Compiled there from locale/ by `manage.py prepare`.
LOCALE_PATHS = [CONFIG.data_dir / "locale"]
TIME_ZONE = CONFIG.time_zone
USE_I18N = True
USE_TZ = True

LOGGING = logging_settings(CONFIG.log_level, CONFIG.log_format, CONFIG.log_lines_per_minute)

UNFOLD = admin_site.UNFOLD

OPERATOR_API_KEY = CONFIG.operator_api_key
IMPORT_MAX_BYTES = CONFIG.import_max_bytes
IMAGE_MAX_BYTES = CONFIG.image_max_bytes
SOUND_MAX_BYTES = CONFIG.sound_max_bytes

STATIC_URL = f"{CONFIG.base_path}/static/"
STATIC_ROOT = CONFIG.data_dir / "static"
STATICFILES_DIRS: list[Path] = [RESOURCES / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": storage_backend(debug=DEBUG),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "quizserver.api_keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["quizserver.api_keys.MayUse"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.rest.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "common.rest.Pages",
    "EXCEPTION_HANDLER": "common.rest.problem_details",
    "PAGE_SIZE": 50,
    # "?format=" names the format of a file that is imported or exported.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Quiz server",
    "DESCRIPTION": "Operators drive live sessions and keep quizzes. The players' WebSocket is in docs/protocol.md.",
    "VERSION": "1",
    "TAGS": [
        {"name": "sessions", "description": "Open sessions, run them, look at players, ranking and results."},
        {"name": "quizzes", "description": "Write, import and export quizzes."},
        {"name": "classes", "description": "Keep classes, print cards, and see how surely words are known."},
        {"name": "practice", "description": "Practise the words of a session at home, without an account."},
        {"name": "people", "description": "Export and delete what is kept of one person."},
        {"name": "wordlists", "description": "Keep word lists, and make quizzes of them."},
        {"name": "images", "description": "Store images that questions and words show."},
        {"name": "sounds", "description": "Store recordings that questions play."},
    ],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "Practice": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Practice TOKEN`, of a deck",
            }
        }
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "quizserver.openapi.problems",
    ],
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]",
    "ENUM_NAME_OVERRIDES": {
        "SessionStatusEnum": "sessions.rest.serializers.STATUSES",
        "PlayerStatusEnum": "sessions.rest.serializers.PLAYER_STATES",
    },
}

CSRF_TRUSTED_ORIGINS = [str(CONFIG.public.origin)] if CONFIG.public else []
CSRF_FAILURE_VIEW = "quizserver.refused.csrf_failure"
# The forms carry the token themselves; a script of another port of this host must not read it.
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{CONFIG.base_path}/"
FORCE_SCRIPT_NAME = CONFIG.base_path or None
# A question is about 17 form fields in the admin, and a quiz may have 500.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
CONTENT_SECURITY_POLICY = STRICT
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.secure
# Load balancers and Prometheus ask from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)", r"^metrics$"]
SECURE_HSTS_SECONDS = CONFIG.hsts_seconds if CONFIG.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = CONFIG.secure
SECURE_REFERRER_POLICY = "same-origin"
LOGIN_URL = "admin:login"
