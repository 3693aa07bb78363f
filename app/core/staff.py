"""Who works here: departments, positions, accounts with their projects and buildings, and their sessions.

Knows tables and the names in them; who may do what is granted elsewhere, how one signs in too.
"""

from datetime import datetime

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import choice_list
from app.core.columns import Json, Moment, column
from app.core.models import BigId, Register
from app.extensions import db

choice_list(
    "department_kind",
    _l("Kind of department"),
    ("own", "本公司部门", "Own department", "active"),
    ("outside", "外部单位", "Outside party"),
)


NO_LOGIN = "-"


class Department(Register):
    """A department of the company, or an outside party that orders are handed to."""

    of_project = False
    number_pattern = "BM{seq:02d}"
    natural_key = ("name",)
    title_path = ("name",)
    english_title = "english_name"

    name: Mapped[str] = column(_l("Department"), String(40), search=True, synonyms=("部门", "部门名称"))
    english_name: Mapped[str | None] = column(
        _l("English name"), String(60), search=True, synonyms=("英文名", "英文名称")
    )
    short_name: Mapped[str | None] = column(_l("Short name"), String(20), search=True, synonyms=("简称",))
    code: Mapped[str] = column(
        _l("Code"),
        String(30),
        pattern=r"[a-z][a-z0-9_]*",
        pattern_message=_l("Small letters, digits and _, please."),
    )
    kind: Mapped[str] = column(
        _l("Kind"), String(20), choices="department_kind", default="own", server_default="own"
    )
    part_of_id: Mapped[int | None] = column(
        _l("Part of"),
        ForeignKey("department.id"),
        index=True,
        help=_l("Both see the orders handed to either, as the control room and Engineering do"),
    )
    active: Mapped[bool] = column(_l("In use"), Boolean, default=True, server_default="1")

    def after_save(self, before):
        """Who sees which orders hangs on it: every process reads its rights anew."""
        from app.core.operations import bump_epoch

        if before and "part_of_id" in before:
            bump_epoch("permissions")


class Position(Register):
    """A post that somebody holds: 经理, 主管, 楼宇管理员 …"""

    of_project = False
    number_pattern = "GW{seq:02d}"
    natural_key = ("name",)
    title_path = ("name",)
    english_title = "english_name"

    name: Mapped[str] = column(_l("Position"), String(40), search=True, synonyms=("岗位", "职位"))
    english_name: Mapped[str | None] = column(
        _l("English name"), String(60), search=True, synonyms=("英文名", "英文名称")
    )
    department_id: Mapped[int | None] = column(_l("Department"), ForeignKey("department.id"), index=True)
    active: Mapped[bool] = column(_l("In use"), Boolean, default=True, server_default="1")


class StaffMember(Register):
    """Somebody who works here, with an account or without one: whom orders are given to and who signs for what."""

    of_project = False
    number_pattern = "YG{seq:04d}"
    natural_key = ("name", "department_id", "login")
    title_path = ("name",)
    second_line = ("department.name", "position.name")

    name: Mapped[str] = column(
        _l("Full name"), String(64), search=True, synonyms=("姓名", "员工", "员工姓名")
    )
    department_id: Mapped[int | None] = column(_l("Department"), ForeignKey("department.id"), index=True)
    position_id: Mapped[int | None] = column(_l("Position"), ForeignKey("position.id"))
    phone: Mapped[str | None] = column(
        _l("Phone"), String(40), mask="mobile", search=True, synonyms=("电话", "手机", "手机号")
    )
    active: Mapped[bool] = column(_l("Works here"), Boolean, default=True, server_default="1")
    user_id: Mapped[int | None] = column(_l("Account"), Integer, hidden=True, unique=True)
    login: Mapped[str] = column(
        _l("Sign-in name"), String(64), hidden=True, default=NO_LOGIN, server_default=NO_LOGIN
    )  # tells namesakes apart

    derived_key = {"login": lambda values: values.get("login") or NO_LOGIN}

    def refuse_removal(self):
        """Whoever has an account leaves with it."""
        return _("This person has an account. Please disable the account instead.") if self.user_id else None


class StaffUser(User):
    """An account to sign in with. Flask-AppBuilder's user and what this department needs of its people."""

    # nullable or with a server default throughout: Flask-AppBuilder's own commands insert users too
    display_name: Mapped[str | None] = mapped_column(String(64))  # 姓名 in one field
    phone: Mapped[str | None] = mapped_column(String(40), info={"mask": "mobile"})
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    locale: Mapped[str | None] = mapped_column(String(8))
    demo: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    password_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    password_history: Mapped[list | None] = mapped_column(Json)  # hashes of the passwords before this one

    @property
    def shown_name(self) -> str:
        return self.display_name or self.last_name or self.username

    def get_full_name(self) -> str:
        return self.shown_name

    def __repr__(self):
        return self.shown_name


class StaffBuilding(Model):
    """A building in somebody's charge."""

    __tablename__ = "staff_building"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), primary_key=True)


class StaffProject(Model):
    """A project somebody works in. No row: no project, unless a role sees all of them."""

    __tablename__ = "staff_project"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)


class SessionRow(Model):
    """Somebody signed in somewhere. The cookie (or the token) holds a random id, the row only its hash."""

    __tablename__ = "session_row"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(
        String(10), default="normal"
    )  # normal; device: a worker's phone; token: API
    name: Mapped[str] = mapped_column(
        String(60), default="", server_default=""
    )  # of a token made by its user
    made_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict | None] = mapped_column(Json)  # flashed messages, project, theme, language


class SignInAttempt(Model):
    """One line of the sign-in log, and what the limits count: who tried, from where, with what result."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_name", "name_key", "moment"),
        Index("ix_sign_in_attempt_address", "address", "moment"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    moment: Mapped[datetime] = mapped_column(Moment, index=True)
    name_key: Mapped[str] = mapped_column(String(64))  # the name as typed, folded and cut
    user_id: Mapped[int | None] = mapped_column(Integer)  # no foreign key: the log outlives the account
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(10))  # form, again, password, api
    result: Mapped[str] = mapped_column(String(12))  # ok, wrong, locked, disabled, left


class SeededGrant(Model):
    """A grant that was once given by the table of roles: what Admin took away afterwards is not given again."""

    __tablename__ = "seeded_grant"

    role: Mapped[str] = mapped_column(String(64), primary_key=True)
    permission: Mapped[str] = mapped_column(String(100), primary_key=True)
    resource: Mapped[str] = mapped_column(String(200), primary_key=True)


# code, name, short name, English name, kind; registers.md §1
DEPARTMENTS = (
    ("service", "客务部", "客务", "Customer Service", "own"),
    ("engineering", "工程部", "工程", "Engineering", "own"),
    ("control_room", "中控室", "中控", "Control room", "own"),
    ("security", "保安部", "保安", "Security", "own"),
    ("cleaning", "保洁部", "保洁", "Cleaning", "own"),
    ("finance", "财务部", "财务", "Finance", "own"),
    ("sales", "销售部", "销售", "Sales", "own"),
    ("procurement", "采购部", "采购", "Procurement", "own"),
    ("administration", "行政部", "行政", "Administration", "own"),
    ("leasing", "租售中心", "租售", "Leasing centre", "own"),
    ("handover", "房地产入伙部", "入伙", "Handover", "own"),
    ("developer_engineering", "开发公司工程部", "开发工程", "Developer's Engineering", "own"),
    ("headquarters", "总部", "总部", "Headquarters", "own"),
    ("catering", "供餐公司", "供餐", "Catering company", "outside"),
    ("contractor", "外包单位", "外包", "Contractors", "outside"),
)

PART_OF = {"control_room": "engineering"}  # 工程(含中控室)

# name, English name, code of its department ("" for a post found in several)
POSITIONS = (
    ("总经理", "General Manager", "headquarters"),
    ("客务部经理", "Customer Service Manager", "service"),
    ("客务部副经理", "Deputy Customer Service Manager", "service"),
    ("客户关系主管", "Customer Relations Supervisor", "service"),
    ("值班经理", "Duty Manager", "service"),
    ("楼宇管理员", "Building Steward", "service"),
    ("客服专员", "Customer Service Officer", "service"),
    ("前台接待", "Receptionist", "service"),
    ("邮件分拣员", "Mail Sorter", "service"),
    ("商务中心文员", "Business Centre Clerk", "service"),
    ("会议服务员", "Meeting Attendant", "service"),
    ("话务员", "Telephone Operator", "service"),
    ("部门文员", "Department Clerk", "service"),
    ("档案管理员", "Archivist", "service"),
    ("工程维修员", "Maintenance Technician", "engineering"),
    ("中控值班员", "Control Room Operator", "control_room"),
    ("保安员", "Security Guard", "security"),
    ("保洁员", "Cleaner", "cleaning"),
    ("采购员", "Buyer", "procurement"),
    ("入伙专员", "Handover Officer", "handover"),
    ("会计", "Accountant", "finance"),
    ("出纳", "Cashier", "finance"),
    ("销售代表", "Sales Representative", "sales"),
    ("租售专员", "Leasing Officer", "leasing"),
    ("租售主管", "Leasing Supervisor", "leasing"),
    ("部门经理", "Department Manager", ""),
    ("系统管理员", "System Administrator", "administration"),
)


def seed_departments() -> int:
    """Write the departments and positions where there are none at all, in a write of its own; returns how many."""
    from app.core.operations import save, writing

    with writing("command"):
        if db.session.scalar(select(Department.id).limit(1)) is not None:
            return 0
        ids = {}
        for code, name, short, english, kind in DEPARTMENTS:
            values = {
                "name": name, "short_name": short, "english_name": english, "code": code, "kind": kind,
            }  # fmt: skip
            ids[code] = save(Department(), values | {"part_of_id": ids.get(PART_OF.get(code))}).id
        for name, english, code in POSITIONS:
            save(Position(), {"name": name, "english_name": english, "department_id": ids.get(code)})
    return len(DEPARTMENTS) + len(POSITIONS)


def member_id(user_id: int | None) -> int | None:
    """The staff member who has this account; None for the system and for nobody."""
    return (
        db.session.scalar(select(StaffMember.id).where(StaffMember.user_id == user_id)) if user_id else None
    )


def me() -> int | None:
    """The staff member at work now, remembered for the transaction that runs."""
    from app.core.actor import actor

    kept, someone = db.session.info.setdefault("references", {}), actor().user_id
    if ("me", someone) not in kept:
        kept["me", someone] = member_id(someone)
    return kept["me", someone]


def follow_account(user: StaffUser):
    """Keep the person behind an account as the account says; inside the transaction that wrote the account."""
    from app.core.operations import save

    member = db.session.scalar(select(StaffMember).where(StaffMember.user_id == user.id)) or StaffMember()
    names = ("department_id", "position_id", "phone", "active")
    values = {name: getattr(user, name) for name in names} | {"name": user.shown_name, "login": user.username}
    save(member, values | {"user_id": user.id})


def add_staff(
    username, role, *, password, must_change=True, name="", phone=None, department="", post="", buildings=(),
    project=None, demo=False,
) -> int:  # fmt: skip
    """Make an account by command; returns its id. ``role``, ``department`` and ``post`` by name, in Chinese or English;
    where the last two are not said they are those of the role. ``buildings`` and ``project`` are ids; ``project`` may
    be a list. Raises Refused where the name is taken.
    """
    from app.core import accounts
    from app.core.actor import acting, system_actor

    known = accounts.role_named(role)
    projects = (
        [] if project is None else list(project) if isinstance(project, list | tuple | set) else [project]
    )
    values = {
        "username": username, "display_name": name or known.first_chinese, "phone": phone, "active": True, "demo": demo,
        "must_change_password": must_change,
    }  # fmt: skip
    with acting(system_actor()):
        values |= accounts.place_of(known, department, post)
        return accounts.create(values, [known.name], projects, list(buildings), password, channel="command")
