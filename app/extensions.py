"""The shared Flask extensions, made once and bound in create_app. Knows nothing of ours."""

from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect

# Flask-AppBuilder's tables and ours stand in one metadata, so that Alembic owns them all.
db = SQLA(metadata=Model.metadata)
migrate = Migrate(render_as_batch=True, compare_type=True)
csrf = CSRFProtect()
