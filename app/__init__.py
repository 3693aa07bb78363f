"""The application factory. What the app consists of stands in `app.contents`."""

import mimetypes

from flask import Flask


def create_app(settings: dict | None = None, *, checked: bool = True) -> Flask:
    """The app with its settings (by default those of the environment).

    ``checked`` refuses bad settings and a database whose tables or guards are not what this version declares.
    """
    # Imported here: a module of core must not load every domain because it stands in this package.
    from flask_appbuilder import AppBuilder
    from flask_bootstrap import Bootstrap5

    import config
    from app.contents import DOMAINS
    from app.core import history, script_texts, storage
    from app.core.api import RegisterApi
    from app.core.bell import init_bell
    from app.core.box import BoxView
    from app.core.domains import register_domain
    from app.core.due import keeping
    from app.core.error_log import init_error_log
    from app.core.lean_templates import Lean
    from app.core.notice_pages import NoticeView
    from app.core.request import init_request
    from app.core.routing import LateRule
    from app.core.saved_views import SavedViewPages
    from app.core.security import init_security
    from app.extensions import csrf, db, migrate
    from app.workbench import WorkbenchView

    app = Flask(__name__)
    app.url_rule_class = LateRule
    app.config.from_mapping(settings if settings is not None else config.settings())
    # as given: what is set below, such as our own check of CSRF, is no fault
    wrong = config.problems(app.config)
    app.jinja_env.add_extension(Lean)
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False}  # Chinese in half the bytes
    mimetypes.add_type("text/javascript", ".js")
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations")
    csrf.init_app(app)
    Bootstrap5(app)
    with app.app_context():
        storage.prepare(db.engine)
        init_bell(app)
        keeping.listen(db.session)  # before the history, whose head is the last lock of a write
        history.listen(db.session)
        init_security(app)
        appbuilder = AppBuilder(indexview=WorkbenchView)
        appbuilder.init_app(app, db.session)
        for domain in DOMAINS:
            register_domain(appbuilder, domain)
        appbuilder.add_view_no_menu(BoxView)
        appbuilder.add_view_no_menu(NoticeView)
        appbuilder.add_view_no_menu(RegisterApi)
        appbuilder.add_view_no_menu(SavedViewPages)
        app.register_blueprint(script_texts.files)
        init_request(app)
        init_error_log()
    if checked and not app.config.get("TESTING"):
        refuse_unready(app, wrong)
    return app


def refuse_unready(app, wrong: list[str]):
    """Refuse to start with settings that are wrong, or where the database is not fit to be worked with."""
    from app.core import migrating

    if found := [*wrong, *migrating.problems(app)]:
        raise SystemExit("\n".join(found))
