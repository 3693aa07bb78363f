"""Changes, agreements and special care on screen."""

from flask_babel import lazy_gettext as _l

from app.core.views import RegisterView
from app.property.models import Agreement, CustomerChange, SpecialCare


class CustomerChangeView(RegisterView):
    model, title, icon = CustomerChange, _l("Customer changes"), "arrow-left-right"
    columns = ["number", "customer_id", "field", "old_value", "new_value", "effective_on", "state"]
    strip = ["customer_id", "field", "old_value", "new_value", "effective_on"]
    default_sort = [("effective_on", True)]


class AgreementView(RegisterView):
    model, title, icon = Agreement, _l("Agreements"), "pen"
    columns = ["number", "customer_id", "unit_id", "kind", "edition", "signer", "signed_on", "state"]
    quick_edit = ["edition", "signer"]
    strip = ["customer_id", "unit_id", "kind", "signed_on"]
    default_sort = [("signed_on", True)]


class SpecialCareView(RegisterView):
    model, title, icon = SpecialCare, _l("Special care"), "heart-pulse"
    columns = ["customer_id", "contact_id", "unit_id", "reason", "since", "next_visit_on", "state"]
    quick_edit = ["next_visit_on"]
    strip = ["customer_id", "reason", "since", "next_visit_on"]
    default_sort = [("next_visit_on", False)]
