"""Accounts: made, changed, given roles, projects and buildings; the last administrator cannot be lost.

Whoever changes what an account may do ends its sessions here, in the same transaction. Knows no page.
"""

from datetime import UTC
from itertools import zip_longest

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, or_, select

from app import grants
from app.core import rights, sessions
from app.core.actor import acting, actor, system_actor
from app.core.attempts import hashed
from app.core.operations import bump_epoch, log, writing
from app.core.own_password import set_password
from app.core.passwords import random_password
from app.core.paths import called
from app.core.refusal import NotFound, Refused
from app.core.staff import Department, Position, StaffBuilding, StaffProject, StaffUser, follow_account
from app.core.times import now
from app.extensions import db

LOGGED = ("username", "display_name", "phone", "department_id", "position_id", "active")


def role_named(name: str) -> grants.Role:
    """A role by its name in code or by its first Chinese one. Raises KeyError."""
    for role in grants.ROLES:
        if name in (role.name, role.chinese, role.first_chinese):
            return role
    raise KeyError(name)


def place_of(role: grants.Role, department="", post="") -> dict:
    """Ids of the department and the post named, else of those that go with the role; None where they are not kept."""
    asked = Department.name == department if department else Department.code == role.department
    return {
        "department_id": db.session.scalar(
            select(Department.id).where(asked, Department.deleted_at.is_(None))
        ),
        "position_id": db.session.scalar(
            select(Position.id).where(Position.name == (post or role.position), Position.deleted_at.is_(None))
        ),
    }


def create(values: dict, roles, projects=(), buildings=(), password: str = "", channel="form") -> int:
    """A new account; returns its id. ``roles`` are names, the rest ids. Raises Refused with a sentence per field."""
    new_hash = hashed(password)
    with writing(channel):
        _refuse_bad(values, None)
        username = values["username"]
        user = StaffUser(
            first_name="", last_name=values["display_name"], email=f"{username}@local.invalid", password=new_hash,
            password_changed_at=now(), created_by_fk=None, changed_by_fk=None, **values,
        )  # fmt: skip
        db.session.add(user)
        db.session.flush()
        log("add", "staff_user", user.id, values={name: values.get(name) for name in LOGGED})
        follow_account(user)
        _set_roles(user.id, roles)
        _set_links(user.id, projects, buildings)
        bump_epoch("permissions")
        return user.id


def change(user_id: int, values: dict, roles, projects, buildings, stamp: str | None = None, channel="form"):
    """Change an account. ``stamp``: what `stamp_of` gave for the form; a change made since is not overwritten."""
    with writing(channel):
        user = _locked(user_id)
        if stamp is not None and stamp != stamp_of(user):
            raise Refused(
                _("Somebody changed this account meanwhile. Please reload the page and enter it again.")
            )
        _refuse_bad(values, user_id)
        if not values.get("active", user.active):
            _keep_an_admin(user_id)
        ends = bool(user.active) and not values.get("active", user.active)
        for name, value in values.items():
            if (old := getattr(user, name)) != value:
                setattr(user, name, value)
                if name in LOGGED:
                    texts = {"old_text": str(old), "new_text": str(value)}
                    log("edit", "staff_user", user_id, field=name, old=old, new=value, **texts)
        user.last_name, user.changed_on = user.display_name or user.username, now().replace(tzinfo=None)
        db.session.flush()
        follow_account(user)
        ends |= _set_roles(user_id, roles)
        _set_links(user_id, projects, buildings)
        if ends:
            sessions.end_all_of(user_id)
        bump_epoch("permissions")


def stamp_of(user: StaffUser) -> str:
    return user.changed_on.isoformat() if user.changed_on else ""


def stored_utc(stamp):
    """A time of Flask-AppBuilder's own columns, which are naive UTC here, as an aware one."""
    return stamp.replace(tzinfo=UTC) if stamp is not None and stamp.tzinfo is None else stamp


def reset_password(user_id: int) -> str:
    """Set a random password that must be changed at the next sign-in; returns it, to be shown once."""
    password = random_password()
    new_hash = hashed(password)
    with writing("form"):
        _locked(user_id)
        set_password(user_id, new_hash, must_change=True)
    return password


def _locked(user_id) -> StaffUser:
    """The account, if the one at work may change it: an administrator's account only another one may."""
    user = db.session.get(StaffUser, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    if grants.ADMIN in role_names(user_id) and not _is_admin():
        raise Refused(_("Only an administrator may change an administrator's account."))
    return user


def _is_admin() -> bool:
    return actor().everything or grants.ADMIN in actor().roles


def role_names(user_id: int) -> list[str]:
    return [name for _id, name in rights.roles_of(user_id)]


def _refuse_bad(values, user_id):
    errors = {
        name: [_("Please fill this in.")] for name in ("username", "display_name") if not values.get(name)
    }
    username = values.get("username") or ""
    if len(username) > 60 or any(char.isspace() or not char.isprintable() for char in username):
        errors["username"] = [_("At most 60 characters without spaces, please.")]
    same = func.lower(StaffUser.username) == username.lower()
    taken = select(StaffUser.id).where(same, StaffUser.id != (user_id or 0))
    if not errors and db.session.scalar(taken) is not None:
        errors["username"] = [_("This sign-in name is taken. Please choose another.")]
    if errors:
        raise Refused(errors)


def _set_roles(user_id, names) -> bool:
    """Make the roles those named; returns whether they changed. Nobody gives or takes roles but an administrator."""
    links = assoc_user_role
    standing = set(db.session.scalars(select(links.c.role_id).where(links.c.user_id == user_id)))
    known = {row.name: row.id for row in db.session.execute(select(Role.id, Role.name))}
    if unknown := [name for name in names if name not in known]:
        raise Refused({"roles": [_("There is no role %(name)s.", name=unknown[0])]})
    wanted = {known[name] for name in names}
    if wanted == standing:
        return False
    if not _is_admin():
        raise Refused({"roles": [_("Only an administrator gives and takes roles.")]})
    if known.get(grants.ADMIN) in standing - wanted:
        _keep_an_admin(user_id)
    db.session.execute(
        delete(links).where(links.c.user_id == user_id, links.c.role_id.in_(standing - wanted))
    )
    if fresh := sorted(wanted - standing):
        db.session.execute(insert(links), [{"user_id": user_id, "role_id": role_id} for role_id in fresh])
    by_id = {role_id: name for name, role_id in known.items()}
    old, new = ("、".join(sorted(by_id[key] for key in keys)) for keys in (standing, wanted))
    log("edit", "staff_user", user_id, field="roles", old=old, new=new, old_text=old, new_text=new)
    return True


def _keep_an_admin(user_id):
    """Refuse what would leave nobody able to sign in as administrator. PostgreSQL: the role's row is the lock."""
    role_id = db.session.scalar(select(Role.id).where(Role.name == grants.ADMIN).with_for_update())
    links = assoc_user_role
    others = (
        select(StaffUser.id)
        .join(links, links.c.user_id == StaffUser.id)
        .where(links.c.role_id == role_id, StaffUser.id != user_id)
        .where(StaffUser.active.is_(True), StaffUser.demo.is_(False))
    )
    own = select(links.c.id).where(links.c.user_id == user_id, links.c.role_id == role_id)
    if db.session.scalar(own) is not None and db.session.scalar(others.limit(1)) is None:
        raise Refused(_("This is the last administrator: make somebody else one first."))


def _set_links(user_id, projects, buildings):
    """Make the projects and the buildings in charge those given."""
    for model, column, ids in (
        (StaffProject, "project_id", projects),
        (StaffBuilding, "building_id", buildings),
    ):
        table = model.__table__
        standing = set(db.session.scalars(select(table.c[column]).where(table.c.user_id == user_id)))
        wanted = {int(each) for each in ids}
        if wanted == standing:
            continue
        gone = table.c[column].in_(standing - wanted)
        db.session.execute(delete(table).where(table.c.user_id == user_id, gone))
        if fresh := sorted(wanted - standing):
            db.session.execute(insert(table), [{"user_id": user_id, column: each} for each in fresh])
        old, new = (",".join(map(str, sorted(each))) for each in (standing, wanted))
        log("edit", "staff_user", user_id, field=column, old=old, new=new, old_text=old, new_text=new)


def links_of(user_id: int) -> tuple[set[int], set[int]]:
    """Ids of somebody's projects and of the buildings in his charge."""
    projects = select(StaffProject.project_id).where(StaffProject.user_id == user_id)
    buildings = select(StaffBuilding.building_id).where(StaffBuilding.user_id == user_id)
    return set(db.session.scalars(projects)), set(db.session.scalars(buildings))


def found(term: str):
    """Statement of the accounts that a search finds, by name, sign-in name or phone."""
    query = (
        select(
            StaffUser.id, StaffUser.username, StaffUser.display_name, StaffUser.phone, StaffUser.active, StaffUser.demo,
            StaffUser.last_login, called(Department).label("department"), called(Position).label("position"),
        )
        .outerjoin(Department, Department.id == StaffUser.department_id)
        .outerjoin(Position, Position.id == StaffUser.position_id)
        .order_by(StaffUser.active.desc(), StaffUser.id)
    )  # fmt: skip
    if term:
        like = "%" + term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (StaffUser.username, StaffUser.display_name, StaffUser.phone)
        query = query.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
    return query


# ---- by command --------------------------------------------------------------------------------------------------


def create_admin(password: str = "") -> tuple[str, str] | None:
    """The first administrator, `admin`; returns name and password, or None where there is one already."""
    links = assoc_user_role
    admins = select(links.c.user_id).join(Role, Role.id == links.c.role_id).where(Role.name == grants.ADMIN)
    real = select(StaffUser.id).where(StaffUser.id.in_(admins), StaffUser.demo.is_(False)).limit(1)
    if db.session.scalar(real) is not None:
        return None
    password = password or random_password()
    known = grants.role(grants.ADMIN)
    with acting(system_actor()):
        values = {"username": "admin", "display_name": known.first_chinese, "must_change_password": True}
        create(
            values | {"active": True} | place_of(known), [known.name], password=password, channel="command"
        )
    return "admin", password


def create_demo_users(password: str, projects=None, buildings=(), names=()) -> list[str]:
    """A user for each role, `demo-前台` …, all with this password; repeatable. ``projects`` by default all there are;
    ``buildings`` are those of the steward; ``names`` what these people are called, in the order of the roles, else
    like their role. Returns the names to sign in with.
    """
    if projects is None:
        table = Model.metadata.tables["project"]
        projects = list(db.session.scalars(select(table.c.id).where(table.c.deleted_at.is_(None))))
    new_hash, made = hashed(password), []
    with acting(system_actor()), writing("command"):
        for role, name in zip_longest(grants.ROLES, names):
            made.append(f"demo-{role.first_chinese}")
            places = [] if role.all_projects else projects, buildings if role.own_buildings else ()
            _demo_user(made[-1], name or role.first_chinese, role, new_hash, *places)
        bump_epoch("permissions")
    return made


def _demo_user(username, name, role, new_hash, projects, buildings):
    user = db.session.scalar(select(StaffUser).where(StaffUser.username == username))
    if user is None:
        user = StaffUser(
            username=username, display_name=name, first_name="", last_name=name, demo=True,
            email=f"{username}@local.invalid", active=True, created_by_fk=None, changed_by_fk=None, **place_of(role),
        )  # fmt: skip
        db.session.add(user)
    user.password, user.password_changed_at, user.must_change_password = new_hash, now(), False
    db.session.flush()
    follow_account(user)
    _set_roles(user.id, [role.name])
    _set_links(user.id, projects, buildings)
