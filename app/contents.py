"""DOMAINS, the table of contents: the domains of the system in the order of its menu."""

from app.fees import fees
from app.movein import movein
from app.oversight import oversight
from app.property import property as property_domain
from app.service import service
from app.system import system

DOMAINS = [property_domain, movein, service, fees, oversight, system]
