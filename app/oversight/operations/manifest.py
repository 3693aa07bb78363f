"""The manifest beside a version's files. Knows the kept run and its receipts, no path but the names."""

from app.core.times import full
from app.oversight.models import MonthReceipt, MonthRun


def manifest_name(run: MonthRun) -> str:
    return run.rows_file.replace(".rows.json.gz", ".manifest.json")


def manifest(run: MonthRun, project: str) -> dict:
    """What stands beside the files: who made and reviewed them, when, rows, SHA-256, recipients and receipts."""
    return {
        "project": project, "month": run.month, "version": run.version, "state": run.state,
        "made_by": run.made_by, "made_at": full(run.made_at),
        "reviewed_by": run.reviewed_by, "reviewed_at": run.reviewed_at and full(run.reviewed_at),
        "from_closed_month": run.from_close, "rows": run.rows, "figures": run.figures,
        "content": {"file": run.rows_file, "sha256_of_rows": run.rows_sha256},
        "recipients": [_receipt_lines(each) for each in run.receipts],
    }  # fmt: skip


def _receipt_lines(each: MonthReceipt) -> dict:
    reviewed = {"file": each.reviewed_file_name, "sha256": each.reviewed_sha256, "bytes": each.reviewed_size}
    return {
        "recipient": each.name, "columns": each.groups, "file": each.file_name, "sha256": each.sha256,
        "bytes": each.size,
        "reviewed": reviewed if each.reviewed_file_name else None,
        "sent_at": each.sent_at and full(each.sent_at),
        "acknowledged_by": each.acknowledged_by, "acknowledged_at": each.acknowledged_at and full(each.acknowledged_at),
    }  # fmt: skip
