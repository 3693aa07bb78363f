"""The only reader of the environment: turns its variables into settings, and names what is wrong with them.

Knows no model and no view. `settings()` gives what `create_app` takes; `problems()` what it refuses to start with.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url

ROOT = Path(__file__).resolve().parent

# name, default, what it is. The README's list is this table; a default of None is explained in the line.
VARIABLES: tuple[tuple[str, str | None, str], ...] = (
    ("DATABASE_URL", None, "`postgresql://…` or `sqlite:///…`; by default `kewu.db` in INSTANCE_DIR"),
    ("INSTANCE_DIR", "instance", "folder of all that belongs to this installation; relative to the project"),
    ("EXPORT_DIR", None, "monthly workbooks and other exports kept on disk; `exports` in INSTANCE_DIR"),
    ("UPLOAD_DIR", None, "attachments; `attachments` in INSTANCE_DIR"),
    ("BACKUP_DIR", None, "backups, better on another disk; `backups` in INSTANCE_DIR"),
    ("SECRET_KEY", None, "signs cookies, ≥ 32 characters; else the file `secret_key` in INSTANCE_DIR"),
    ("ADMIN_PASSWORD", "", "password of the first administrator; else a random one, printed once"),
    ("HOST", "127.0.0.1", "address to listen on; 0.0.0.0 for all"),
    ("PORT", "8080", "port to listen on"),
    ("PUBLIC_URL", None, "address that staff open, used in links and QR codes; `http://HOST:PORT`"),
    ("TRUSTED_HOSTS", "", "host names to answer to, by comma, besides those of PUBLIC_URL and HOST"),
    ("TLS", "no", "yes when served under https: secure cookies and HSTS"),
    ("PROXY_COUNT", "0", "reverse proxies in front whose X-Forwarded headers are believed"),
    ("WORKERS", "2", "server processes"),
    ("THREADS", "8", "threads of each server process"),
    ("JOB_THREADS", "2", "long jobs at a time, beside the server with the clock; 0: `run.py work` does both"),
    ("MAX_UPLOAD_MB", "50", "largest upload: one workbook, or the photos of one form"),
    ("PASSWORD_CLASSIFIED", "no", "yes: passwords as 等保 has them, ≥ 8 of 3 classes, 90 days, not reused"),
    ("SESSION_IDLE_MINUTES", "30", "a session ends after so many minutes without a request"),
    ("SESSION_HOURS", "12", "a session ends after so many hours"),
    ("SMTP_HOST", "", "server that sends the notices' e-mails; empty: none are sent"),
    ("SMTP_PORT", "25", "its port; 587 with starttls and 465 with tls as a rule"),
    ("SMTP_SECURITY", "none", "none, starttls or tls"),
    ("SMTP_USER", "", "name to sign in with there; empty: without"),
    ("SMTP_PASSWORD", "", "password to sign in with there"),
    ("SMTP_FROM", "", "sender of the e-mails; by default kewu@ the host of PUBLIC_URL"),
    ("FLASK_DEBUG", "no", "must stay off: the debugger runs what a visitor types, so start-up refuses it"),
)
# Read by the tests alone.
TEST_VARIABLES: tuple[tuple[str, str | None, str], ...] = (
    ("TEST_DATABASE_URL", "", "a PostgreSQL server on which the tests may make and drop databases"),
    ("CI", "", "set by a build server: PostgreSQL and Chromium must then be there"),
)

FOLDERS = {"EXPORT_DIR": "exports", "UPLOAD_DIR": "attachments", "BACKUP_DIR": "backups"}
TRUE = {"1", "yes", "true", "on"}
SAMPLE_KEYS = ("change", "secret", "sample", "example", "password", "thisismy")  # none arises by chance
SHORTEST_KEY = 32
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Config(dict):
    """Settings as Flask takes them, made from one reading of the environment."""

    def __init__(self, environ: Mapping[str, str]):
        super().__init__()
        self._given = {name: environ.get(name) or default for name, default, _ in VARIABLES}
        self._folders()
        self._addresses()
        self._database()
        self.update(
            SECRET_KEY=self._given["SECRET_KEY"] or read_secret_key(self["INSTANCE_DIR"]),
            ADMIN_PASSWORD=self._given["ADMIN_PASSWORD"],
            WORKERS=self._number("WORKERS"),
            THREADS=self._number("THREADS"),
            JOB_THREADS=self._number("JOB_THREADS"),
            DEBUG=self._flag("FLASK_DEBUG"),
            PASSWORD_CLASSIFIED=self._flag("PASSWORD_CLASSIFIED"),
            MAX_CONTENT_LENGTH=self._number("MAX_UPLOAD_MB") * 1024 * 1024,
        )
        self._sessions()
        self._mail()
        self.update(FIXED)

    def _flag(self, name: str) -> bool:
        return self._given[name].strip().lower() in TRUE

    def _number(self, name: str) -> int:
        try:
            number = int(self._given[name])
        except ValueError:
            raise SystemExit(f"{name} 应为整数 · must be a whole number: {self._given[name]}") from None
        if number < 0:
            raise SystemExit(f"{name} 不能为负数 · must not be negative: {number}")
        return number

    def _folders(self) -> None:
        instance = ROOT / self._given["INSTANCE_DIR"]  # an absolute one stays as it is
        self["INSTANCE_DIR"] = str(instance)
        for name, below in FOLDERS.items():
            self[name] = str(ROOT / self._given[name]) if self._given[name] else str(instance / below)
        self["UPLOAD_FOLDER"] = self["UPLOAD_DIR"]  # Flask-AppBuilder's name for it

    def _database(self) -> None:
        """URI and engine options. A relative SQLite path is taken from the project's folder, not Flask's."""
        default = URL.create("sqlite", database=str(Path(self["INSTANCE_DIR"]) / "kewu.db"))
        url = make_url(self._given["DATABASE_URL"] or default)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
            url = url.set(database=(ROOT / url.database).as_posix())
        options = _POSTGRESQL if url.get_backend_name() == "postgresql" else _SQLITE
        threads = self._number("THREADS")  # a connection for each, and as many again for exports that stream
        self["DATABASE_URL"] = self["SQLALCHEMY_DATABASE_URI"] = url.render_as_string(hide_password=False)
        self["SQLALCHEMY_ENGINE_OPTIONS"] = {
            **options,
            "connect_args": dict(options["connect_args"]),
            "pool_size": threads,
            "max_overflow": threads,
        }

    def _addresses(self) -> None:
        host, port = self._given["HOST"], self._number("PORT")
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
        tls = self._flag("TLS")
        public = self._given["PUBLIC_URL"] or f"{'https' if tls else 'http'}://{shown}:{port}"
        named = [name.strip() for name in self._given["TRUSTED_HOSTS"].split(",") if name.strip()]
        public_host = urlsplit(public).netloc.rpartition("@")[2]
        trusted = list(dict.fromkeys([*LOOPBACK, shown, _without_port(public_host), *named]))
        self.update(
            HOST=host,
            PORT=port,
            PUBLIC_URL=public.rstrip("/"),
            TRUSTED_HOSTS=trusted,
            FAB_SAFE_REDIRECT_HOSTS=list(dict.fromkeys([*trusted, public_host])),
            TLS=tls,
            PREFERRED_URL_SCHEME="https" if tls else "http",
            PROXY_COUNT=self._number("PROXY_COUNT"),
        )

    def _mail(self) -> None:
        security = self._given["SMTP_SECURITY"].strip().lower()
        if security not in ("none", "starttls", "tls"):
            raise SystemExit(f"SMTP_SECURITY 应为 none、starttls 或 tls · must be one of them: {security}")
        self.update(SMTP_PORT=self._number("SMTP_PORT"), SMTP_SECURITY=security)
        for name in ("SMTP_HOST", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM"):
            self[name] = self._given[name].strip()

    def _sessions(self) -> None:
        hours = timedelta(hours=self._number("SESSION_HOURS"))
        self.update(
            SESSION_IDLE_MINUTES=self._number("SESSION_IDLE_MINUTES"),
            SESSION_HOURS=self._number("SESSION_HOURS"),
            PERMANENT_SESSION_LIFETIME=hours,
            # the prefix makes browsers refuse a cookie of that name set without TLS or by a sibling host
            SESSION_COOKIE_NAME="__Host-kewu" if self["TLS"] else "kewu",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_SECURE=self["TLS"],
        )


# What no installation changes; the reasons are in the specification's measurements of Flask-AppBuilder.
FIXED = {
    "APP_NAME": "物业客务部",
    "APP_NAME_EN": "Customer Service",
    "APP_THEME": "",  # the themes import fonts from the internet
    "AUTH_TYPE": 1,  # accounts in our database
    "AUTH_ROLE_ADMIN": "Admin",
    "AUTH_ROLE_PUBLIC": "Public",
    "AUTH_USER_REGISTRATION": False,
    "FAB_CREATE_DB": False,  # Alembic alone makes tables
    "FAB_UPDATE_PERMS": False,  # permissions are written by `migrate`, once, not raced for by every worker
    "FAB_API_MAX_PAGE_SIZE": 100,
    "FAB_API_SWAGGER_UI": False,  # inline scripts, which the CSP refuses
    "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
    "RATELIMIT_ENABLED": False,  # sign-in limits are ours, kept in the database: one count for all workers
    "WTF_CSRF_ENABLED": True,
    "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch is not lost
    "BABEL_DEFAULT_LOCALE": "zh",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "LANGUAGES": {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "gb", "name": "English"}},
    "MAX_FORM_MEMORY_SIZE": 2_000_000,  # bytes of all text fields of one form
    "MAX_FORM_PARTS": 1_000,
    "SEND_FILE_MAX_AGE_DEFAULT": 3600,  # seconds a browser may keep a static file
    "SQLALCHEMY_TRACK_MODIFICATIONS": False,
    "BOOTSTRAP_SERVE_LOCAL": True,
}


def settings(environ: Mapping[str, str] = os.environ) -> dict:
    """All settings of the app, from the environment variables in VARIABLES. Reads files, writes none."""
    return Config(environ)


def test_settings(environ: Mapping[str, str] = os.environ) -> dict:
    """What the tests are told by the environment: TEST_DATABASE_URL, and CI as a truth value."""
    return {"TEST_DATABASE_URL": environ.get("TEST_DATABASE_URL", ""), "CI": bool(environ.get("CI"))}


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a process that we start: this one's, with changes."""
    return {**os.environ, **changes}


test_settings.__test__ = False  # the name is not a test's


def problems(given: Mapping) -> list[str]:
    """Why the app must not start with these settings; empty when it may. Chinese and English, one line each."""
    key = given.get("SECRET_KEY") or ""
    key = key.decode("latin-1") if isinstance(key, bytes) else key
    cookie_in_clear = given.get("TLS") and not given.get("SESSION_COOKIE_SECURE")
    found = (
        (not key, "缺少 SECRET_KEY，请先运行 run.py · no SECRET_KEY: run.py makes one"),
        (0 < len(key) < SHORTEST_KEY, "SECRET_KEY 少于 32 个字符 · SECRET_KEY is shorter than 32 characters"),
        (_looks_like_sample(key), "SECRET_KEY 是示例值 · SECRET_KEY is a sample"),
        (bool(given.get("DEBUG")), "不得开启调试模式 · debug mode must be off"),
        (given.get("WTF_CSRF_ENABLED") is not True, "CSRF 防护被关闭 · CSRF protection is off"),
        (given.get("WTF_CSRF_CHECK_DEFAULT", True) is not True, "CSRF 未作检查 · CSRF is not checked"),
        (bool(given.get("FAB_ALLOW_GET_UNSAFE_MUTATIONS")), "GET 请求可修改数据 · GET may change rows"),
        (cookie_in_clear, "Cookie 未限 https · cookies lack Secure"),
    )
    return [line for is_wrong, line in found if is_wrong]


def make_secret_key(instance: str | Path) -> Path:
    """Write a random key to `secret_key` in the instance folder, mode 600, unless there is one already."""
    path = Path(instance) / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path


def read_secret_key(instance: str | Path) -> str | None:
    try:
        return (Path(instance) / "secret_key").read_text().strip() or None
    except FileNotFoundError:
        return None


def _looks_like_sample(key: str) -> bool:
    plain = key.lower().replace("-", "").replace("_", "").replace(" ", "")
    return bool(key) and (any(word in plain for word in SAMPLE_KEYS) or len(set(key)) < 8)


def _without_port(netloc: str) -> str:
    return netloc if netloc.endswith("]") else netloc.rpartition(":")[0] or netloc


_POSTGRESQL = {
    "pool_pre_ping": True,  # a restarted server costs one ping, not an error page
    "pool_recycle": 1800,
    "connect_args": {"connect_timeout": 5, "application_name": "kewu", "options": "-c timezone=UTC"},
}
_SQLITE = {
    # seconds to wait for a lock: the last resort behind the one writer's own
    "connect_args": {"timeout": 15, "check_same_thread": False},
}
