"""Who works in the demo's departments and who does what at the desk; the duty roster. Invented people only."""

from datetime import date, time, timedelta

from sqlalchemy import select

from app.core.operations import save
from app.core.staff import Department, StaffMember, StaffUser
from app.demo.courses import DESK, DUTY, STEWARD, SUPERVISOR
from app.demo.staff import staff_names
from app.extensions import db
from app.service.models import DutyRoster

# department → how many work there, those with an account among them
CREWS = {"engineering": 8, "control_room": 3, "security": 4, "cleaning": 4, "finance": 1, "service": 2}
POSTS = {DESK: "前台", SUPERVISOR: "客户关系主管", DUTY: "值班经理", STEWARD: "楼宇管理员"}


class Crew:
    """The people: by department, by post, and as the history names them. Makes those who are lacking."""

    def __init__(self):
        self.departments = dict(db.session.execute(select(Department.code, Department.id)).all())
        self.names: dict[int, tuple[int | None, str]] = {}
        self.people: dict[str, list[int]] = {}
        self._hire()
        self._read()

    def _hire(self):
        """Workers without an account, up to the number of each department."""
        known = set(db.session.scalars(select(StaffMember.name)))
        names = iter(staff_names(200)[60:])
        for code, many in CREWS.items():
            here = self.departments[code]
            there = db.session.scalars(select(StaffMember).where(StaffMember.department_id == here)).all()
            for _each in range(max(many - len(there), 0)):
                name = next(name for name in names if name not in known)
                save(StaffMember(), {"name": name, "department_id": here})

    def _read(self):
        rows = db.session.execute(
            select(StaffMember.id, StaffMember.name, StaffMember.user_id, Department.code)
            .join(Department, Department.id == StaffMember.department_id)
            .where(StaffMember.deleted_at.is_(None))
            .order_by(StaffMember.id)
        ).all()
        for row in rows:
            self.names[row.id] = (row.user_id, row.name)
            self.people.setdefault(row.code, []).append(row.id)
        self._posts(rows)

    def _posts(self, rows):
        """Who does what at the desk: the demo's own accounts where they stand, else anybody of the department."""
        logins = dict(db.session.execute(select(StaffUser.username, StaffUser.id)).all())
        by_user = {row.user_id: row.id for row in rows if row.user_id is not None}
        anybody = self.people["service"][0]
        self.posts = {post: by_user.get(logins.get(f"demo-{name}"), anybody) for post, name in POSTS.items()}


def roster(project_id: int, crew: Crew, today: date, workdays):
    """Duty shifts of the last two and the next two weeks, once; the duty manager stands in off hours."""
    if db.session.scalar(select(DutyRoster.id).where(DutyRoster.project_id == project_id).limit(1)):
        return
    shared = {"ends": time(9), "stands_in": True, "staff_id": crew.posts[DUTY], "post": "值班经理"}
    shared["department_id"] = crew.departments["service"]
    for offset in range(-14, 15):
        day = today + timedelta(days=offset)
        works = day in workdays
        shift = {"shift": "night" if works else "weekend", "starts": time(18 if works else 9)}
        save(DutyRoster(), shared | shift | {"day": day})
