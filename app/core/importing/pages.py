"""What the wizard's templates are given: plain values, translated and masked. Knows batches, no request."""

from flask import url_for
from flask_babel import gettext as _

from app.core.importing import batch as batches
from app.core.importing import forms, preview, vocabulary
from app.core.models import ImportBatch
from app.core.registry import model_of
from app.core.times import full, short

PAGE = 25

STATE_LABELS = {
    "uploaded": (lambda: _("Uploaded"), "neutral"),
    "previewed": (lambda: _("Dry run"), "attention"),
    "running": (lambda: _("Running"), "active"),
    "done": (lambda: _("Imported"), "done"),
    "undone": (lambda: _("Undone"), "neutral"),
}
OUTCOMES = {
    "refused": (lambda: _("Refused"), "late"),
    "changed": (lambda: _("To be changed"), "attention"),
    "new": (lambda: _("New"), "active"),
    "same": (lambda: _("Same"), "neutral"),
}
PASSED = {
    "title": lambda: _("title"),
    "note": lambda: _("note"),
    "subtotal": lambda: _("subtotal"),
    "heading": lambda: _("repeated header"),
    "block": lambda: _("explanations beside the list"),
}


def upload(register: str) -> dict:
    """Where a file is dropped, with an empty list to take along."""
    return {
        "register": register,
        "register_title": vocabulary.title_of(register) if register else "",
        "upload_url": url_for("ImportView.upload"),
        "template_url": url_for("ImportView.template", register=register) if register else "",
        "templates": [
            (label, url_for("ImportView.template", register=name))
            for name, label in forms.kinds_offered()
            if not name.startswith("+")
        ],
    }


def _line(batch):
    label, colour = STATE_LABELS[batch.state]
    totals = (batch.report or {}).get("totals", {})
    return {
        "id": batch.id,
        "filename": batch.filename,
        "when": short(batch.created_at),
        "when_full": full(batch.created_at),
        "state": batch.state,
        "state_label": label(),
        "colour": colour,
        "totals": totals,
        "url": url_for("ImportView.show", batch_id=batch.id),
    }


def _common(batch) -> dict:
    """What every page of one import says: steps, file, links."""
    report = batch.report or {}
    return {
        "batch": _line(batch),
        "register": batch.register,
        "register_title": vocabulary.title_of(batch.register) if batch.register else "",
        "sheets": [_sheet(batch, index, sheet) for index, sheet in enumerate(report.get("sheets", []))],
        "totals": report.get("totals", dict.fromkeys(OUTCOMES, 0)),
        "mapping_url": url_for("ImportView.mapping", batch_id=batch.id),
        "show_url": url_for("ImportView.show", batch_id=batch.id),
        "upload_url": url_for("ImportView.list", register=batch.register or None),
    }


def _sheet(batch, index, sheet):
    refused_url = ""
    if sheet["counts"]["refused"]:
        refused_url = url_for("ImportView.refused", batch_id=batch.id, sheet=index)
    passed = [
        {"what": PASSED[kind](), "rows": str(first) if first == last else f"{first}–{last}", "text": text}
        for kind, first, last, text in sheet["passed"]
    ]
    return sheet | {
        "index": index,
        "passed": passed,
        "refused_url": refused_url,
        "title": sheet["name"] or batch.filename,
    }


# --- dry run ----------------------------------------------------------------------------------------------


def preview_page(batch: ImportBatch, arguments) -> dict:
    """The dry run: figures that filter, one page of rows, what the confirmation would write."""
    found = _common(batch) | _rows(batch, arguments)
    totals = found["totals"]
    return found | {
        "figures": _figures(batch, totals, found["shown"], found["sheets"]),
        "write_rows": totals["new"] + totals["changed"],
        "confirm_url": url_for("ImportView.confirm", batch_id=batch.id),
        "answers_url": url_for("ImportView.answers", batch_id=batch.id),
        "error": batches.progress(batch).error,
        "records": [
            {
                "label": vocabulary.title_of(register),
                **{kind: counts.get(kind, 0) for kind in ("new", "changed", "same")},
            }
            for register, counts in (batch.report or {}).get("records", {}).items()
        ],
    }


def _figures(batch, totals, shown, sheets):
    """(code, label, count, small text, link, chosen) of the counts above the rows."""
    cells = sum(sheet["cells"] for sheet in sheets)
    small = {"changed": _("%(count)s cells", count=cells) if cells else ""}
    link = lambda code: url_for("ImportView.show", batch_id=batch.id, shown=code)  # noqa: E731
    figures = [("all", _("All rows"), sum(totals.values()), "", link("all"), shown == "all")]
    for code, (label, _colour) in OUTCOMES.items():
        figures.append((code, label(), totals[code], small.get(code, ""), link(code), shown == code))
    return figures


def _rows(batch, arguments):
    """The rows of one page. By default those that want a look: refused, changed, new."""
    shown = arguments.get("shown", "")
    codes = {"all": "RCNS"} | {code: preview.MARKS[code] for code in OUTCOMES}
    marks = codes.get(shown, "RCN")
    sheet = int(arguments["sheet"]) if str(arguments.get("sheet", "")).isdigit() else None
    number = (
        int(arguments["page"])
        if str(arguments.get("page", "")).isdigit() and len(arguments["page"]) < 7
        else 1
    )
    rows, count = preview.page(batches.path_of(batch, ".rows"), marks, sheet, max(number, 1), PAGE)
    pages = max(1, -(-count // PAGE))

    def link(page):
        return url_for("ImportView.show", batch_id=batch.id, shown=shown or None, sheet=sheet, page=page)

    return {
        "shown": shown if shown in codes else "",
        "sheet": sheet,
        "rows": [_row(batch, row) for row in rows],
        "count": count,
        "page": number,
        "pages": pages,
        "prev_url": link(number - 1) if number > 1 else "",
        "next_url": link(number + 1) if number < pages else "",
    }


def _row(batch, row):
    """A row with its cells: text, what stood there before, whether it is new or refused."""
    sheet = batch.report["sheets"][row["s"]]
    labels = [label for label, goes_to in sheet["columns"] if goes_to]
    places = [index for index, (_label, goes_to) in enumerate(sheet["columns"]) if goes_to]
    differences = {int(index): pair for index, pair in row.get("d", {}).items()}
    refused = {index for index, _text in row.get("why", []) if index is not None}
    indexes = sheet.get("indexes") or places
    cells = []
    for label, index, text in zip(labels, indexes, row["t"], strict=False):
        old, new = differences.get(index, ("", ""))
        cells.append(
            {
                "label": label,
                "text": new if index in differences else text,
                "old": old,
                "changed": index in differences,
                "refused": index in refused,
            }
        )
    label, colour = OUTCOMES[row["o"]]
    question = row.get("q")
    return {
        "number": row["n"],
        "sheet": sheet["name"],
        "outcome": row["o"],
        "label": label(),
        "colour": colour,
        "cells": cells,
        "why": [text for _index, text in row.get("why", [])],
        "notes": row.get("more", []) + row.get("notes", []),
        "question": question
        and {"name": f"ask-{question['key']}", "text": question["text"], "choices": question["choices"]},
    }


# --- mapping ----------------------------------------------------------------------------------------------


def mapping(batch: ImportBatch, typed=None) -> dict:
    """Each sheet with its columns, a few values of each, and what they may become."""
    tables, plans = batches.tables_of(batch), batches.plans_of(batch)
    sheets = []
    for index, (table, plan) in enumerate(zip(tables, plans, strict=True)):
        chosen = f"+{plan.blueprint}" if plan.blueprint else plan.register
        sheets.append(
            {
                "index": index,
                "title": table.name or batch.filename,
                "recognised": preview.recognised(plan),
                "fixed": plan.why_not in batches.FIXED,
                "name": f"kind-{index}",
                "value": (typed or {}).get(f"kind-{index}", chosen if plan.use else ""),
                "kinds": forms.kinds_offered(),
                "columns": [_column(index, column, plan, typed) for column in table.columns],
                "rows": len(table.rows),
                "header_rows": table.header_rows,
            }
        )
    common = _common(batch)
    return common | {
        "sheets": sheets,
        "action_url": common["mapping_url"],
        "cancel_url": common["upload_url"],
    }


BY = {
    "label": lambda: _("by its heading"),
    "values": lambda: _("by its values"),
    "memory": lambda: _("as the last time"),
    "kind": lambda: _("by the known layout"),
    "user": lambda: _("as you chose"),
}


def _column(sheet, column, plan, typed):
    blueprint = plan.blueprint_of()
    model = model_of(plan.register) if plan.register else None
    texts = plan.columns.get(column.index, [])
    offered = vocabulary.offered(blueprint, model) if blueprint or model else []
    if texts and texts[0] not in dict(offered):
        offered = [(texts[0], vocabulary.target_label(texts[0], blueprint, model)), *offered]
    name = f"{sheet}-{column.index}"
    return {
        "name": name,
        "label": column.label,
        "samples": [preview.sample(value) for value in column.samples[:3]],
        "value": (typed or {}).get(name, texts[0] if texts else ""),
        "by": BY[plan.by[column.index]]() if column.index in plan.by and texts else "",
        "choices": offered,
    }


# --- running and done -------------------------------------------------------------------------------------


def running(batch: ImportBatch) -> dict:
    """How far it is; the page asks ``progress_url`` until it ends, and may be left."""
    told = batches.progress(batch)
    return _common(batch) | {
        "done": told.done,
        "of": told.of,
        "words": progress_words(batch, told),
        "text": told.text,
        "interrupted": not told.runs,
        "progress_url": url_for("ImportView.progress", batch_id=batch.id),
        "confirm_url": url_for("ImportView.confirm", batch_id=batch.id),
    }


def progress_words(batch: ImportBatch, told) -> str:
    """The count so far; before the first row it is the dry run's that stands for the whole."""
    whole = told.of or (batch.report or {}).get("write", 0)
    return _("%(done)s of %(of)s records", done=f"{told.done:,}", of=f"{whole:,}")


def done(batch: ImportBatch, arguments) -> dict:
    """What was written, the refused rows to take along, and the way back."""
    written = (batch.report or {}).get("written", {})
    return (
        _common(batch)
        | _rows(batch, arguments)
        | {
            "written": [
                {"label": vocabulary.title_of(register), "url": f"/{register}/list/", **counts}
                for register, counts in written.items()
            ],
            "done_at": full(batch.done_at) if batch.done_at else "",
            "undo_url": url_for("ImportView.undo", batch_id=batch.id)
            if batch.state == "done" and batch.act
            else "",
            "undone": batch.state == "undone",
        }
    )
