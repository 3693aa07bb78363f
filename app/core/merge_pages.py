"""The page of a stale save: what I opened, what I typed, what is stored now. Part of RegisterView; writes nothing."""

from flask import request
from flask_babel import gettext as _

from app.core import history_pages, shown
from app.core.operations import same
from app.core.pages import MergeField, MergePage
from app.core.registry import fields_of

MANY_VALUES = (
    "codes",
    "json",
    "references",
)  # one radio button cannot post them: mine stay as they were typed


class MergePages:
    """The three columns of a stale save."""

    def _merge(self, record, values, drawn_from, stale):
        """The three columns of a stale save: what I opened, what I typed, what is stored now."""
        opened = history_pages.values_at(record, drawn_from, values)
        known_fields = {name: fields_of(self.model)[name] for name in values}
        stored = {name: getattr(record, name) for name in values}
        linked = shown.titles(known_fields, [values], typed=True) | shown.titles(
            known_fields, [opened, stored]
        )
        page = MergePage(
            resource=self.resource,
            title=_("Both changed: %(title)s", title=self._title_of(record.id)),
            group=self.group_title(),
            number=record.number,
            action_url=request.full_path.rstrip("?"),
            record_url=f"{self.route_base}/show/{record.id}",
            token=request.form.get("form_token", ""),
            version=record.version,
            fields=[],
            unchanged=[],
            history_url=f"{self.route_base}/history/{record.id}",
        )
        for name, known in known_fields.items():
            if name in stale:
                page.fields.append(
                    self._merge_field(known, opened[name], values[name], stored[name], stale[name], linked)
                )
            elif not same(opened[name], values[name]) and known.kind not in MANY_VALUES:
                mine = self._merge_field(known, opened[name], values[name], stored[name], None, linked)
                page.fields.append(mine)
            else:
                page.unchanged += self._as_typed(name, known)
        page.fields.sort(key=lambda field: field.choose != "")  # those that must be chosen come first
        page.same = len(known_fields) - len(page.fields)
        last = max(stale.values(), key=lambda line: line.id)
        page.who, page.when = last.who, shown.full(last.moment)
        return self.render_template("merge.html", page=page)

    def _as_typed(self, name, known):
        found = [(name, value) for value in request.form.getlist(name)]
        extra = [key for key in (f"touched__{name}", f"{name}__text") if key in request.form]
        return found + [(key, request.form[key]) for key in extra]

    def _merge_field(self, known, opened, mine, stored, line, linked):
        def said(value):
            title = linked.get((known.target, value), "") if known.kind == "reference" else ""
            if known.kind == "state" and self.model.lifecycle is not None and value:
                return shown.state_choice(self.model.lifecycle, value).label
            return shown.masked(known, shown.text_of(known, value, title))

        field = MergeField(
            known.name,
            str(known.label),
            said(opened),
            said(mine),
            said(stored),
            mine_raw=request.form.get(known.name, "") if known.mask else shown.typed(mine),
            stored_raw="" if known.mask else shown.typed(stored),
            masked=bool(known.mask),
        )
        if line is not None:
            field.who, field.when = line.who, shown.full(line.moment)
            field.choose = "stored" if same(opened, mine) else ""
        else:
            field.choose = "mine"
        return field
