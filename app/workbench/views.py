"""The index page: the one box with the focus, and the cards that domains provide for the role at work."""

from flask import redirect, url_for
from flask_appbuilder import IndexView, expose

from app.core.actor import actor
from app.core.cards import cards_for, heads_for


class WorkbenchView(IndexView):
    """工作台: where everybody begins."""

    route_base = ""
    class_permission_name = "workbench"

    @expose("/")
    def index(self):
        someone = actor()
        if someone.user_id is None:
            return redirect(url_for(f"{self.appbuilder.sm.auth_view.endpoint}.login"))
        imports = someone.can("can_list", "import")
        return self.render_template(
            "workbench.html", heads=heads_for(someone), cards=cards_for(someone), imports=imports
        )
