"""房产客户: projects, buildings, units, customers and what binds them. The menu of the domain."""

from flask_babel import lazy_gettext as _l

from app.core.registry import Domain
from app.property import calendars as calendars  # tells the deadline engine when a project works
from app.property import clock as clock  # declares its steps
from app.property import layouts as layouts  # registers the layouts of other people's lists
from app.property import phones as phones  # gives contacts and customers their remarks
from app.property.views import VIEWS

property = Domain("property", _l("Property and customers"), "buildings", views=VIEWS)
