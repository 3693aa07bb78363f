"""Departments and posts are called by their English names where the reader's language is English."""

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app.core import choices, staff
from app.core.actor import acting, system_actor
from app.core.forms import pick
from app.core.importing.stored import by_words
from app.core.operations import save, writing
from app.core.shown import titles_of
from app.core.staff import Department, Position
from app.extensions import db


@pytest.fixture
def context(app):
    with app.app_context(), acting(system_actor()):
        yield app


@pytest.fixture
def made(context):
    """A shipped department, and one that somebody added without an English name."""
    staff.seed_departments()
    with writing("command"):
        own = save(Department(), {"name": "花卉组", "code": "flowers", "kind": "own"}).id
    return db.session.scalar(select(Department.id).where(Department.code == "engineering")), own


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh_Hans_CN", ["工程部", "花卉组"]),  # the Chinese name is the name
        ("en", ["Engineering", "花卉组"]),  # one without an English name keeps its own
    ],
)
def test_department_is_called_in_the_readers_language(made, language, expected):
    with force_locale(language):
        found = titles_of(Department, made)
        assert [found[key] for key in made] == expected
        assert [each["text"] for each in pick(Department, "", ids=made)] == expected


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_sheet_names_a_department_in_either_language(made, language):
    with force_locale(language):
        found = by_words(Department, None, ["工程部", "Engineering", "花卉组", "Flowers"])
    assert found == {"工程部": [made[0]], "Engineering": [made[0]], "花卉组": [made[1]], "Flowers": []}


def test_every_shipped_department_and_post_has_an_english_name(context):
    staff.seed_departments()
    for model in (Department, Position):
        names = db.session.scalars(select(model.english_name)).all()
        assert [name for name in names if not (name and name.isascii())] == []
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("language", "written", "expected"),
    [
        (
            "en",
            "本公司部门",
            "Own department",
        ),  # the history keeps words; an English reader has them in English
        ("en", "本公司部门、外部单位", "Own department、Outside party"),
        ("en", "从前的叫法", "从前的叫法"),  # no label any more
        ("zh_Hans_CN", "本公司部门", "本公司部门"),
    ],
)
def test_label_written_down_is_told_in_the_readers_language(context, language, written, expected):
    with force_locale(language):
        assert choices.told_anew("department_kind", written) == expected
