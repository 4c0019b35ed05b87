"""Paths, applications, database, security headers, templates, languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from matteweb.settings import env

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = env.folder("MATTEWEB_DATA", BASE_DIR / "data")


def _version() -> str:
    """Return the newest version named in CHANGELOG.md, so that it is written in one place."""
    found = re.search(r"^## (\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
    return found.group(1) if found else "0.0.0"


VERSION = _version()

DEBUG = env.boolean("MATTEWEB_DEBUG", False)
SECRET_KEY = env.secret_file(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.words("MATTEWEB_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("MATTEWEB_ORIGINS", [])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "django_q",
    "django_htmx",
    "csp",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "matteweb.accounts",
    "matteweb.jobs",
    "datasets_app",
    "inference_app",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "matteweb.accounts.middleware.PageErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "matteweb.urls"
ASGI_APPLICATION = "matteweb.asgi.application"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "matteweb.accounts.context.shell",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "db.sqlite3",
        # IMMEDIATE takes the write lock when a transaction begins: with the default a reader that
        # turns into a writer fails at once with "database is locked", whatever the timeout.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # On disk, since the tests start real workers and servers beside the test process.
        "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "projects"
LOGOUT_REDIRECT_URL = "login"
# The page that a project opens on; accounts know no application, so it is named here.
PROJECT_HOME = "library"
CSRF_FAILURE_VIEW = "matteweb.accounts.error_pages.csrf_failed"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "matteweb.accounts.lockout.locked_out"
# Otherwise whoever keeps guessing keeps the right person out as well.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False

HTTPS_ONLY = env.boolean("MATTEWEB_HTTPS_ONLY", False)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "matteweb.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "matteweb.accounts.json_body.JsonBody",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "matteweb.accounts.api_errors.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MatteWeb",
    "DESCRIPTION": (
        "From uploaded footage to a reviewed, downloadable bundle. Files come in by tus 1.0 at "
        "`/api/projects/{project}/uploads/`. They come out by range at "
        "`/api/projects/{project}/files/{kind}/{id}/{what}` and, of a frozen bundle, at "
        "`/api/projects/{project}/bundles/{name}/` followed by `manifest`, `files/{path}` or "
        "`zip`; of an image set at `pictures/{id}/picture` and `mask`, of an export at "
        "`exports/{id}/zip`. The schema of a manifest is at `/api/schema/manifest.json`."
    ),
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "JobState": "matteweb.jobs.states.JobState",
        "IngestState": "datasets_app.models.video.IngestState",
        "SampleState": "datasets_app.models.sample.SampleState",
        "BundleState": "datasets_app.models.bundle.BundleState",
        "RunState": "inference_app.models.model_run.RunState",
        "HardState": "inference_app.models.hard_example.HardState",
        "MaskKind": "datasets_app.models.mask.MaskKind",
        "AssetKind": "datasets_app.models.asset.Asset.Kind",
        "LabelRole": "datasets_app.api.annotations.LABEL_ROLES",
        "RoleEnum": "matteweb.accounts.models.Role",
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Hashed file names break ES modules; the version in the prefix gives immutable caching instead.
STATIC_URL = f"/static/{VERSION}/"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000
