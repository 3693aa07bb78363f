"""What a list's panels hold: columns to choose and to filter by, editors of cells, steps, forms of views.

No list needs it before somebody opens a panel, so it is asked for then: half of a page's bytes, and of its time.
Part of RegisterView; reads declarations and choice lists.
"""

from __future__ import annotations

from flask import jsonify, render_template, request
from flask_appbuilder import expose, has_access, permission_name

from app.core import filters, forms, saved_views
from app.core.registry import fields_of


class ListTools:
    """The route of a list's panels."""

    @expose("/tools")
    @has_access
    @permission_name("list")
    def tools(self):
        """The panels of the list that the arguments ask for, as JSON."""
        arranged, views = self.arranged(), saved_views.offered(self.resource)
        asked = self.asked(request.args, arranged)
        saved = next((each for each in views if each.id == asked.view), None)
        names = self.list_names(arranged, saved)
        for each in asked.filters:
            filters.in_words(self.model, each)  # reads the titles of the rows that a filter names
        told = {
            "fields": [_filled(each) for each in filters.offered(self.model, asked, _lookup)],
            "cells": self._cells(),
            "columns": [(name, self.label_of(name), name in names) for name in self._chooser(names)],
            "days": [(code, str(label)) for code, (label, _span) in filters.RELATIVE.items()],
            "steps": [(act.label, act.url) for act in self.bulk_actions(asked) if act.name == "move"],
        }
        if not asked.bin:
            menu = self.view_menu(asked, views, saved, arranged)
            told["views"] = render_template("_view_forms.html", menu=menu)
        return jsonify(told)

    def _chooser(self, names):
        return names + [name for name in self.offered_columns() if name not in names]

    def _cells(self) -> dict:
        """The editors of cells that choose from a list or a register, whether they are filtered by or not."""
        if not self.may("can_edit"):
            return {}
        quick = self.quick_names()
        known = {name: each for name, each in fields_of(self.model).items() if name in quick}
        told = {
            name: _filled(filters.field_of(self.model, each, (), {}, _lookup)) for name, each in known.items()
        }
        return {name: each for name, each in told.items() if "choices" in each or "lookup_url" in each}


def _lookup(known) -> str:
    return forms.lookup_urls(known.target)[0]


def _filled(each) -> dict:
    """A filter field for the script, without what is empty."""
    told = {"name": each.name, "label": each.label, "kind": each.kind, "lookup_url": each.lookup_url}
    told["choices"] = [{"code": choice.code, "label": choice.label} for choice in each.choices]
    return {name: value for name, value in told.items() if value}
