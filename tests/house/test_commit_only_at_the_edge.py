"""Only care/kit/database.py commits and rolls back; a checkpoint says what must survive a crash there.

Why: half of a unit of work on the disk is a dose that was answered but never counted, or an alarm without its line.
Mend: let the `async with database.work()` around it commit; if a step must survive a crash, `work.checkpoint("why")`.
Except: `# house: commit - reason`
Design: decision 6.
"""

import ast
from collections.abc import Iterator

from tests.house.house import Finding, Source, judge, sources

EDGE = "care/kit/database.py"
ENDINGS = ("commit", "rollback", "begin", "begin_nested")
SHORTEST_REASON = 3  # words


def endings(source: Source) -> Iterator[Finding]:
    """Calls that open or end a transaction, and checkpoints without a reason."""
    for node in source.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in ENDINGS:
            yield source.at(node, f"calls {ast.unparse(node.func)}()")
        elif node.func.attr == "checkpoint" and not _says_why(node):
            yield source.at(node, "makes a checkpoint without saying what must survive")


def _says_why(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and len(str(first.value).split()) >= SHORTEST_REASON


def test_commit_only_at_the_edge() -> None:
    inside = [each for each in sources("care", "api", "scheduler") if each.file != EDGE]

    judge(__doc__, [each for source in inside for each in endings(source)], inside)


def test_a_service_that_commits_is_found() -> None:
    sample = 'await work.session.commit()\nawait work.checkpoint("")\nawait work.checkpoint("the attempt must survive")\n'

    assert [each.line for each in endings(Source("care/plans/sample.py", sample))] == [1, 2]
