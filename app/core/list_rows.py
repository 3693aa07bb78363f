"""A list's rows and columns as pages show them: texts, badges, links, marks, counters. Part of RegisterView.

Knows declarations and Core rows; asks no database.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from app.core import bigrams, choices, filters, list_hits, lists, shown
from app.core.lists import count_text
from app.core.models import STAMPS
from app.core.pages import Cell, ListColumn, Row
from app.core.registry import counters_of, fields_of, view_of

RIGHT = ("int", "decimal", "money", "area", "micro")


class ListRows:
    """Pieces of a list's table; the small tables of a record's page are made of them too."""

    def label_of(self, name) -> str:
        if name in STAMPS:
            return str(STAMPS[name])
        return str(self.label_columns.get(name) or lists.field_at(self.model, name).label)

    def _column(self, name, asked):
        known = lists.field_at(self.model, name)
        kind = (
            "number"
            if known is not None and known.kind in RIGHT
            else (known.kind if known is not None else "datetime")
        )
        column = ListColumn(name, self.label_of(name), kind, grow=kind == "multiline")
        column.editable = self._editable(name, asked)
        if name in filters.sortable(self.model):
            ranked = [sorted_by for sorted_by, _down in asked.sort]
            present = next((down for sorted_by, down in asked.sort if sorted_by == name), None)
            column.sorted = "" if present is None else "desc" if present else "asc"
            column.rank = ranked.index(name) + 1 if present is not None and len(ranked) > 1 else 0
            turned = [(name, present is False)]
            column.sort_url = self.list_url(replace(asked, sort=turned), sort=filters.sort_word(turned))
        return column

    def _editable(self, name, asked=None) -> bool:
        return name in self.quick_names() and self.may("can_edit") and not (asked is not None and asked.bin)

    def row(self, row, names, asked=None, marked=None) -> Row:
        """A row of values as the list shows it."""
        back = urlencode(asked.args()) if asked is not None else ""
        url = f"{self.route_base}/show/{row['id']}" + (f"?{urlencode({'back': back})}" if back else "")
        found = Row(
            row["id"], row["number"] or "", row["version"], url, [], marked=row["id"] in (marked or ())
        )
        if self.may("can_edit") and not (asked is not None and asked.bin):
            found.edit_url = f"{self.route_base}/edit/{row['id']}" + (
                f"?{urlencode({'back': back})}" if back else ""
            )
        found.cells = [self.cell_of(row, name, asked, url) for name in names]
        first = found.cells[0] if found.cells else None
        if (
            first is not None
            and "number" not in names
            and first.kind == "text"
            and not (first.url or first.editable)
        ):
            first.kind, first.url = (
                "number_link",
                url,
            )  # the first column leads to the record where no number does
        found.leads = any(cell.kind == "number_link" and cell.text for cell in found.cells)
        for counter in counters_of(self.resource):
            value = row.get(f"counter.{counter.name}") or 0
            if value:
                link = counter.url(row["id"]) if counter.url else ""
                found.counters.append((str(counter.label), count_text(value, 1000), link))
        return found

    def _known(self, name, asked):
        """What a column's cells have in common: its Field, and whether they are edited in the list."""
        if asked is None:
            return lists.field_at(self.model, name), self._editable(name)
        if name not in asked.plan:
            asked.plan[name] = lists.field_at(self.model, name), self._editable(name, asked)
        return asked.plan[name]

    def cell_of(self, row, name, asked=None, url="") -> Cell:
        known, editable = self._known(name, asked)
        if known is None:
            return self._stamp_cell(name, row[name])
        value = row.get(name)
        cell = Cell(name, kind="number" if known.kind in RIGHT else known.kind)
        if known.kind == "state" and self.model.lifecycle is not None:
            state = shown.state_choice(self.model.lifecycle, value)
            cell.text, cell.colour, cell.raw = state.label, state.colour, state.code
            return cell
        if known.kind == "reference" and name in fields_of(self.model):
            cell.text = row.get(f"{name}.title") or ""
            view = view_of(known.target)
            cell.url = (
                f"{view.route_base}/show/{value}"
                if view is not None and value and view.may("can_show")
                else ""
            )
        elif known.kind == "reference":
            cell.text = value or ""
        else:
            cell.text, cell.title = shown.short_text(known, value)
        if known.kind == "choice" and value:
            cell.colour = choices.colour(known.choices, value)
        if known.mask and cell.text:
            cell.text, cell.masked = shown.masked(known, cell.text), True
        if name == "number":
            cell.kind, cell.url = "number_link", url
        cell.editable = editable
        if cell.editable and not known.mask:
            cell.raw = shown.typed(value)
        searched = known.search or known.kind == "reference"
        if asked is not None and asked.query and searched and not known.mask:
            cell.marks = bigrams.matches(cell.text, asked.query) or list_hits.by_sound(cell.text, asked.query)
        return cell

    def _stamp_cell(self, name, value):
        text, title = shown.short_text(_STAMP, value)
        return Cell(name, text, "datetime", title=title)


class _Stamp:
    """Stands for a stamp's column where a Field is asked for its kind."""

    kind, mask, search = "datetime", "", False


_STAMP = _Stamp()
