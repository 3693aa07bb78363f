"""Customers and contacts on screen, and a customer's card (客户一览)."""

from flask_babel import lazy_gettext as _l

from app.core.views import RegisterView
from app.property.models import Contact, Customer
from app.property.views import cards


class CustomerView(RegisterView):
    model, title, icon = Customer, _l("Customers"), "people"
    columns = ["number", "name", "short_name", "state", "grade", "trade", "switchboard"]
    quick_edit = ["short_name", "sign_name", "grade", "trade", "switchboard", "extensions", "mobile"]
    strip = [cards.customer_strip]
    under_title = ["number", "kind", "trade"]
    lead_tab = "contact"
    default_sort = [("number", True)]


class ContactView(RegisterView):
    model, title, icon = Contact, _l("Contacts"), "person-lines-fill"
    columns = ["number", "name", "customer_id", "role", "main", "mobile", "title", "state"]
    quick_edit = ["mobile", "other_phones", "title", "role", "email"]
    strip = ["customer_id", "role", "mobile"]
    tab_sort = [("main", True), ("number", False)]
    default_sort = [("number", True)]
