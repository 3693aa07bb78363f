"""Puts a domain's views into Flask-AppBuilder: routes, permissions and menu, in the order the domain names them."""

from app.core.registry import Domain


def register_domain(appbuilder, domain: Domain):
    """Register the views of a domain under its menu; a view with ``in_menu = False`` gets routes only."""
    for view_class in domain.views:
        view = view_class()
        view.group = domain.title
        if not getattr(view, "in_menu", True):
            appbuilder.add_view_no_menu(view)
            continue
        appbuilder.add_view(
            view,
            f"{domain.name}.{view.class_permission_name}",
            label=view.title,
            icon=view.icon,
            category=domain.name,
            category_label=domain.title,
            category_icon=domain.icon,
        )
