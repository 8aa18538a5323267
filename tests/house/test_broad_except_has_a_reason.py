"""`except Exception` stands in few known places, each with its reason on the line.

Why: what is caught without a name is an error nobody will ever see; here it could be a reminder that was never sent.
Mend: catch the error you expect by its name; around one dispatch or request, say the reason in a comment on the line and
add the place to KNOWN in this file.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from tests.house.house import OURS, Finding, Source, judge, sources

BROAD = ("Exception", "BaseException")
KNOWN = {
    "api/errors.py": 1,  # the web door's last word: 500
    "bot/connector.py": 1,  # the assistant's last word: 500
    "care/inbox/service.py": 4,  # around one post, one thing in it, one neutral line; and the loop that must live on
    "care/studio/serving.py": 1,  # newer words that cannot be taken: the old ones speak on
    "care/supervisor/retrain.py": 1,  # tells whoever watches the progress, and raises again
    "care/supervisor/up.py": 1,  # stops what was started, and raises again
    "scheduler/dispatch.py": 2,  # around one message: its words, its sending
    "scheduler/outbound.py": 2,  # a message that is out: what stands beside it, what is noted of it
    "care/kit/together.py": 1,  # hands the error to whoever waits for it
}


def broad_catches(source: Source) -> Iterator[ast.AST]:
    """Handlers of everything: `except:`, `except Exception`, a web handler or a suppress of Exception."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _is_broad(node.type)):
            yield node
        elif isinstance(node, ast.Call) and _name(node.func) in ("exception_handler", "suppress"):
            yield from (node for each in node.args if _is_broad(each))


def _is_broad(node: ast.AST) -> bool:
    every = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(isinstance(each, ast.Name) and each.id in BROAD for each in every)


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def complaints(source: Source, known: int) -> Iterator[Finding]:
    places = list(broad_catches(source))
    for node in places:
        _, _, comment = source.lines[node.lineno - 1].partition("#")  # type: ignore[attr-defined]
        if len(comment.split()) < 3 or comment.strip().startswith("noqa"):
            yield source.at(node, "catches everything and does not say why on its line")
        elif len(places) > known:
            yield source.at(node, f"one of {len(places)} places that catch everything; {known} are known in this file")


def test_broad_except_has_a_reason() -> None:
    read = sources(*OURS)

    judge(__doc__, [each for source in read for each in complaints(source, KNOWN.get(source.file, 0))])
    assert Counter({each.file: found for each in read if (found := len(list(broad_catches(each))))}) == KNOWN


def test_a_silent_catch_is_found() -> None:
    sample = "try:\n    x()\nexcept (OSError, Exception):\n    pass\ntry:\n    x()\nexcept:  # the edge of it all\n    pass\n"
    sample += "with suppress(Exception):\n    x()\n"

    assert [each.line for each in complaints(Source("care/sample.py", sample), 3)] == [3, 9]
    assert [each.line for each in complaints(Source("care/sample.py", sample), 0)] == [3, 7, 9]
