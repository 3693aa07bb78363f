"""百川大厦, an invented tower with two years of leases, to look around in; and any number of rows to measure with.

Knows the registers as staff do; every company, person, phone and number in here is invented.
"""

from app.demo.events import load_events
from app.demo.money_year import load_money
from app.demo.scale import PROJECT as SCALE
from app.demo.scale import seed
from app.demo.service_year import load_year
from app.demo.staff import demo_staff
from app.demo.tower import PROJECT
from app.demo.years import load_demo

__all__ = ["PROJECT", "SCALE", "demo_staff", "load_demo", "load_events", "load_money", "load_year", "seed"]
