"""The tables as SQLAlchemy knows them, each with the place in the code that made it."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module

from sqlalchemy import Column, Table
from sqlalchemy.orm import Mapper

from care.kit.database import Base
from tests.house.house import Finding, Source, sources


@dataclass(frozen=True)
class Owned:
    """One table and the file of its class."""

    table: Table
    source: Source

    def find(self, what: str, words: str) -> Finding:
        """A finding at the first line after the class begins that holds the words."""
        begins = self._line(f'__tablename__ = "{self.table.name}"', 1)
        return Finding(self.source.file, self._line(words, begins) if words else begins, what)

    def _line(self, words: str, begins: int) -> int:
        lines = enumerate(self.source.lines[begins - 1 :], begins)
        return next((number for number, line in lines if words in line), begins)


def own(mapper: Mapper[object], files: dict[str, Source]) -> Owned:
    table = mapper.local_table
    assert isinstance(table, Table)
    return Owned(table, files[mapper.class_.__module__])


@cache
def all_tables() -> tuple[Owned, ...]:
    """Every table of care/*/tables.py."""
    files = {
        each.file.removesuffix(".py").replace("/", "."): each for each in sources("care") if each.file.endswith("/tables.py")
    }
    for module in files:
        import_module(module)
    return tuple(own(mapper, files) for mapper in Base.registry.mappers if mapper.class_.__module__ in files)


def is_of_a_patient(table: Table) -> bool:
    return table.name == "patient" or "patient_id" in table.columns


def leads_to(column: Column[object]) -> set[str]:
    """The columns a foreign key names."""
    return {key.target_fullname for key in column.foreign_keys}
