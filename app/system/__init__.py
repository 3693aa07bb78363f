"""系统管理: what IT people expect to find. Users, rights, departments, posts, choice lists, imports, backups."""

from flask_babel import lazy_gettext as _l

from app.core.admin_views import ADMIN_VIEWS
from app.core.clock_pages import ClockView
from app.core.import_views import ImportView
from app.core.jobs.pages import JobsView
from app.core.registry import Domain
from app.system.views import BackupView, ChoiceView, DepartmentView, PositionView

system = Domain(
    "system",
    _l("System"),
    "gear",
    views=[
        *ADMIN_VIEWS,
        DepartmentView,
        PositionView,
        ChoiceView,
        ImportView,
        JobsView,
        ClockView,
        BackupView,
    ],
)
