"""Alembic's entry point: takes the tables from the models and the connection from `app.core.migrating`."""

from alembic import context
from flask_appbuilder import Model

from app.core.migrating import comparing

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Model.metadata,
    transaction_per_migration=False,
    **comparing(connection),
)
with context.begin_transaction():
    context.run_migrations()
