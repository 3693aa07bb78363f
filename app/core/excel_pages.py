"""Export of a list as it is seen: its filter, sort and columns, all pages, streamed. Part of RegisterView."""

from flask import Response, request, stream_with_context
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _

from app.core import filters, lists, operations, shown
from app.core.actor import actor
from app.core.files import as_download
from app.core.registry import fields_of
from app.core.times import full, local, now
from exports import workbook

# How a column of each kind stands in a workbook; everything else is text.
KINDS = {
    "int": "int", "decimal": "decimal", "money": "money", "area": "decimal", "micro": "quantity",
    "date": "date", "datetime": "datetime",
}  # fmt: skip

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class ExcelPages:
    """The export of a register's list."""

    @expose("/export/")
    @has_access
    def export(self):
        """The list as this user sees it, as .xlsx or .csv."""
        asked, kind = self.asked(request.args), "csv" if request.args.get("format") == "csv" else "xlsx"
        asked.bin = False  # what is in the recycle bin leaves by no export
        names = self.shown_columns(asked)
        with operations.writing("form"):
            operations.log(
                "export", self.resource, project_id=actor().project_id, new_text=self._filter_words(asked)
            )
        found = lists.Stream(self.model, asked, names, extra=self.extra_conditions())
        columns = [self._excel_column(name) for name in names]
        rows = self.excel_rows(found.rows(), names)
        write = workbook.stream_xlsx if kind == "xlsx" else workbook.stream_csv
        pieces = write(str(self.title), self._heading(asked, found.count), columns, rows)
        answer = Response(stream_with_context(pieces), mimetype=TYPES[kind])
        name = workbook.safe_filename(f"{self.title}-{local(now()):%Y%m%d-%H%M}.{kind}")
        as_download(answer, name)
        answer.call_on_close(found.close)
        return answer

    def _filter_words(self, asked) -> str:
        words = [asked.query] if asked.query else []
        for each in asked.filters:
            words.append(f"{filters.label_of(self.model, each)} {filters.in_words(self.model, each)}")
        return "、".join(words) or _("all")

    def _heading(self, asked, count) -> list[str]:
        who = _("%(count)s rows · %(who)s · %(when)s", count=count, who=actor().name, when=full(now()))
        return [_("Filter: %(words)s", words=self._filter_words(asked)), who]

    def _excel_column(self, name):
        known = lists.field_at(self.model, name)
        kind = KINDS.get(known.kind, "text") if known is not None else "datetime"
        return workbook.Column(self.label_of(name), "text" if known is not None and known.mask else kind)

    def excel_rows(self, rows, names):
        """Rows of values as a workbook takes them: display texts, real dates and numbers, masked where hidden."""
        # found now, while it is known who asks; the rows are written when the request is over
        shows = [self._excel_value(name) for name in names]
        return ([show(row) for show in shows] for row in rows)

    def _excel_value(self, name):
        known = lists.field_at(self.model, name)
        if known is None:
            return lambda row: local(row[name]).replace(tzinfo=None) if row[name] is not None else None
        if known.mask:
            return lambda row: shown.masked(known, shown.text_of(known, row[name]))
        if known.kind == "reference":
            key = f"{name}.title" if name in fields_of(self.model) else name
            return lambda row: row[key] or None
        if known.kind == "datetime":
            return lambda row: local(row[name]).replace(tzinfo=None) if row[name] is not None else None
        if known.kind in KINDS:
            return lambda row: row[name]
        if known.kind == "state" and self.model.lifecycle is not None:
            return lambda row: shown.state_choice(self.model.lifecycle, row[name]).label
        return lambda row: shown.text_of(known, row[name]) or None
