"""The one box: from a fragment of anything to the rows that answer. Knows the index and the registers that are in it.

Each register in the box says by `provide` what stands beside its hits; later domains add theirs the same way.
"""

from collections.abc import Callable

from flask import jsonify, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy import and_, case, func, or_, select

from app.core import bigrams, scope, search
from app.core.actor import actor
from app.core.counts import counts_for
from app.core.history_pages import recent_ids
from app.core.paths import Joins
from app.core.registry import models, referring, view_of
from app.extensions import db

PER_GROUP = 6
CANDIDATES = 60  # hits looked at before the best are chosen
FULL_NAME = 4  # characters of a Chinese person's name at most

RECENT = 10  # rows of the box's first register, before anything is typed

_providers: dict[str, Callable] = {}
_facts: dict[str, list[Callable]] = {}


def provide(resource: str, provider: Callable):
    """Say what stands beside a register's hits: ids → {id: {"sub", "facts", "state"}}, in a statement or two."""
    _providers[resource] = provider


def add_facts(resource: str, provider: Callable):
    """Add to what stands beside a lower register's hits: ids → {id: [fact, …]}, in one statement."""
    _facts.setdefault(resource, []).append(provider)


def _beside(resource, ids) -> dict[int, dict]:
    """What is said of these hits, by their own register and by the higher ones."""
    provider = _providers.get(resource)
    found = provider(ids) if provider else {}
    for more in _facts.get(resource, ()):
        for key, facts in more(ids).items():
            entry = found.setdefault(key, {})
            entry["facts"] = [*entry.get("facts", ()), *facts]
    return found


def registers():
    """The registers in the box that this person may list, in order."""
    found = [model for model in models().values() if model.box and view_of(model.__tablename__) is not None]
    found = [model for model in found if actor().can("can_list", model.__tablename__)]
    return sorted(found, key=lambda model: model.box_rank)


def find(term: str) -> list[dict]:
    """Groups of hits for a fragment, the best first."""
    groups = [group for model in registers() if (group := _group(model, _ids(model, term), term))]
    return sorted(groups, key=lambda group: -group["best"])


def recent() -> list[dict]:
    """The customers that this person worked on last, by their own rows or by what names them: before anything is
    typed, one wants the caller again, not the order.
    """
    model = next(iter(registers()), None)
    if model is None:
        return []
    resource = model.__tablename__
    ids = recent_ids(resource, RECENT)
    for other, known in referring(resource):
        if other.box and known.name == f"{resource}_id" and len(ids) < RECENT:
            ids += _named_by(other, known.name)
    group = _group(model, list(dict.fromkeys(ids))[:RECENT], "", RECENT)
    return [group] if group else []


def _named_by(model, name) -> list[int]:
    """The rows that a column of this person's last rows of a register names, the latest first."""
    last = recent_ids(model.__tablename__, RECENT)
    named = dict(db.session.execute(select(model.id, getattr(model, name)).where(model.id.in_(last))).all())
    return [named[each] for each in last if named.get(each) is not None]


def _ids(model, term):
    """The best hits that this person may see: the very title first, then its beginning, then the newest."""
    hits = search.hits(model.__tablename__, term)
    if hits is None:
        return []
    joins = Joins(model)
    title = joins.title()
    given = and_(title.endswith(term, autoescape=True), func.length(title) <= FULL_NAME)
    rank = case((title == term, 0), (or_(title.startswith(term, autoescape=True), given), 1), else_=2)
    statement = joins.apply(select(model.id).select_from(model))
    statement = statement.where(model.id.in_(hits), scope.visible(model, one_project=True))
    order = rank, *_leading(model), model.id.desc()
    return list(db.session.scalars(statement.order_by(*order).limit(CANDIDATES)))


def _leading(model):
    """The register's own order among hits that are equally good: a customer's main contact before the others."""
    return [getattr(model, name).desc() for name in getattr(model, "box_first", ())]


def _group(model, ids, term, most=PER_GROUP):
    if not ids:
        return None
    joins = Joins(model)
    title = joins.title().label("title")
    statement = joins.apply(select(model.id, model.number, model.version, title).select_from(model))
    rows = (
        db.session.execute(statement.where(model.id.in_(ids), scope.visible(model, one_project=True)))
        .mappings()
        .all()
    )
    ranked = sorted(rows, key=lambda row: (-_score(row["title"] or "", term), ids.index(row["id"])))[:most]
    if not ranked:
        return None
    view = view_of(model.__tablename__)
    beside = _beside(model.__tablename__, [row["id"] for row in ranked])
    items = [_item(view, row, beside.get(row["id"], {}), term) for row in ranked]
    return {
        "label": str(view.title),
        "resource": view.resource,
        "items": items,
        "best": _score(ranked[0]["title"] or "", term),
    }


def _score(title, term):
    """Exact before beginning or given name before inside before found by sound or by another column."""
    folded, words = bigrams.normal(title), bigrams.normal(term)
    if not words:
        return 0
    if folded == words:
        return 3
    # people are also called by their given name: 晓岚 is 陈晓岚 before she is a part of 晓岚贸易有限公司
    given = len(folded) <= FULL_NAME and len(words) > 1 and folded.endswith(words)
    return 2 if given or folded.startswith(words) else 1 if words in folded else 0


def _item(view, row, beside, term):
    state = beside.get("state")
    return {
        "id": row["id"],
        "resource": view.resource,
        "title": row["title"] or row["number"],
        "marks": bigrams.matches(row["title"] or "", term) if term else [],
        "sub": beside.get("sub", ""),
        "facts": [_fact(fact) for fact in beside.get("facts", [])],
        "url": f"{view.route_base}/show/{row['id']}",
        "state": {"label": state.label, "colour": state.colour} if state else None,
    }


def _fact(fact):
    cell = fact.get("cell")
    if cell and not actor().can("can_edit", cell["resource"]):
        cell = None
    if cell:
        cell = cell | {"url": f"/{cell['resource']}/cell"}
    return {"label": fact.get("label", ""), "text": fact["text"], "cell": cell}


class BoxView(BaseView):
    """Answers the one box; everybody who is signed in has it, over what he may list."""

    route_base = "/box"
    default_view = "search"
    class_permission_name = "box"

    @expose("/")
    def search(self):
        if not actor().user_id:
            return jsonify(sign_in=True), 401
        term = request.args.get("q", "").strip()[:100]
        groups = find(term) if term else recent()
        empty = "" if groups or not term else _("Nothing found for “%(term)s”.", term=term)
        return jsonify(groups=groups, recent=not term, empty=empty)

    @expose("/counts")
    def counts(self):
        """What stands in the bell, the menu and the browser's title: asked once after each page."""
        return jsonify(counts_for(actor()))
