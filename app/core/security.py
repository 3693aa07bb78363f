"""Flask-AppBuilder's security manager as this system runs it. Knows its extension points, no page of it.

Roles, permission tables, decorators and menu stay Flask-AppBuilder's; permissions are asked from what the session
brought (`app.core.rights`), and its own sign-in, user, role and statistics pages are replaced by ours.
"""

from flask import current_app, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager as TheirSecurityManager
from flask_login import AnonymousUserMixin, LoginManager

from app.core import rights
from app.core.sessions import RowSessions
from app.core.signed_in import SignedIn
from app.core.staff import StaffUser

MENU = "menu_access"


class SessionLogin(LoginManager):
    """Flask-Login, taking the user that the session row brought: it reads and writes no cookie of its own."""

    def _load_user(self):
        self._update_request_context_with_user(getattr(session, "user", None))

    def _update_remember_cookie(self, response):
        return response


class SecurityManager(TheirSecurityManager):
    """Permissions without statements; none for a visitor who is not signed in."""

    user_model = StaffUser
    userstatschartview = None

    def create_login_manager(self, app):
        login = SessionLogin()
        login.anonymous_user = AnonymousUserMixin
        login.init_app(app)
        login.login_view = "SignInView.login"
        return login

    def register_views(self):
        from app.core import own_pages, own_password, sign_in

        self.auth_view = sign_in.SignInView()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.appbuilder.add_view_no_menu(own_password.PasswordView)
        self.appbuilder.add_view_no_menu(own_pages.ProfileView)
        self.appbuilder.add_view_no_menu(sign_in.PreferenceView)
        self.appbuilder.add_api(sign_in.SignInApi)

    # ---- who may ----

    def has_access(self, permission_name, view_name) -> bool:
        user = getattr(session, "user", None)
        return user is not None and user.may(permission_name, view_name)

    def _has_view_access(self, user, permission_name, view_name) -> bool:
        return (permission_name, view_name) in self._rights(user).permissions

    def has_menu_access(self, name) -> bool:
        return self.has_access(MENU, name)

    def _get_user_permission_view_menus(self, user, permission_name, view_menus_name):
        allowed = self._rights(user).permissions if user is not None else frozenset()
        return {name for name in view_menus_name or () if (permission_name, name) in allowed}

    def get_user_permissions(self, user):
        return set(self._rights(user).permissions)

    def is_item_public(self, permission_name, view_name) -> bool:
        """The role Public is empty by decision: what is open without sign-in is a list in `app.core.request`."""
        return False

    def get_user_roles(self, user):
        return user.roles if user.is_authenticated else []

    @staticmethod
    def _rights(user):
        known = getattr(user, "rights", None)  # through Flask-Login's proxy too
        if known is not None:
            return known
        if user is None or not user.is_authenticated:
            return rights.NONE
        return rights.read(user.id)

    # ---- who is it ----

    def load_user(self, pk):
        """Asked by nobody: the session row brings its user, and there is no other way in."""
        user = getattr(session, "user", None)
        return user if isinstance(user, SignedIn) and str(user.id) == str(pk) else None

    def load_user_jwt(self, _jwt_header, jwt_data):
        """No signed token is issued: a client's token is a session row, which can be ended."""
        return None

    def auth_user_db(self, username, password):
        """Flask-AppBuilder's own door to a password check, under the same limits as the form."""
        from app.core.attempts import check_password, finish

        found = check_password(username or "", password or "", "form")
        finish(found)
        return self.get_user_by_id(found.user_id) if found.result == "ok" else None


def init_security(app):
    """Settings that `AppBuilder` reads when it is made; call before."""
    app.session_interface = RowSessions()
    app.config.update(
        FAB_SECURITY_MANAGER_CLASS="app.core.security.SecurityManager",
        FAB_ADD_MENU_API=False,  # our pages have no use for it, nor for the documentation of it
        FAB_ADD_OPENAPI_VIEWS=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # `app.core.request` asks, for every route: Flask-AppBuilder exempts its APIs
    )


def check_security(app):
    """Raises RuntimeError where another manager stands: Flask-AppBuilder falls back silently when an import fails."""
    if type(app.appbuilder.sm) is not SecurityManager:
        raise RuntimeError("the security manager is not app.core.security.SecurityManager")


def locale() -> str | None:
    """The reader's language: chosen in the session, else by the cookie of the sign-in page, else the default."""
    if not has_request_context():
        return None
    languages = current_app.config["LANGUAGES"]
    chosen = (session.get("locale") if session else None) or request.cookies.get("lang")
    return chosen if chosen in languages else current_app.config["BABEL_DEFAULT_LOCALE"]
