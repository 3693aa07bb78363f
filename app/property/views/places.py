"""Projects, buildings and units on screen, and a unit's card (单元一览): who is in, whose it is, what was before."""

from flask_babel import lazy_gettext as _l

from app.core.views import RegisterView
from app.property.models import Building, Project, Unit
from app.property.views import cards


class ProjectView(RegisterView):
    model, title, icon = Project, _l("Projects"), "buildings"
    columns = ["number", "name", "kind", "address", "hotline"]
    default_sort = [("number", False)]


class BuildingView(RegisterView):
    model, title, icon = Building, _l("Buildings"), "building"
    columns = ["number", "name", "floors", "basements", "lifts", "built_area", "address"]
    quick_edit = ["floors", "basements", "lifts"]
    strip = [cards.building_strip]
    default_sort = [("name", False)]


class UnitView(RegisterView):
    model, title, icon = Unit, _l("Units"), "door-open"
    columns = [
        "place",
        "kind",
        "building_id",
        "floor",
        "built_area",
        "lettable_area",
        "use",
        "sale",
        "owner_id",
    ]
    quick_edit = ["built_area", "lettable_area", "sale", "layout"]
    strip = [cards.unit_strip]
    under_title = ["number", "kind", "layout", "use", "sale"]
    default_sort = [("place", False)]
