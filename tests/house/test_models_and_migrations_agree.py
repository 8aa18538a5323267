"""The migrations build exactly the tables of care/*/tables.py, one after the other, and explain themselves.

Why: a column only the code knows breaks a hospital's database at the first write after an update, at night.
Mend: write the next migration (`.venv/bin/alembic revision --autogenerate`), say in its docstring why and how long it takes.
Design: section 2.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from care.kit.database import Base
from care.migrations import __file__ as migrations
from tests.house.house import Finding, Source, judge, sources
from tests.house.tables import all_tables

FOLDER = "care/migrations/versions/"


def differences(database: Path) -> list[Finding]:
    """What Alembic would change in a database that has every migration."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        changes = compare_metadata(MigrationContext.configure(connection, opts={"render_as_batch": True}), Base.metadata)
    engine.dispose()
    return [told(each) for change in changes for each in (change if isinstance(change, list) else [change])]


def told(change: tuple[Any, ...]) -> Finding:
    """One change at the class of its table."""
    named = next((part for part in change[1:] if getattr(part, "table", None) is not None or hasattr(part, "columns")), None)
    table = getattr(named, "table", named)
    name = getattr(table, "name", None) or next((part for part in change[1:] if isinstance(part, str)), "")
    what = f"the migrations lack: {change[0]} {name} {getattr(named, 'name', '') or ''}".rstrip()
    owned = next((each for each in all_tables() if each.table.name == name), None)
    return owned.find(what, "") if owned else Finding(FOLDER, 1, what)


def unexplained(source: Source) -> Iterator[Finding]:
    """Migrations that do not say why and how long."""
    said = ast.get_docstring(source.tree) or ""
    yield from (Finding(source.file, 1, f"does not say `{part}`") for part in ("Why:", "How long:") if part not in said)


def test_models_and_migrations_agree(empty_sqlite: Path) -> None:
    versions = [each for each in sources("care") if each.file.startswith(FOLDER)]
    found = [*differences(empty_sqlite), *(each for source in versions for each in unexplained(source))]
    heads = ScriptDirectory(str(Path(migrations).parent)).get_heads()
    if len(heads) != 1:
        found.append(Finding(FOLDER, 1, f"the line of migrations has {len(heads)} ends: {', '.join(heads)}"))

    judge(__doc__, found)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("alter table patient drop column audio", "the migrations lack: add_column patient audio"),
        ("drop table attempt", "the migrations lack: add_table attempt attempt"),
        ("alter table line add column mood varchar(9)", "the migrations lack: remove_column line mood"),
        ("drop index ix_alert_open", "the migrations lack: add_index alert ix_alert_open"),
    ],
)
def test_a_database_that_lacks_something_is_found(change: str, expected: str, sqlite: str) -> None:
    file = Path(sqlite.removeprefix("sqlite+aiosqlite:///"))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()

    found = [each for each in differences(file) if each.what == expected]

    assert [each.file.split("/")[0] for each in found] == ["care"]


def test_a_migration_without_its_reason_is_found() -> None:
    silent = Source(f"{FOLDER}0002_more.py", '"""More tables.\n\nWhy: they were needed.\n"""\n')

    assert [each.what for each in unexplained(silent)] == ["does not say `How long:`"]
