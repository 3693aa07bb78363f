"""Settings from the environment, and what the app refuses to start with."""

import os
import stat

import pytest

import config

KEY = "q7Jv2nXo9RkLw4TzBf6YhMd1SgPc8EaU"
GOOD = {"SECRET_KEY": KEY, "WTF_CSRF_ENABLED": True, "DEBUG": False}


def given(tmp_path, **variables) -> dict:
    return config.settings({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": KEY, **variables})


# variables, setting, its value, why
READINGS = [
    ({}, "HOST", "127.0.0.1", "nobody else may look in by accident"),
    ({}, "PORT", 8080, "the documented port"),
    ({}, "PUBLIC_URL", "http://127.0.0.1:8080", "links work on the same machine"),
    ({"HOST": "0.0.0.0", "PORT": "80"}, "PUBLIC_URL", "http://127.0.0.1:80", "no link may say 0.0.0.0"),
    ({"HOST": "::1"}, "PUBLIC_URL", "http://[::1]:8080", "an IPv6 address stands in brackets"),
    ({"PUBLIC_URL": "https://kf.example.com/"}, "PUBLIC_URL", "https://kf.example.com", "paths are appended"),
    ({"HOST": ""}, "HOST", "127.0.0.1", "an empty variable is one that is not set"),
    ({}, "TRUSTED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], "only this machine"),
    (
        {"PUBLIC_URL": "https://kf.example.com:8443", "TRUSTED_HOSTS": "10.0.0.5, kf"},
        "TRUSTED_HOSTS",
        ["localhost", "127.0.0.1", "[::1]", "kf.example.com", "10.0.0.5", "kf"],
        "the public name and those listed, without ports",
    ),
    ({"TLS": "yes"}, "SESSION_COOKIE_SECURE", True, "a cookie of https never travels in the clear"),
    ({"TLS": "yes"}, "SESSION_COOKIE_NAME", "__Host-kewu", "nor is one from a sibling host taken"),
    ({}, "SESSION_COOKIE_SECURE", False, "else nobody could sign in over http"),
    ({}, "SESSION_COOKIE_HTTPONLY", True, "no script reads it"),
    ({}, "SESSION_COOKIE_SAMESITE", "Lax", "no foreign form sends it"),
    ({"MAX_UPLOAD_MB": "3"}, "MAX_CONTENT_LENGTH", 3 * 1024 * 1024, "megabytes to bytes"),
    ({"FLASK_DEBUG": "1"}, "DEBUG", True, "seen, so that start-up can refuse it"),
    ({}, "BABEL_DEFAULT_LOCALE", "zh", "Chinese first"),
    ({}, "FAB_CREATE_DB", False, "Alembic alone makes tables"),
    ({}, "FAB_UPDATE_PERMS", False, "permissions are written by migrate"),
]


@pytest.mark.parametrize(("variables", "name", "value", "why"), READINGS, ids=[row[3] for row in READINGS])
def test_settings_read_the_environment(tmp_path, variables, name, value, why):
    assert given(tmp_path, **variables)[name] == value


ADDRESSES = [
    (
        "postgresql://u:p%40ss@db/kewu",
        "postgresql+psycopg://u:p%40ss@db/kewu",
        "the driver we ship, password kept",
    ),
    (
        "postgres://u@db/kewu",
        "postgresql+psycopg://u@db/kewu",
        "the old spelling that hosting firms still give",
    ),
    ("postgresql+psycopg://db/kewu", "postgresql+psycopg://db/kewu", "already said"),
    ("sqlite:////var/lib/kewu.db", "sqlite:////var/lib/kewu.db", "an absolute file stays"),
    ("sqlite:///x/kewu.db", f"sqlite:///{(config.ROOT / 'x/kewu.db').as_posix()}", "relative to the project"),
    ("sqlite://", "sqlite://", "in memory"),
]


@pytest.mark.parametrize(("url", "uri", "why"), ADDRESSES, ids=[row[2] for row in ADDRESSES])
def test_database_address_is_completed(tmp_path, url, uri, why):
    assert given(tmp_path, DATABASE_URL=url)["SQLALCHEMY_DATABASE_URI"] == uri


def test_database_is_a_file_of_the_instance_by_default(tmp_path):
    assert given(tmp_path)["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{(tmp_path / 'kewu.db').as_posix()}"


def test_folders_follow_the_instance_unless_named(tmp_path):
    read = given(tmp_path, BACKUP_DIR="/mnt/backups")
    assert [read[name] for name in ("EXPORT_DIR", "UPLOAD_DIR", "BACKUP_DIR")] == [
        str(tmp_path / "exports"),
        str(tmp_path / "attachments"),
        "/mnt/backups",
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "http"), ("SESSION_HOURS", "-1"), ("MAX_UPLOAD_MB", "1.5")]
)
def test_a_number_that_is_none_is_refused_by_its_name(tmp_path, name, text):
    with pytest.raises(SystemExit, match=name):
        given(tmp_path, **{name: text})


REFUSALS = [
    (GOOD, 0, "nothing wrong"),
    ({**GOOD, "SECRET_KEY": None}, 1, "no key"),
    ({**GOOD, "SECRET_KEY": KEY[:31]}, 1, "31 characters"),
    ({**GOOD, "SECRET_KEY": "change-me-change-me-change-me-change-me"}, 1, "a sample long enough"),
    (
        {**GOOD, "SECRET_KEY": "\2\1thisismyscretkey\1\2\\e\\y\\y\\h"},
        2,
        "Flask-AppBuilder's sample, also short",
    ),
    ({**GOOD, "SECRET_KEY": "a" * 40}, 1, "one letter, forty times"),
    ({**GOOD, "DEBUG": True}, 1, "the debugger runs what a visitor types"),
    ({**GOOD, "WTF_CSRF_ENABLED": False}, 1, "CSRF off"),
    ({**GOOD, "WTF_CSRF_ENABLED": None}, 1, "CSRF not said"),
    ({**GOOD, "WTF_CSRF_CHECK_DEFAULT": False}, 1, "CSRF on, but never asked"),
    ({**GOOD, "FAB_ALLOW_GET_UNSAFE_MUTATIONS": True}, 1, "GET deletes"),
    ({**GOOD, "TLS": True, "SESSION_COOKIE_SECURE": False}, 1, "a cookie in the clear"),
]


@pytest.mark.parametrize(("settings", "count", "why"), REFUSALS, ids=[row[2] for row in REFUSALS])
def test_problems_name_what_is_wrong(settings, count, why):
    assert len(config.problems(settings)) == count


def test_secret_key_is_made_once_and_read(tmp_path):
    path = config.make_secret_key(tmp_path / "new")
    first = path.read_text()
    config.make_secret_key(tmp_path / "new")
    read = config.settings({"INSTANCE_DIR": str(tmp_path / "new")})
    assert (path.read_text(), read["SECRET_KEY"], config.problems(read)) == (first, first, [])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_secret_key_is_for_its_owner_only(tmp_path):
    assert stat.S_IMODE(config.make_secret_key(tmp_path).stat().st_mode) == 0o600


def test_secret_key_of_the_environment_wins(tmp_path):
    config.make_secret_key(tmp_path)
    assert given(tmp_path)["SECRET_KEY"] == KEY


def test_settings_write_nothing(tmp_path):
    config.settings({"INSTANCE_DIR": str(tmp_path / "absent")})
    assert not (tmp_path / "absent").exists()
