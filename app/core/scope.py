"""Which rows a person may see: project, building, department, own rows, recycle bin. Every read and write asks here.

Knows the declarations of registers and who is at work; loads nothing by itself.
"""

from sqlalchemy import BigInteger, and_, false, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.core.actor import actor
from app.core.registry import fields_of, model_of


def visible(model, *, deleted=False, one_project=False, linked=False):
    """The condition of the rows of a register that the one at work may see.

    ``model`` may be an alias. ``one_project`` narrows to the project chosen in the top bar, as lists do; a record
    opened by its link may be of any project the person has. ``linked``: the rows are found by what links them, as a
    counter's are; the few rows of a customer must not be looked for among all those of the project.
    """
    parts = [model.deleted_at.isnot(None) if deleted else model.deleted_at.is_(None)]
    parts.append(_of_project(model, one_project, linked))
    parts.append(_of_work(model))
    return and_(*[part for part in parts if part is not None])


def _of_work(model):
    """The buildings in charge; of a register that is narrowed, one's own rows and those of one's department whatever.

    Who may not "see_all" of such a register sees no others.
    """
    buildings, someone = _of_buildings(model), actor()
    if not model_class(model).is_narrowed():
        return buildings
    mine = or_(false(), *_own(model), *_of_departments(model))
    if not someone.can("can_see_all", model_class(model).__tablename__):
        return None if someone.departments is None else mine
    return or_(buildings, mine) if buildings is not None else None


def _own(model):
    """The conditions of one's own rows: what one recorded, and what names one by a reference to `staff_member`."""
    from app.core.staff import StaffMember

    someone = actor().user_id
    me = select(StaffMember.id).where(StaffMember.user_id == someone).scalar_subquery()
    named = [getattr(model, name) == me for name in model.own_columns]
    return [model.created_by_id == someone, *named]


def _of_departments(model):
    departments = sorted(actor().departments or ())
    return [within(model, path.split("."), departments, strict=True) for path in model.department_paths]


def _of_project(model, one_project, linked=False):
    someone, column = actor(), _project_column(model)
    if column is None:
        return None if someone.username != "anonymous" else false()
    if one_project and someone.project_id and column.key != "id":
        column = Unindexed(column) if linked else column
        return and_(
            column == someone.project_id, true() if someone.sees_project(someone.project_id) else false()
        )
    if someone.projects is None:
        return None
    return column.in_(sorted(someone.projects)) if someone.projects else false()


class Unindexed(FunctionElement):
    """A column as a condition by which SQLite looks for no row.

    It keeps no statistics here, and takes the index of the project for as narrow as that of a customer.
    """

    inherit_cache = True
    type = BigInteger()


@compiles(Unindexed)
def _as_it_is(element, compiler, **options):
    return compiler.process(element.clauses, **options)


@compiles(Unindexed, "sqlite")
def _plus(element, compiler, **options):
    return f"+{compiler.process(element.clauses, **options)}"


def _project_column(model):
    if not model.of_project:
        return None
    return model.id if model.__mapper__.local_table.name == "project" else model.project_id


def _of_buildings(model):
    buildings = actor().buildings
    if buildings is None:
        return None
    own = getattr(model, "in_buildings", None)
    if own is not None:
        return own(model, sorted(buildings))
    if not model.building_path:
        return None
    return within(model, model.building_path.split("."), sorted(buildings))


def within(model, path, ids, strict=False):
    """The condition that a path of references from a row ends in one of these; one that ends nowhere is everybody's,
    unless ``strict``.
    """
    column = getattr(model, path[0])
    if len(path) == 1:
        return or_(column.is_(None), column.in_(ids)) if column.nullable and not strict else column.in_(ids)
    known = fields_of(model_class(model))[path[0]]
    target = model_of(known.target)
    inner = column.in_(select(target.id).where(within(target, path[1:], ids, strict)))
    return or_(column.is_(None), inner) if known.nullable and not strict else inner


def model_class(model):
    """The class behind a model or an alias of it."""
    return model.__mapper__.class_


def may_touch(record) -> bool:
    """Whether a record in hand is of a project of the one at work; buildings are asked by query."""
    if not type(record).of_project:
        return actor().username != "anonymous"
    project = record.id if type(record).__tablename__ == "project" else record.project_id
    return actor().everything or (project is not None and actor().sees_project(project))
