"""Every promise names a test that proves it, and every test a document names is there.

Why: a promise without its proof is an advertisement; a test that was renamed takes its promise with it unnoticed.
Mend: name the test by its file, two colons and its name, or take the promise back into "Not promised yet".
"""

import ast
import re
from collections.abc import Iterator

from tests.house.house import Finding, Source, judge, source, sources, tracked

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROMISE = re.compile(r"## (P\d+)\. ")
PROMISES = "PROMISES.md"


def defined_in(file: str) -> set[str]:
    """The names of a file's tests, read and not run."""
    return {each.name for each in source(file).tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def missing_tests(document: Source) -> Iterator[Finding]:
    for number, line in enumerate(document.lines, 1):
        for file, name in NAMED.findall(line):
            if file not in tracked():
                yield Finding(document.file, number, f"names a test of {file}: there is no such file")
            elif name not in defined_in(file) or not name.startswith("test_"):
                yield Finding(document.file, number, f"names {name}: {file} has no such test")


def unproved(document: Source) -> Iterator[Finding]:
    """Promises whose section names no test."""
    starts = [number for number, line in enumerate(document.lines) if line.startswith("## ")]
    for first, last in zip(starts, [*starts[1:], len(document.lines)], strict=True):
        promise = PROMISE.match(document.lines[first])
        if promise and not NAMED.search("\n".join(document.lines[first:last])):
            yield Finding(document.file, first + 1, f"{promise[1]} names no test that proves it")


def test_promises_name_real_tests() -> None:
    written = sources(ends=(".md",))
    found = [each for document in written for each in missing_tests(document)]
    found += unproved(source(PROMISES))

    judge(__doc__, found)


def test_there_are_promises_to_check() -> None:
    assert len(PROMISE.findall(source(PROMISES).text)) > 9


def test_a_promise_without_a_test_and_a_test_nobody_wrote_are_found() -> None:
    here = "tests/house/test_promises_name_real_tests.py"
    text = f"## P1. Kept\n`{here}::test_there_are_promises_to_check`\n## P2. Broken\n`{here}::test_gone` `{here}::defined_in`\n"
    text += "`tests/house/test_gone.py::test_x`\n## P3. Empty\nWords.\n## Not promised yet\n"
    sample = Source(PROMISES, text)

    assert [each.line for each in missing_tests(sample)] == [4, 4, 5]
    assert [each.what for each in unproved(sample)] == ["P3 names no test that proves it"]
