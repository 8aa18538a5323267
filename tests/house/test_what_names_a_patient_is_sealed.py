"""What names a patient, or what they said, stands in the database only sealed with that patient's own key.

Why: a stolen disk or a lost backup must tell nothing, and erasing one key must erase the person everywhere.
Mend: name the column `..._sealed`, make it bytes, and write it with `Vault(work).seal(...)`; to look a value up, `..._index`.
Except: `# house: sealed - reason`
Design: decision 12.
"""

import ast
import re
from collections.abc import Iterator

from sqlalchemy import JSON, Column, LargeBinary, MetaData, String, Table

from tests.house.house import Finding, Source, judge, sources
from tests.house.tables import Owned, all_tables, is_of_a_patient

SEALED, INDEX = "_sealed", "_index"
NAMING = re.compile(
    r"^(name|phone|tel|mail|email|address|birth|born|age|sex|gender|photo|text|words|note|evidence|content|said)$"
)
ROOM_FOR_A_SENTENCE = 160  # characters: keys and hashes are shorter
ABOUT_IT = {"said_by", "content_hash"}  # who spoke and which wording, not what was said


def readable_columns(owned: Owned) -> Iterator[Finding]:
    """Columns of a patient's rows that could hold a name or a sentence for everybody to read."""
    for column in owned.table.columns if is_of_a_patient(owned.table) else ():
        name = f"{owned.table.name}.{column.name}"
        if column.name.endswith(SEALED):
            if not isinstance(column.type, LargeBinary):
                yield owned.find(f"{name} is called sealed and holds readable values", column.name)
        elif column.name not in ABOUT_IT and not column.name.endswith(INDEX) and names_somebody(column.name):
            yield owned.find(f"{name} names a patient and is not sealed", column.name)
        elif type(column.type) is not JSON and has_room(column):
            yield owned.find(f"{name} has room for a sentence and is not sealed", column.name)


def names_somebody(column: str) -> bool:
    return any(NAMING.match(word) for word in column.split("_"))


def has_room(column: Column[object]) -> bool:
    return isinstance(column.type, String) and (column.type.length or ROOM_FOR_A_SENTENCE + 1) > ROOM_FOR_A_SENTENCE


def unsealed_writes(source: Source) -> Iterator[Finding]:
    """Places that fill a sealed column with something that comes from no vault."""
    for node, name, value in writes(source):
        if name.endswith(SEALED) and not is_sealed(value):
            yield source.at(node, f"fills {name} with {ast.unparse(value)[:40]}")


def writes(source: Source) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    """(place, name, value) of every attribute, keyword argument and dictionary key that is given a value."""
    for node in source.nodes:
        if isinstance(node, ast.Assign):
            yield from ((node, each.attr, node.value) for each in node.targets if isinstance(each, ast.Attribute))
        elif isinstance(node, ast.Call):
            yield from ((each.value, each.arg, each.value) for each in node.keywords if each.arg)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from ((value, str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))


def is_sealed(value: ast.expr) -> bool:
    """Whether it is a vault's work, or nothing at all."""
    if isinstance(value, ast.Constant):
        return not value.value
    if isinstance(value, ast.IfExp):
        return is_sealed(value.body) and is_sealed(value.orelse)
    call = value.value if isinstance(value, ast.Await) else value
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "seal"


def test_what_names_a_patient_is_sealed() -> None:
    python = sources("care", "api", "scheduler")
    found = [each for owned in all_tables() for each in readable_columns(owned)]
    found += [each for source in python for each in unsealed_writes(source)]

    judge(__doc__, found, python)


def test_a_readable_name_and_a_value_from_no_vault_are_found() -> None:
    columns = [Column("patient_id", String(32)), Column("said_by", String(9)), Column("phone_index", String(64))]
    wrong = [Column("birth_year", String(4)), Column("free", String), Column("name_sealed", String(9))]
    owned = Owned(Table("visit", MetaData(), *columns, *wrong), Source("care/sample/tables.py", ""))
    sample = 'a.name_sealed = name\nA(name_sealed=b"")\nx = {"note_sealed": note.encode()}\n'
    sample += 'a.name_sealed = await vault.seal(id_, "a.name", name) if name else None\n'

    assert [each.what.split()[0] for each in readable_columns(owned)] == ["visit.birth_year", "visit.free", "visit.name_sealed"]
    assert [each.line for each in unsealed_writes(Source("care/sample.py", sample))] == [1, 3]
