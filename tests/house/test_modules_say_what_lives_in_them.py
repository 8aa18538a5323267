"""A module opens with one sentence, and a public function of care/ that is not told by its name has one too.

Why: who looks for the place of a change reads first lines; a file without one is opened, read and closed again by everybody.
Mend: write what lives here and for whom, as one sentence ending in a full stop; never repeat the names of the signature.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.house import OURS, Finding, Source, judge, sources

SENTENCE = re.compile(r"\S.*[.!?:`)]$")
FEWEST_WORDS = 3
TOLD_BY_ITS_NAME = 12  # lines; what is longer does more than a name can say
STYLE_OR_SCRIPT = re.compile(r"(//|/\*) \w+")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def silent_modules(source: Source) -> Iterator[Finding]:
    """Python files whose first paragraph is no sentence; an empty __init__.py has nothing to tell."""
    if not source.text.strip():
        return
    first = " ".join((ast.get_docstring(source.tree) or "").split("\n\n")[0].split())
    if not SENTENCE.match(first) or len(first.split()) < FEWEST_WORDS:
        yield Finding(source.file, 1, f"opens with no sentence: {first or 'nothing'}")


def silent_scripts(source: Source) -> Iterator[Finding]:
    if not STYLE_OR_SCRIPT.match(source.text):
        yield Finding(source.file, 1, "opens with no comment that says what it is")


def public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    """What others may call: functions of the module and of its public classes."""
    for node in body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)


def silent_functions(source: Source) -> Iterator[Finding]:
    """Public functions that are long and do not say what they do, or say only their own name again."""
    for node in public_functions(source.tree.body):
        said = ast.get_docstring(node)
        if said is None and (node.end_lineno or 0) - node.lineno + 1 > TOLD_BY_ITS_NAME:
            yield source.at(node, f"{node.name} is long and does not say what it does")
        elif said is not None and not said_beyond(node, said):
            yield source.at(node, f"{node.name} is explained by its own name: {said}")


def said_beyond(node: Function, said: str) -> set[str]:
    """The words of a docstring that neither the name nor an argument says."""
    named = {node.name, *(each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg))}
    known = {word.rstrip("s") for name in named for word in name.lower().split("_")} | {"the", "a", "an", "of", "for", "to", "it"}
    return {word.rstrip("s") for word in re.findall(r"\w+", said.lower())} - known


def test_modules_say_what_lives_in_them() -> None:
    python = sources(*OURS, "tests")
    found = [each for source in python for each in silent_modules(source)]
    found += [each for source in sources("api", ends=(".js", ".css")) for each in silent_scripts(source)]
    # A migration tells its why in its first lines, and Alembic names its functions.
    care = [each for each in sources("care") if not each.file.startswith("care/migrations/versions/")]
    found += [each for source in care for each in silent_functions(source)]

    judge(__doc__, found)


def test_a_silent_module_and_an_explanation_that_explains_nothing_are_found() -> None:
    long = "".join(f"    step_{number}()\n" for number in range(12))
    sample = f'"""plans"""\n\n\ndef settle(plan):\n{long}\n\ndef open_plan(plan):\n    """Opens the plan."""\n'
    sample += f'\n\ndef renew(plan):\n    """Keeps the hours a patient chose."""\n{long}\n\ndef _settle():\n{long}'
    read = Source("care/sample.py", sample)

    assert [str(each) for each in silent_modules(read)] == ["care/sample.py:1: opens with no sentence: plans"]
    assert [each.what.split()[0] for each in silent_functions(read)] == ["settle", "open_plan"]
    assert [each.line for each in silent_scripts(Source("x.js", "let a = 1;\n"))] == [1]
