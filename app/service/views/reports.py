"""统计报表 over HTTP: ageing, punctuality and rates, each beside the period before (D18, D19, R39)."""

from urllib.parse import urlencode

from flask import Response, abort, flash, redirect, request
from flask_appbuilder import BaseView, expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import operations
from app.core.actor import actor
from app.core.files import as_download
from app.core.refusal import Refused
from app.core.times import full, local, now, today
from app.service.operations import figures, months
from app.service.views import report_shown
from exports import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportView(BaseView):
    """The reports; each figure opens exactly its rows."""

    route_base = "/reports"
    default_view = "page"
    class_permission_name = "report"
    title, icon = _l("Reports"), "bar-chart-line"
    base_permissions = ["can_list", "can_close"]

    @expose("/")
    @has_access
    @permission_name("list")
    def page(self):
        subject, span, dim = _asked(request.args)
        shown = report_shown.page(subject, span, dim)
        return self.render_template(
            "service/reports.html", report=shown, title=str(self.title), group=str(getattr(self, "group", ""))
        )

    @expose("/export")
    @has_access
    @permission_name("list")
    def export(self):
        """The table of the report as a workbook: as seen, real numbers."""
        subject, span, dim = _asked(request.args)
        shown = report_shown.page(subject, span, dim)
        columns = [workbook.Column(str(figures.LABELS[dim]), "text")]
        columns += [
            workbook.Column(label, "decimal" if name in report_shown.HOURS else "int")
            for name, label in shown.heads
        ]
        columns += [workbook.Column(label, "int") for label in shown.age_heads]
        rows = [
            [row.title, *[cell.raw for cell in row.cells], *[cell.raw for cell in row.ages]]
            for row in shown.rows
        ]
        heading = [
            f"{shown.title} · {span.words} · {figures.LABELS[dim]}",
            _("%(count)s rows · %(who)s · %(when)s", count=len(rows), who=actor().name, when=full(now())),
        ]
        with operations.writing("form"):
            operations.log("export", "report", project_id=actor().project_id, new_text=heading[0])
        answer = Response(workbook.stream_xlsx(shown.title, heading, columns, rows), mimetype=XLSX)
        as_download(
            answer, workbook.safe_filename(f"{shown.title}-{span.words}-{local(now()):%Y%m%d-%H%M}.xlsx")
        )
        return answer

    @expose("/close", methods=["POST"])
    @has_access
    @permission_name("close")
    def close(self):
        """Close a month: its counts are kept, later corrections show as a difference."""
        month = request.form.get("month", "")[:7]
        if not actor().project_id:
            abort(404)
        try:
            operations.retried(months.close, actor().project_id, month)
            flash(_("%(month)s closed", month=month), "success")
        except ValueError:
            abort(404)
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(
            f"/reports/?{urlencode({'month': month, 'subject': request.form.get('subject', 'orders')})}"
        )


def _asked(args):
    """Subject, span and dimension of the URL; what it does not know is this month's orders by department."""
    subject = figures.SUBJECTS.get(args.get("subject", ""), figures.SUBJECTS["orders"])
    dim = args.get("by", "") if args.get("by", "") in subject.dims else "department"
    words = args.get("month", "")
    if args.get("from") and args.get("to"):
        words = f"{args['from']}..{args['to']}"
    try:
        span = figures.span_of(words) if words else figures.month_of(today())
    except (ValueError, OverflowError):
        span = figures.month_of(today())
    return subject, span, dim
