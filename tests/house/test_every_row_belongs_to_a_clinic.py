"""Every table says which clinic a row belongs to, and cannot forget it.

Why: two clinics share one server; a row without its clinic is a patient whom a stranger's nurse may open.
Mend: give the table a `clinic_id` that is a foreign key to clinic.id and never empty; fill it where the row is made.
Except: `# house: clinic - reason`, for rows that hang on one row of a clinic and are never read without it
Design: section 2.
"""

from collections.abc import Iterator

from sqlalchemy import Column, ForeignKey, MetaData, String, Table

from tests.house.house import Finding, Source, judge
from tests.house.tables import Owned, all_tables, leads_to

ROOT_TABLE = "clinic"


def unscoped(owned: Owned) -> Iterator[Finding]:
    """What is wrong with a table's clinic."""
    table = owned.table
    if table.name == ROOT_TABLE:
        return
    clinic = table.columns.get("clinic_id")
    if clinic is None:
        yield owned.find(f"the table {table.name} does not say whose clinic a row is of", "")
    elif leads_to(clinic) != {f"{ROOT_TABLE}.id"}:
        yield owned.find(f"{table.name}.clinic_id is no foreign key to {ROOT_TABLE}.id", "clinic_id")
    elif clinic.nullable:
        yield owned.find(f"{table.name}.clinic_id may be empty", "clinic_id")


def test_every_row_belongs_to_a_clinic() -> None:
    tables = all_tables()

    judge(__doc__, [each for owned in tables for each in unscoped(owned)], {owned.source for owned in tables})


def test_a_table_without_a_clinic_is_found() -> None:
    text = '"""Rows."""\n__tablename__ = "visit"\n__tablename__ = "note"\n    clinic_id = 1\n'
    text += '__tablename__ = "word"\n    clinic_id = 2\n'
    metadata, file = MetaData(), Source("care/sample/tables.py", text)
    visit = Table("visit", metadata, Column("id", String, primary_key=True))
    note = Table("note", metadata, Column("clinic_id", String, nullable=False))
    word = Table("word", metadata, Column("clinic_id", ForeignKey("clinic.id")))

    found = [str(each) for table in (visit, note, word) for each in unscoped(Owned(table, file))]

    assert found == [
        "care/sample/tables.py:2: the table visit does not say whose clinic a row is of",
        "care/sample/tables.py:4: note.clinic_id is no foreign key to clinic.id",
        "care/sample/tables.py:6: word.clinic_id may be empty",
    ]
