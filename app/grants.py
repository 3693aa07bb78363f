"""Who may do what: the roles of the department and one table, register × role. Names only; knows no database.

The table seeds the database (`app.core.permissions`); from then on Admin's matrix page decides, and a later run adds
only what was never seeded before. Sources: registers.md §2 and who writes what in the sections of §3.

To read a line: the letters, then the roles that get them.
    l list   s show   a add   e edit   d delete (to the recycle bin)   r restore from it   u purge for good
    x export   i import   p print   v view_pii: reveal a masked ID, mobile or birthday, with a reason and a line
    m every move of the register's lifecycle that has a permission of its own;  * all that a page offers
    a word after the letters is a permission by its own name: "ls approve" is can_list, can_show, can_approve
"""

import re
from dataclasses import dataclass

LETTERS = {
    "l": "can_list",
    "s": "can_show",
    "a": "can_add",
    "e": "can_edit",
    "d": "can_delete",
    "r": "can_restore",
    "u": "can_purge",
    "x": "can_export",
    "i": "can_import",
    "p": "can_print",
    "v": "can_view_pii",
}


@dataclass(frozen=True)
class Role:
    """A role; the two scopes narrow or widen the rows, not the registers.

    ``all_projects``: sees every project without being named in one. ``own_buildings``: of registers that hang on a
    building, only those in charge (lifted by any further role without it). ``department`` and ``position`` are those of
    the demo user. Of registers that are handed to departments, who may not "see_all" sees his own department's rows.
    """

    name: str
    chinese: str
    department: str = "service"
    position: str = ""
    all_projects: bool = False
    own_buildings: bool = False

    @property
    def first_chinese(self) -> str:
        """The name up to a slash or a bracket: 客务部经理."""
        return re.split(r"[/(（]", self.chinese)[0]

    @property
    def english(self) -> str:
        """The name in words: Relations supervisor. One that Admin made is as he wrote it."""
        if self.chinese == self.name:
            return self.name
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name).capitalize()


ROLES = (
    #    name                   中文                     department        position        scopes
    Role("Admin",               "系统管理员",             "administration", "系统管理员",     all_projects=True),
    Role("GeneralManager",      "总经理",                 "headquarters",   "总经理",        all_projects=True),
    Role("Manager",             "客务部经理/副经理",       "service",        "客务部经理"),
    Role("RelationsSupervisor", "客户关系主管",           "service",        "客户关系主管"),
    Role("DutyManager",         "值班经理/值班室",         "service",        "值班经理"),
    Role("Steward",             "楼宇管理员/客服专员",     "service",        "楼宇管理员",     own_buildings=True),
    Role("FrontDesk",           "前台",                   "service",        "前台接待"),
    Role("MailRoom",            "邮件分拣室",             "service",        "邮件分拣员"),
    Role("BusinessCentre",      "商务中心",               "service",        "商务中心文员"),
    Role("MeetingService",      "会议服务",               "service",        "会议服务员"),
    Role("Operator",            "电话机房",               "service",        "话务员"),
    Role("Engineering",         "工程(含中控室)",          "engineering",    "工程维修员"),
    Role("Security",            "保安",                   "security",       "保安员"),
    Role("Cleaning",            "保洁",                   "cleaning",       "保洁员"),
    Role("Procurement",         "采购部",                 "procurement",    "采购员"),
    Role("HandoverDesk",        "入伙部",                 "handover",       "入伙专员"),
    Role("Finance",             "财务",                   "finance",        "会计"),
    Role("Sales",               "销售部",                 "sales",          "销售代表"),
    Role("LeasingShop",         "地铺",                   "leasing",        "租售专员"),
    Role("LeasingSpecialist",   "租售专员",               "leasing",        "租售专员"),
    Role("LeasingSupervisor",   "租售主管",               "leasing",        "租售主管"),
    Role("Clerk",               "部门文员/档案管理员",     "service",        "部门文员"),
    Role("Headquarters",        "总部",                   "headquarters",   "部门经理",       all_projects=True),
)  # fmt: skip

EVERYBODY = " ".join(role.name for role in ROLES)


def all_but(*names: str) -> str:
    """The names of all roles but these."""
    return " ".join(role.name for role in ROLES if role.name not in names)


LEASING = "LeasingShop LeasingSpecialist LeasingSupervisor"
DESKS = "MailRoom BusinessCentre MeetingService Operator"
TRADES = "Engineering Security Cleaning"
READERS = (
    "GeneralManager Headquarters"  # read all; approvals of the general manager come with their registers
)
# Who is asked for customers, units and people all day and so must find them, but does not keep them.
ASK = f"DutyManager {DESKS} {TRADES} Procurement Sales {LEASING}"

# Admin is not named: he gets all of it, but for view_pii, which he must give himself, and that leaves a line.
GRANTS = {
    # ---- property and customers (registers.md §3.1) ----
    "project": (
        ("lsexp", "Manager"),
        ("lsx", READERS),
        ("ls", f"RelationsSupervisor Steward FrontDesk HandoverDesk Finance Clerk {ASK}"),
    ),
    "building": (
        ("lsaedrxip", "Manager"),
        ("lsex", "Steward Engineering"),  # valve places and how to close them (S2#7 4)
        ("lsx", READERS),
        ("ls", f"RelationsSupervisor FrontDesk HandoverDesk Finance Clerk DutyManager {DESKS} Security Cleaning"
               f" Procurement Sales {LEASING}"),
    ),
    "unit": (
        ("lsaedrxip", "Manager"),
        ("lsaexip", "Steward HandoverDesk"),
        ("lsexp", "RelationsSupervisor LeasingSpecialist LeasingSupervisor"),  # use: own, let, lent, idle
        ("lsxp", f"{READERS} Finance Sales Clerk"),
        ("ls", f"FrontDesk DutyManager {DESKS} {TRADES} Procurement LeasingShop"),
    ),
    "customer": (
        ("lsaedrxipvm", "Manager"),
        ("lsaexipvm", "RelationsSupervisor Steward"),
        ("lsaepm", "FrontDesk HandoverDesk Clerk"),
        ("lsexp", "Finance"),  # billing title and tax data
        ("lsxp", f"{READERS} Sales"),
        ("ls", f"DutyManager {DESKS} {TRADES} Procurement {LEASING}"),
    ),
    # view_pii: those who must call a person back or copy an ID card. Not the desks, trades, finance or readers.
    "contact": (
        ("lsaedrxipvm", "Manager"),
        ("lsaexipvm", "RelationsSupervisor Steward"),  # a steward in the buildings in charge: the archive's copies
        ("lsaepvm", "HandoverDesk"),  # checks the owner's papers (B一)
        ("lsv", "DutyManager"),  # emergencies off hours (A二(六))
        ("lsaepm", "FrontDesk Clerk"),
        ("lsx", READERS),
        ("ls", f"{DESKS} {TRADES} Finance Sales {LEASING}"),
    ),
    "lease": (
        ("lsaedrxipm", "Manager"),
        ("lsaexipm", "Steward LeasingSpecialist LeasingSupervisor"),
        ("lsxp", f"{READERS} Finance Sales RelationsSupervisor Clerk"),  # 90/60/30-day list
        ("ls", "DutyManager FrontDesk HandoverDesk LeasingShop"),
    ),
    "lease_unit": (  # goes with its lease, which opens and closes it
        ("lsexip", "Manager Steward LeasingSpecialist LeasingSupervisor"),
        ("lsxp", f"{READERS} Finance Sales RelationsSupervisor Clerk"),
        ("ls", "DutyManager FrontDesk HandoverDesk LeasingShop"),
    ),
    "occupancy": (
        ("lsaedrxipm", "Manager"),
        ("lsaexipm", "Steward HandoverDesk"),
        ("lsxp", f"{READERS} RelationsSupervisor Finance Sales Clerk"),
        ("ls", f"DutyManager FrontDesk {DESKS} {TRADES} {LEASING}"),
    ),
    "customer_change": (  # whoever hears of a change proposes it, the department enters it (S2#7 1)
        ("lsaedrxipm", "Manager"),
        ("lsaexpm", "RelationsSupervisor Steward Clerk"),
        ("lsaep", "FrontDesk MailRoom Operator HandoverDesk Finance"),
        ("lsx", READERS),
        ("ls", "DutyManager Sales"),
    ),
    "agreement": (
        ("lsaedrxipm", "Manager"),
        ("lsaexpm", "Steward HandoverDesk Clerk"),
        ("lsx", READERS),
        ("ls", "RelationsSupervisor Finance FrontDesk"),
    ),
    "special_care": (  # illness and age: only those who look after them, and the guards who pass by
        ("lsaedrxpvm", "Manager RelationsSupervisor"),
        ("lsaepvm", "Steward"),
        ("ls", "GeneralManager DutyManager FrontDesk Security"),
    ),
    "parking_lease": (
        ("lsaedrxipm", "Manager"),
        ("lsaexipm", "Steward"),
        ("lsaep", "FrontDesk"),
        ("lsxp", f"{READERS} Finance"),
        ("ls", "RelationsSupervisor DutyManager Security Sales Clerk"),
    ),
    # ---- staff and system ----
    "department": (("ls", EVERYBODY),),
    "position": (("ls", EVERYBODY),),
    "staff_member": (("lsaep", "Manager"), ("ls", all_but("Manager"))),  # without an account too, to give orders to
    "users": (),  # accounts, sessions, the sign-in log and backups are Admin's alone
    "roles": (("lx", "GeneralManager"),),
    "parameters": (),
    "log": (),
    "status": (),
    "api_docs": (("lsx", "Manager GeneralManager"),),  # a token has its user's rights, whoever reads this
    "sessions": (),
    "sign_in_log": (),
    "backup": (),
    "clock": (),
    "jobs": (("lx", EVERYBODY),),  # the own ones; an administrator sees all
    "choices": (("lsex", "Manager"),),
    "deadlines": (("lex", "Manager"), ("lx", "GeneralManager RelationsSupervisor DutyManager")),
    "rules": (("lex", "Manager"), ("lx", "GeneralManager RelationsSupervisor DutyManager")),
    "saved_view": ((" share", "Manager"),),  # everybody keeps views for himself; these keep them for others
    "fields": (),  # what a register asks for is Admin's to decide
    # the wizard; what may be imported is can_import of each register
    "import": (("lx", "Manager RelationsSupervisor Steward HandoverDesk Clerk"),),
}  # fmt: skip

ADMIN = "Admin"
PUBLIC = "Public"
NOT_ADMINS = {"can_view_pii", "can_home", "can_stay_signed_in"}

_by_name = {role.name: role for role in ROLES}


def role(name: str) -> Role:
    """The role of that name; one that Admin made by himself has no scope beyond its users' projects."""
    return _by_name.get(name) or Role(name, name)


def add(resource: str, *lines: tuple[str, str]):
    """Append the lines of a later register: a domain may keep them beside its models."""
    GRANTS[resource] = (*GRANTS.get(resource, ()), *lines)


def permissions_of(letters: str, moves=(), offered=()) -> set[str]:
    """The permission names that one cell of the table stands for. Raises KeyError for an unknown letter."""
    first, *words = letters.split(" ")
    names = {f"can_{word}" for word in words}
    for letter in first:
        if letter == "m":
            names |= set(moves)
        elif letter == "*":
            names |= set(offered)
        else:
            names.add(LETTERS[letter])
    return names
