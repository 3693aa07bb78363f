"""系统管理: what IT people expect to find. Users, rights, fields, parameters, logs, status, API, imports, backups."""

from flask_babel import lazy_gettext as _l

from app.core import mailing as mailing  # a step of the clock
from app.core.admin_views import RolesView, UsersView
from app.core.api_pages import ApiDocsView
from app.core.clock_pages import ClockView
from app.core.due import escalating as escalating  # another
from app.core.due import urging as urging  # its parameter
from app.core.history_log import OperationLogView
from app.core.import_views import ImportView
from app.core.jobs.pages import JobsView
from app.core.registry import Domain
from app.core.session_pages import SessionsView, SignInLogView
from app.system import clock  # noqa: F401 -- declares its steps
from app.system.deadlines import DeadlineView
from app.system.field_views import FieldView
from app.system.parameters import ParameterView
from app.system.rulebook import RuleView
from app.system.status import StatusView
from app.system.views import BackupView, ChoiceView, DepartmentView, PositionView, StaffMemberView

system = Domain(
    "system",
    _l("System"),
    "gear",
    views=[
        UsersView,
        RolesView,
        DepartmentView,
        PositionView,
        StaffMemberView,
        ChoiceView,
        FieldView,
        ParameterView,
        DeadlineView,
        RuleView,
        OperationLogView,
        SignInLogView,
        SessionsView,
        StatusView,
        ApiDocsView,
        ImportView,
        JobsView,
        ClockView,
        BackupView,
    ],
)
