"""RegisterView: Flask-AppBuilder's ModelView, with the parts replaced that were measured to be bad.

A register declares its model, title, icon and columns; list, forms, record, history, bin, export, pickers, quick
edit, files and print come from here. Permissions, routes, menu and blueprints stay Flask-AppBuilder's.
"""

from __future__ import annotations

from flask import abort, has_request_context
from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import get_locale

from app.core import added, operations, registry
from app.core.actor import actor
from app.core.bin_pages import BinPages
from app.core.bulk_pages import BulkPages
from app.core.cell_pages import CellPages
from app.core.columns import is_id
from app.core.excel_pages import ExcelPages
from app.core.file_pages import FilePages
from app.core.form_pages import FormPages
from app.core.form_tokens import FormTokens
from app.core.forms import form_class
from app.core.list_pages import ListPages
from app.core.merge_pages import MergePages
from app.core.models import snake
from app.core.move_pages import MovePages
from app.core.paper_pages import PaperPages
from app.core.past_pages import PastPages
from app.core.presence import PresencePages
from app.core.record_pages import RecordPages
from app.core.refusal import NotFound

# Flask-AppBuilder's own routes that ours replace; none of them is served.
ROUTES = {
    "list", "show", "add", "edit", "delete", "cell", "lookup", "arrange", "export", "history", "print", "paper", "move",
    "presence", "reveal", "restore", "restore_field", "purge", "upload", "file", "remove_file",
    "tools", "bulk", "bulk_move", "bulk_page", "bulk_preview", "bulk_commit", "bulk_undo", "bulk_refused",
    "restore_file",
}  # fmt: skip

PERMISSIONS = (
    "list",
    "show",
    "add",
    "edit",
    "delete",
    "export",
    "import",
    "print",
    "restore",
    "purge",
    "view_pii",
)


CHANGING = {
    "can_edit",
    "can_delete",
    "can_restore",
    "can_purge",
    "can_import",
}  # nothing of it on append-only rows


class NoFilters(SQLAFilterConverter):
    """Flask-AppBuilder's filters are not in use: `app.core.filters` reads them from the URL."""

    def convert(self, col_name):
        return []


class RegisterInterface(SQLAInterface):
    """Flask-AppBuilder's way to a model, without its ways to write: everything is written by `operations`."""

    filter_converter_class = NoFilters

    def add(self, item, raise_exception=False):
        raise NotImplementedError("app.core.operations.save writes")

    edit = add
    delete = add
    delete_all = add


class RegisterView(
    ListPages,
    CellPages,
    BulkPages,
    FormPages,
    FormTokens,
    MergePages,
    RecordPages,
    MovePages,
    PastPages,
    BinPages,
    FilePages,
    PresencePages,
    ExcelPages,
    PaperPages,
    ModelView,
):
    """One register on screen. Subclasses say what is theirs and nothing else."""

    model = None
    title = ""
    title_one = ""  # one of them, where the words of the model's name are not it
    icon = "table"
    columns: list[str] = []  # of the list: own columns, "unit_id", dotted "unit.building"
    quick_edit: list[str] = []  # cells that may be edited in the list
    strip: list = []  # the line of figures on the record's page
    default_sort: list[tuple[str, bool]] = []  # (column, descending)
    form_columns: list[str] = []  # all typed columns where empty
    in_menu = True

    form_template = "form.html"
    card_template = "record.html"
    include_route_methods = ROUTES
    default_view = "list"

    def __init__(self, **options):
        self.resource = self.model.__tablename__
        self.datamodel = RegisterInterface(self.model)
        self.class_permission_name = self.resource
        self.route_base = f"/{self.resource}"
        self.label_columns = {
            name: known.label for name, known in registry.declared_fields(self.model).items()
        }
        self.base_permissions = [f"can_{name}" for name in PERMISSIONS] + self._move_permissions()
        self.base_permissions += ["can_see_all"] if self.model.is_narrowed() else []
        declared = [known for known in registry.declared_fields(self.model).values() if not known.hidden]
        self._typed = list(self.form_columns or [known.name for known in declared if not known.readonly])
        self.list_columns = list(self.columns)
        self.show_columns = [known.name for known in declared]
        self.search_columns = [known.name for known in declared if known.search]
        self.order_columns = list(self.columns)
        super().__init__(**options)
        registry.add_view(self)

    @property
    def add_columns(self) -> list[str]:
        """What a form asks for: the declared columns, then the added fields that the one at work sees."""
        if not has_request_context():  # Flask-AppBuilder looks at every attribute before there are tables
            return list(self._typed)
        mine = [known.name for known in registry.fields_of(self.model).values() if known.added]
        last = self._typed[-1:] if self._typed[-1:] == ["remarks"] else []
        return [*self._typed[: len(self._typed) - len(last)], *mine, *last]

    edit_columns = add_columns

    @property
    def add_form(self):
        return form_class(self.model, self.add_columns) if has_request_context() else None

    edit_form = add_form

    def quick_names(self) -> list[str]:
        """The cells that may be edited in the list: the declared ones and the added fields that Admin ticked."""
        return [*self.quick_edit, *added.quick_names(self.model)]

    def _move_permissions(self):
        cycle = self.model.lifecycle
        return sorted({self.move_permission(step) for step in cycle.moves}) if cycle is not None else []

    @staticmethod
    def move_permission(step) -> str:
        """The permission of a lifecycle's step: its own name, unless several steps share one."""
        return f"can_{step.permission or step.name}"

    def _init_titles(self):
        self.list_title = self.show_title = self.add_title = self.edit_title = self.title

    def _init_forms(self):
        self.search_form = None

    def _init_properties(self):
        # Flask-AppBuilder would fill what is empty here from every column and relation of the model.
        self.base_filters, self.related_views, self._related_views = [], [], []
        self.search_exclude_columns, self.description_columns, self.validators_columns = [], {}, {}
        self.formatters_columns, self.add_form_extra_fields, self.edit_form_extra_fields = {}, {}, {}
        self.show_exclude_columns, self.add_exclude_columns, self.edit_exclude_columns = [], [], []
        self._base_filters = self._filters = self.datamodel.get_filters([])

    def may(self, permission: str) -> bool:
        """Whether the one at work has the permission on this register."""
        if self.model.append_only and permission in CHANGING:
            return False
        return actor().can(permission, self.resource)

    def one(self) -> str:
        """What one row is called on its form: in Chinese as all of them, in English in the singular."""
        if self.title_one or not str(get_locale() or "zh").startswith("en"):
            return str(self.title_one or self.title)
        return snake(self.model.__name__).replace("_", " ")

    def group_title(self) -> str:
        return str(getattr(self, "group", ""))

    def extra_conditions(self) -> tuple:
        """Conditions that every list of this register obeys besides scope."""
        return ()

    @staticmethod
    def pk_of(text) -> int:
        """A record's id from a URL; anything else is no record."""
        if not is_id(text):
            abort(404)
        return int(text)

    def get(self, record_id: int):
        """The record as far as this person may see it, else 404."""
        try:
            return operations.find(self.model, record_id)
        except NotFound:
            abort(404)
