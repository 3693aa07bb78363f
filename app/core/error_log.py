"""The faults of this program, one line of JSON each in `errors.log` of the instance folder, for the page 服务状态.

Holds when, where and what kind of fault, never a value: a message may carry what somebody typed.
"""

import json
import logging
import os
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app, has_app_context, has_request_context, request

from app.core.times import now

NAME, OLDER = "errors.log", "errors.1.log"
LARGEST = 1_000_000  # bytes; then a new file is begun and one older is kept
MOST = 200  # lines that are read back


@dataclass(frozen=True)
class Fault:
    at: datetime
    where: str  # "GET /customer/list/", "clock backup", or the logger's name
    what: str  # kind of the exception
    place: str  # file and line of ours in which it arose


class Keeper(logging.Handler):
    """Appends a line for every error that the program logs while an app is at work."""

    def emit(self, record):
        if not has_app_context():
            return
        folder = Path(current_app.config.get("INSTANCE_DIR") or "")
        if not folder.is_dir():
            return
        kind, _error, trace = record.exc_info or (None, None, None)
        told = {
            "at": now().isoformat(),
            "where": _where(record),
            "what": kind.__name__ if kind else record.msg[:200],
            "place": _place(trace) if trace else f"{record.filename}:{record.lineno}",
        }
        try:
            _append(folder / NAME, json.dumps(told, ensure_ascii=False))
        except OSError:
            return  # a full disk: the fault still stands in the process's own log


def _where(record) -> str:
    told = getattr(record, "where", record.name)
    return f"{request.method} {request.path}"[:200] if has_request_context() else told


def _place(trace) -> str:
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if f"{os.sep}app{os.sep}" in frame.filename] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""


def _append(path: Path, line: str):
    if path.exists() and path.stat().st_size > LARGEST:
        os.replace(path, path.with_name(OLDER))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (line + "\n").encode())  # one write: lines of several processes do not mix
    finally:
        os.close(handle)


def of_last(span: timedelta = timedelta(days=1)) -> list[Fault]:
    """The faults within that time, the latest first."""
    since, found = now() - span, []
    for name in (OLDER, NAME):
        path = Path(current_app.config["INSTANCE_DIR"]) / name
        for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
            fault = _fault(line)
            if fault is not None and fault.at >= since:
                found.append(fault)
    return found[::-1][:MOST]


def _fault(line) -> Fault | None:
    try:
        told = json.loads(line)
        return Fault(datetime.fromisoformat(told["at"]), told["where"], told["what"], told["place"])
    except (ValueError, KeyError, TypeError):  # cut off when the power went
        return None


def init_error_log():
    """One handler for the whole process, however many apps it makes."""
    logger = logging.getLogger("app")
    if not any(isinstance(each, Keeper) for each in logger.handlers):
        logger.addHandler(Keeper(level=logging.ERROR))
