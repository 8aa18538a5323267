"""SQL is written by SQLAlchemy; a `text(...)` is one literal, its values are bound by name.

Why: a value glued into a statement is read as a statement; one patient's name could end the database.
Mend: build it with select(), update() and insert(), or write `text("... :name")` and hand the value in.
Except: `# house: sql - reason`
"""

import ast
from collections.abc import Iterator

from tests.house.house import OURS, Finding, Source, judge, sources

RAW = ("sqlalchemy.text", "sqlalchemy.literal_column", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text", "sqlalchemy.DDL")
STATEMENTS = ("exec_driver_sql", "executescript", "executemany")
RUNS = ("execute", "scalar", "scalars", "stream", *STATEMENTS)


def is_literal(node: ast.expr) -> bool:
    """One string as it stands, also over several lines."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_glued(node: ast.expr) -> bool:
    """A string made while the program runs: f-string, sum, `%`, format, join."""
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and any(
            is_literal(each) or is_glued(each) for each in (node.left, node.right)
        )
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join", "replace")
    return made and is_literal(node.func.value)  # type: ignore[attr-defined]


def glued_sql(source: Source) -> Iterator[Finding]:
    """Raw SQL that is no literal, and statements glued together on their way to the database."""
    for node in source.nodes:
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        first = node.args[0]
        raw = source.origin(node.func) in RAW or (called == "execute" and ast.unparse(node.func) == "op.execute")
        if (raw and not is_literal(first)) or (called in RUNS and is_glued(first)):
            yield source.at(node, f"glues a statement together: {ast.unparse(first)[:50]}")


def test_no_sql_is_glued_together() -> None:
    python = sources(*OURS)

    judge(__doc__, [each for source in python for each in glued_sql(source)], python)


def test_a_value_inside_a_statement_is_found() -> None:
    sample = """
from sqlalchemy import select, text
a = text("select 1 where id = :id")
b = text(f"select 1 where id = '{id_}'")
c = session.execute("select " + name)
d = connection.exec_driver_sql("pragma %s" % name)
e = text(SQL)
f = session.execute(select(Patient).where(Patient.id == id_))
g = connection.execute("delete from {}".format(table))
h = op.execute(f"update {table}")
"""
    assert [each.line for each in glued_sql(Source("care/sample.py", sample))] == [4, 5, 6, 7, 9, 10]
