"""The shape of the store: bring it to the newest version, and tell whether it is there."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from db.engine import engine_of
from db.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"


def _alembic(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def upgrade_store(url: str) -> None:
    """Bring the schema to the newest version in one transaction; nothing to do is fine."""
    with engine_of(url).connect().execution_options(writes=True) as connection, connection.begin():
        command.upgrade(_alembic(connection), "head")


def newest_schema() -> str | None:
    """Return the newest schema version this program knows."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def known_schemas() -> set[str]:
    """Return all schema versions this program knows."""
    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def schema_of(url: str) -> str | None:
    """Return the schema version of a store, None where it has none."""
    with engine_of(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def schema_is_current(url: str) -> bool:
    """Tell whether a store has the newest schema."""
    return schema_of(url) == newest_schema()


def schema_differences(url: str) -> list[object]:
    """Return how a store's tables differ from the models; empty where they agree."""
    with engine_of(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
