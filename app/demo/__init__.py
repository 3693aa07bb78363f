"""百川大厦, an invented tower with two years of leases, to look around in; and any number of rows to measure with.

Knows the registers as staff do; every company, person, phone and number in here is invented.
"""

<<<<<<< HEAD
from app.demo.events import load_events
=======
from app.demo.money_year import load_money
>>>>>>> 51df503 (Fees: the month's bills in one run, the till, meter and dunning rounds, collection and arrears, printed forms, rules R41 and R52, a year of money in the demo; paid repairs are charged through one door)
from app.demo.scale import PROJECT as SCALE
from app.demo.scale import seed
from app.demo.service_year import load_year
from app.demo.staff import demo_staff
from app.demo.tower import PROJECT
from app.demo.years import load_demo

<<<<<<< HEAD
__all__ = ["PROJECT", "SCALE", "demo_staff", "load_demo", "load_events", "load_year", "seed"]
=======
__all__ = ["PROJECT", "SCALE", "demo_staff", "load_demo", "load_money", "load_year", "seed"]
>>>>>>> 51df503 (Fees: the month's bills in one run, the till, meter and dunning rounds, collection and arrears, printed forms, rules R41 and R52, a year of money in the demo; paid repairs are charged through one door)
