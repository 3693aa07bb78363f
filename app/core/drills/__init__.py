"""Exercises of hard use: the figures of the specification's table T, measured on databases made for it. Never on ours.

Knows which exercises there are and how a result is told; what each does stands beside.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Found:
    """One line of a report: what was asked for, what was measured, whether it holds."""

    what: str
    wanted: str
    measured: str
    holds: bool


def run(
    make_app, name: str = "all", seconds: int = 120, databases: list[str] | None = None, registers=()
) -> int:
    """Run the exercises named on each database (by default a fresh SQLite file); 1 where a figure does not hold.

    ``registers``: those that T1 is held with, in place of all that have a lifecycle.
    """
    from app.core.drills import hard_use, steps, tampering

    acts = {
        "T1": lambda *where: steps.drill(*where, registers),
        "T9": lambda *where: hard_use.drill(*where, seconds),
        "T18": tampering.drill,
    }
    failed = 0
    for asked in databases or ["sqlite"]:
        for each in acts if name == "all" else [name]:
            folder = Path(tempfile.mkdtemp(prefix="kewu-drill-"))
            url = f"sqlite:///{folder / 'kewu.db'}" if asked == "sqlite" else asked
            try:
                found = acts[each](make_app, url, folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            print(report(f"{each} · {asked.partition(':')[0]}", found), flush=True)
            failed += sum(not line.holds for line in found)
    print("全部达标 · all figures hold" if not failed else f"{failed} 项未达标 · figures that do not hold")
    return int(bool(failed))


def report(title: str, found: list[Found]) -> str:
    """A table for people: what, wanted, measured, and a word for each line."""
    rows = [("", "项目 · what", "要求 · wanted", "实测 · measured")]
    rows += [("好 ok" if line.holds else "差 NO", line.what, line.wanted, line.measured) for line in found]
    widths = [max(_width(row[place]) for row in rows) for place in range(4)]
    lines = [
        "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([f"== {title}", *(line.rstrip() for line in lines)])


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def emptied_app(make_app, url: str, folder: Path):
    """The app on an empty database of that address, migrated, its files under ``folder``; and its variables.

    ``make_app`` makes it of settings: this module must not know the whole. Raises Refused for a database in use.
    """
    import config
    from app.core import migrating
    from app.core.refusal import Refused

    key = config.make_secret_key(folder).read_text()
    given = {"DATABASE_URL": url, "INSTANCE_DIR": str(folder), "SECRET_KEY": key}
    app = make_app(config.settings(given))
    with app.app_context():
        if migrating.tables():
            raise Refused("演练只用空数据库 · an exercise takes an empty database only")
    migrating.migrate(app)
    return app, given
