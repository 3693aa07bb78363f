"""The files of the monthly run under EXPORT_DIR/<project>/<month>/. Knows paths and bytes, no table.

A file is written whole under another name and then linked to its own, which fails where that name is taken: nothing
is ever overwritten, and a run killed half way leaves no file that looks finished. Only the manifest is replaced, as
a whole, when a version is reviewed, sent or acknowledged.
"""

import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from exports.texts import safe_filename


@dataclass(frozen=True)
class Written:
    """A file that stands under a temporary name."""

    path: Path
    sha256: str
    size: int


def root() -> Path:
    return Path(current_app.config["EXPORT_DIR"])


def folder_name(project: str, month: str) -> str:
    return f"{safe_filename(project)}/{month}"


def path_of(folder: str, name: str) -> Path:
    return root() / folder / name


def stem(project: str, month: str, version: int) -> str:
    return safe_filename(f"客户入住情况表_{project}_{month.replace('-', '')}_v{version}")


def write(folder: str, fill: Callable) -> Written:
    """Let ``fill`` write a binary file in the folder; on disk when this returns, gone when it fails."""
    place = root() / folder
    place.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=place)
    path = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.chmod(path, 0o640)  # the temporary file was its maker's alone
        return Written(path, digest, path.stat().st_size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def place(written: Written, folder: str, name: str) -> Path:
    """Give a written file its name. Raises FileExistsError where the name is taken."""
    target = path_of(folder, name)
    os.link(written.path, target)
    written.path.unlink()
    return target


def drop(paths):
    """Take away files that belong to no version: what a failed run has left."""
    for path in paths:
        path.unlink(missing_ok=True)


def drop_unfinished(before: datetime) -> int:
    """Delete what a run that was killed before a moment left under a temporary name; returns how many files."""
    gone = [path for path in root().glob("*/*/.*.part") if path.stat().st_mtime < before.timestamp()]
    drop(gone)
    return len(gone)


def free_version(folder: str, project: str, month: str, version: int) -> int:
    """The first version from this one of which no file stands: a run that was killed may have left one."""
    place = root() / folder
    while any(place.glob(f"{stem(project, month, version)}[._]*")):
        version += 1
    return version


def packed(rows: dict) -> bytes:
    """Rows as JSON, always the same bytes for the same rows."""
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def rows_digest(rows: dict) -> str:
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def unpacked(path: Path) -> dict:
    return json.loads(gzip.decompress(path.read_bytes()))


def write_manifest(folder: str, name: str, content: dict):
    """Put a manifest in the place of the former one; a reader sees the one or the other, never a half."""
    text = json.dumps(content, ensure_ascii=False, indent=2).encode()
    written = write(folder, lambda file: file.write(text))
    os.replace(written.path, path_of(folder, name))


def is_whole(folder: str, name: str, sha256: str) -> bool:
    """Whether a file stands and is what was written."""
    path = path_of(folder, name)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
