"""The account at work in a request, as Flask-Login, Flask-AppBuilder and the pages ask for one. Plain values."""

from dataclasses import dataclass

from app.core.rights import Rights


@dataclass(frozen=True)
class LightRole:
    id: int
    name: str

    def __str__(self):
        return self.name


@dataclass(frozen=True)
class SignedIn:
    """The account at work, as Flask-Login and Flask-AppBuilder ask for one; no row of the ORM."""

    id: int
    username: str
    display_name: str
    department_id: int | None
    department: str
    demo: bool
    must_change_password: bool
    rights: Rights
    as_role: bool = (
        False  # an administrator who looks at the system as a role; he may change nothing meanwhile
    )

    is_authenticated = is_active = active = True
    is_anonymous = False
    groups = ()
    first_name = ""
    email = ""

    @property
    def last_name(self):
        return self.display_name

    @property
    def roles(self):
        return [LightRole(*pair) for pair in zip(self.rights.role_ids, self.rights.roles, strict=True)]

    def get_id(self):
        return str(self.id)

    def get_full_name(self):
        return self.display_name

    def __str__(self):
        return self.display_name

    def may(self, permission, resource) -> bool:
        return (permission, resource) in self.rights.permissions
