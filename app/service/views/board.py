"""派工跟踪 over HTTP: the page, its parts that refresh themselves, a column's further cards, the wall, bulk acts.

What is shown is shaped in board_shown; which rows they are, and what is done to them, the operations say.
"""

import hashlib
from dataclasses import replace

from flask import abort, g, jsonify, make_response, request
from flask_appbuilder import BaseView, expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import bulk, bulk_undo, cards, counts, operations
from app.core.actor import actor
from app.core.bodies import json_body, word
from app.core.columns import is_id
from app.core.due.urging import refuse_soon
from app.core.operations import move
from app.core.refusal import NotFound, Refused
from app.core.registry import view_of
from app.property.views import cards_home
from app.property.views.cards_home import Figure
from app.service.models import DispatchOrder
from app.service.operations import board, handing
from app.service.views import board_shown

REASON = _l("Please say why this is late.")


def asked_of(args) -> board.Asked:
    """What the URL asks of the board; what it does not know is left out."""
    tab = board.ALL.get(args.get("tab", ""), board.TABS[0])
    grouping = board.GROUPINGS.get(args.get("by", ""), board.GROUPINGS["department"])
    found = board.Asked(
        tab, grouping, args.get("q", "").strip()[:200], category=args.get("category", "")[:20]
    )
    keys = {
        name: int(args[name]) for name in ("department", "building", "person") if is_id(args.get(name, ""))
    }
    return replace(found, **{name: key for name, key in keys.items() if key < 2**31})


def look_of(args) -> str:
    return args["view"] if args.get("view") in ("list", "kanban") else "kanban"


class BoardView(BaseView):
    """The tracking board."""

    route_base = "/board"
    default_view = "page"
    class_permission_name = "board"
    title, icon = _l("Tracking board"), "kanban"
    base_permissions = ["can_list", "can_home"]

    @expose("/")
    @has_access
    @permission_name("list")
    def page(self):
        asked, look = asked_of(request.args), look_of(request.args)
        shown = board_shown.part(asked, look)
        return self.render_template(
            "service/board.html", board=shown, title=str(self.title), group=self._group()
        )

    @expose("/part")
    @has_access
    @permission_name("list")
    def part(self):
        """The board without its frame; 304 where nothing changed since the copy that the browser has."""
        asked, look = asked_of(request.args), look_of(request.args)
        most = request.args.get("most", 0, type=int)
        shown = board_shown.part(asked, look, most=min(max(most, 0), 300))
        return _unless_known(self.render_template("service/_board.html", board=shown))

    @expose("/more")
    @has_access
    @permission_name("list")
    def more(self):
        """The cards of one column that follow a card, by its key."""
        asked, look = asked_of(request.args), look_of(request.args)
        try:
            due, record_id = board_shown.key_of(request.args.get("after", ""))
        except ValueError:
            abort(404)
        shown = board_shown.more(asked, look, due, record_id)
        return self.render_template("service/_board_cards.html", board=shown)

    @expose("/wall")
    @has_access
    @permission_name("list")
    def wall(self):
        """A department's wall: large, without controls, refreshing itself."""
        asked = asked_of({**request.args.to_dict(), "tab": request.args.get("tab", "working")})
        shown = board_shown.wall(asked)
        if request.args.get("part") == "1":
            return _unless_known(self.render_template("service/_board_wall.html", wall=shown))
        return self.render_template("service/board_wall.html", wall=shown)

    @expose("/hand_over", methods=["POST"])
    @has_access
    @permission_name("list")
    def hand_over(self):
        """Sign in and send, each to whom it says (hands.md J3)."""
        _may("sign_in", "send")
        rows = _rows(json_body())
        if not rows:
            return jsonify(ok=False, message=_("Please tick the rows first.")), 422
        return _told(operations.retried(handing.hand_over, rows), undo=True)

    @expose("/urge", methods=["POST"])
    @has_access
    @permission_name("list")
    def urge(self):
        """Urge a department for the reason of all its late orders that nobody explained (J10)."""
        _may("urge")
        sent = json_body()
        department = word(sent, "department")
        if not is_id(department) and department != "0":
            abort(404)
        ids = board.unexplained(asked_of({}), int(department))
        reason = word(sent, "reason").strip() or str(REASON)

        def one(order, why):
            refuse_soon(order)
            move(order, "urge", why)

        return _told(operations.retried(handing.urge_all, [{"id": each} for each in ids], reason, one))

    @expose("/undo/<int:key>", methods=["POST"])
    @has_access
    @permission_name("list")
    def undo(self, key):
        """Take one's own batch back while its rows are untouched."""
        try:
            batch = bulk.own(view_of("dispatch_order"), key)
            if not actor().can(bulk.permission(view_of("dispatch_order"), batch), "dispatch_order"):
                abort(403)
            count = operations.retried(bulk_undo.undo, key)
        except NotFound:
            abort(404)
        except Refused as refusal:
            return jsonify(ok=False, message=refusal.message), 422
        return jsonify(ok=True, message=_("Undone: %(count)s rows are as they were.", count=count))

    def _group(self):
        return str(getattr(self, "group", ""))


def _unless_known(page: str):
    answer = make_response(page)
    answer.set_etag(hashlib.sha256(page.encode()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


def _may(*steps):
    view = view_of("dispatch_order")
    if not all(view.may(view.move_permission(DispatchOrder.lifecycle.move(step))) for step in steps):
        abort(403)


def _rows(sent) -> list[dict]:
    """The rows that were sent, whole numbers only."""
    found = []
    for each in sent.get("rows") or []:
        if isinstance(each, dict) and all(_is_key(each.get(name)) for name in ("id", "version")):
            keys = {name: each.get(name) for name in ("department_id", "assignee_id")}
            whom = {name: key if _is_key(key) else None for name, key in keys.items()}
            found.append({"id": each["id"], "version": each["version"]} | whom)
    return found


def _is_key(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62


def _told(batch, undo=False):
    """What came of each row, in a sentence, and how it is taken back."""
    done = batch.count("change")
    refused = [{"number": number, "words": words} for _id, number, _out, words in batch.of("refused")]
    message = ngettext("%(num)s order done.", "%(num)s orders done.", done) if done else ""
    url = f"{BoardView.route_base}/undo/{batch.id}" if undo and done else ""
    return jsonify(ok=True, done=done, refused=refused, message=message, undo_url=url)


def late_count(someone):
    """The number in the menu and in the browser's title (D10)."""
    if not someone.can("can_list", "board"):
        return None
    return board.counted(board.ALL["overdue"], asked_of({}).conditions())


def _head(someone):
    """The morning page: the head of the workbench of those who keep the orders moving (D10)."""
    if not _is_head(someone):
        return None
    g.morning = board_shown.morning()  # its figures are counted with those of the cards, in one statement
    return {"template": "service/_morning.html", "board": g.morning}


def _is_head(someone) -> bool:
    return someone.can("can_home", "board") and someone.can("can_list", "board")


def _figures(someone):
    """What is counted for the workbench: all tabs for the morning page, the four of D10 for everybody else."""
    if not someone.can("can_list", "board") or someone.can("can_home", "work"):
        return ()
    tabs = MORNING if _is_head(someone) else [board.ALL[name] for name in board.MORNING]
    return [
        Figure(str(each.label), DispatchOrder, each.condition(), {"only": each.question}, each.colour)
        for each in tabs
    ]


def _card(someone, figures, counted):
    """The figures into the morning page; for whom has none a card, where there is anything to say."""
    if _is_head(someone):
        if "morning" in g:
            g.morning["figures"] = board_shown.counted_figures(MORNING, counted)
        return None
    if not any(counted):
        return None
    lines = [each.shown(count) for each, count in zip(figures, counted, strict=True)]
    return {"name": "orders", "title": _("Dispatch orders"), "figures": lines, "url": "/board/"}


MORNING = [*[each for each in board.TABS if each.name != "mine"], board.URGED]

cards.provide_head("board", _head)
cards_home.add_figures(_figures, _card)
counts.provide("board", late_count)
counts.in_menu("/board/", "board")
