"""What a backup looks like: one zip of JSON lines by table, files, keys and a manifest with a SHA-256 for each entry.

The same for both databases, so that it moves from one to the other. Knows bytes and columns, no app and no page.
"""

import base64
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from sqlalchemy import JSON, Date, DateTime, LargeBinary, Numeric, Table, Time, types

FORMAT, FORMAT_VERSION = "kewu-backup", 1
MANIFEST = "manifest.json"
ENTRY = re.compile(r"(tables/[a-z][a-z0-9_]*\.jsonl)|((attachments|exports|imports)/[^\\:]+)|(keys/[a-z_]+)")
CHUNK = 1 << 20
COMPRESSION = 3  # of 9: a third of the time of 6 for a tenth more bytes
LARGEST_MANIFEST = 200 << 20


class Damaged(Exception):
    """The file is no backup of ours, or not whole any more; the text says what was found, in Chinese and English."""


# kind of a column → how its value is written and read; all others are JSON's own
CODINGS = {
    "datetime": (datetime.isoformat, datetime.fromisoformat),
    "date": (date.isoformat, date.fromisoformat),
    "time": (time.isoformat, time.fromisoformat),
    "bytes": (lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "decimal": (str, Decimal),
}
_KINDS = ((DateTime, "datetime"), (Date, "date"), (Time, "time"), (LargeBinary, "bytes"), (JSON, "json"))


def kind_of(column) -> str:
    """How a column's values are coded, by its type as the database tells it."""
    for base, kind in _KINDS:
        if isinstance(column.type, base):
            return kind
    exact = isinstance(column.type, Numeric) and not isinstance(column.type, types.Float)
    return "decimal" if exact else "plain"


def lines_of(table: Table, rows: Iterable) -> Iterator[bytes]:
    """A table as lines: its columns first, then each row as a list."""
    kinds = [kind_of(column) for column in table.columns]
    yield _line([[column.name, kind] for column, kind in zip(table.columns, kinds, strict=True)])
    writers = [CODINGS.get(kind, (None, None))[0] for kind in kinds]
    for row in rows:
        yield _line(
            [
                write(value) if write and value is not None else value
                for write, value in zip(writers, row, strict=True)
            ]
        )


def _line(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def rows_of(lines: Iterable[bytes]) -> Iterator[dict]:
    """The rows of a table's lines as values to insert, by column."""
    lines = iter(lines)
    columns = json.loads(next(lines))
    readers = [(name, CODINGS.get(kind, (None, None))[1]) for name, kind in columns]
    for line in lines:
        values = json.loads(line)
        yield {
            name: read(value) if read and value is not None else value
            for (name, read), value in zip(readers, values, strict=True)
        }


class Writer:
    """Writes one archive, entry by entry, in flat memory; mode 600, since it holds keys and personal data."""

    def __init__(self, path: Path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION)
        self.entries: dict[str, dict] = {}

    def add(self, name: str, chunks: Iterable[bytes], packed: bool = True) -> int:
        """An entry of these chunks; returns how many there were. ``packed`` False for what is compressed already."""
        about = zipfile.ZipInfo(name, datetime.now().timetuple()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        digest, size, count = hashlib.sha256(), 0, 0
        with self._zip.open(about, "w", force_zip64=True) as entry:
            for chunk in chunks:
                entry.write(chunk)
                digest.update(chunk)
                size, count = size + len(chunk), count + 1
        self.entries[name] = {"sha256": digest.hexdigest(), "bytes": size}
        return count

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self.add(name, iter(lambda: file.read(CHUNK), b""), packed=False)

    def finish(self, facts: dict) -> None:
        """Write the manifest and bring everything to the disk."""
        told = {"format": FORMAT, "format_version": FORMAT_VERSION, **facts, "entries": self.entries}
        content = json.dumps(told, ensure_ascii=False, indent=1).encode()
        self._zip.writestr(MANIFEST, content)
        self._zip.comment = hashlib.sha256(content).hexdigest().encode()
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def drop(self) -> None:
        self._file.close()


def manifest(archive: zipfile.ZipFile) -> dict:
    """The manifest of an open archive. Raises Damaged where it is not ours or was changed."""
    try:
        about = archive.getinfo(MANIFEST)
    except KeyError:
        raise Damaged("这不是本系统的备份 · this is not a backup of this system") from None
    if about.file_size > LARGEST_MANIFEST:
        raise Damaged("备份清单过大 · the manifest is too large")
    content = archive.read(about)
    if hashlib.sha256(content).hexdigest().encode() != archive.comment:
        raise Damaged("备份清单已损坏 · the manifest is damaged")
    told = json.loads(content)
    if told.get("format") != FORMAT:
        raise Damaged("这不是本系统的备份 · this is not a backup of this system")
    if told.get("format_version") != FORMAT_VERSION:
        raise Damaged(f"备份格式未知 · unknown format version: {told.get('format_version')}")
    return told


def read_manifest(path: Path) -> dict:
    """The manifest of a file; the entries themselves are not looked at. Raises Damaged."""
    return _opened(path, manifest)


def check(path: Path) -> dict:
    """Read every byte and compare it with the manifest, which is returned. Raises Damaged, naming the first fault."""
    return _opened(path, _checked)


def _opened(path, look):
    try:
        with zipfile.ZipFile(path) as archive:
            return look(archive)
    except FileNotFoundError:
        raise Damaged(f"没有这个文件 · no such file: {path.name}") from None
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        raise Damaged(f"备份已损坏，无法读取 · the backup is damaged and cannot be read: {error}") from error


def _checked(archive) -> dict:
    told = manifest(archive)
    standing = [about.filename for about in archive.infolist()]
    wanted = [MANIFEST, *told["entries"]]
    if sorted(standing) != sorted(wanted):
        odd = sorted(set(standing) ^ set(wanted))[:3]
        raise Damaged(f"备份内容与清单不符 · entries differ from the manifest: {', '.join(odd)}")
    for name, kept in told["entries"].items():
        if not ENTRY.fullmatch(name) or ".." in name.split("/"):
            raise Damaged(f"备份含有不该有的内容 · an entry that does not belong here: {name}")
        if archive.getinfo(name).file_size != kept["bytes"] or _digest(archive, name) != kept["sha256"]:
            raise Damaged(f"备份已损坏 · damaged: {name}")
    return told


def _digest(archive, name) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as entry:
        while chunk := entry.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
