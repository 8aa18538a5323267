"""What a document or a comment points to is there: links, paths, sections of the facts, decisions.

Why: somebody follows a pointer when something is wrong and time is short; one that leads nowhere costs the time and the trust
in all the others.
Mend: correct the pointer, or write what it promises. A section of the facts keeps its number for as long as code cites it.
Except: `<!-- house: link - reason -->` beside an example of a file that is yet to be made.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from tests.house.house import OURS, Finding, Source, judge, source, sources, tracked

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.-]+(/[\w.@-]+)*/?")
# One citation may run over two lines of a comment: "(facts: language," and "# sections 2 and 3)".
GAP = r"\s+(?:#\s*)?"
NUMBERS = rf"[A-Z]?\d+(?:(?:,{GAP}|{GAP}and{GAP})[A-Z]?\d+)*"
CITED = re.compile(rf"[(\[]?\bfacts[:,]{GAP}([a-z]+),{GAP}(sections?|assertions?){GAP}({NUMBERS})|[(\[]facts: ([a-z]+)")
DECIDED = re.compile(r"docs/decisions/(\d{4})(?![\w])|\bdecision (0\d{3})\b|\((0\d{3})(?=[):,])")
OF_DESIGN = re.compile(r"\((?:see )?design, [^)]*\)|^Design: .*", re.M)
SECTION = re.compile(r"^## (\d+)\. ", re.M)
RULES = "docs/house.md"  # written from docstrings, which show what an exception looks like
MADE = ("var/", ".venv/", "bot/.venv", "bot/models", ".tools/", "models/")  # by setting up and by running, never tracked


def documents() -> list[Source]:
    return sources(ends=(".md",))


def exists(path: str) -> bool:
    """Whether git knows a file or folder of this name."""
    clean = normpath(path)
    return clean == "." or clean in tracked() or any(file.startswith(f"{clean}/") for file in tracked())


def dead_links(document: Source) -> Iterator[Finding]:
    """Relative links, beside the document, and the headings they name."""
    for number, line in enumerate(document.lines, 1):
        for target in (words or picture for words, picture in LINK.findall(QUOTED.sub("", line))):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, heading = target.partition("#")
            file = normpath(str(PurePosixPath(document.file).parent / path)) if path else document.file
            if not exists(file):
                yield Finding(document.file, number, f"links to {target}: there is no {file}")
            elif heading and heading not in anchors(source(file) if path else document):
                yield Finding(document.file, number, f"links to {target}: {file} has no heading of that name")


def anchors(document: Source) -> set[str]:
    """The names of a document's headings, as they stand in an address."""
    headings = (line.lstrip("#").strip().lower() for line in document.lines if re.match(r"#{1,6} ", line))
    return {re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in headings}


def dead_paths(document: Source) -> Iterator[Finding]:
    """Paths in backticks, from the root of the project or beside the document."""
    tops = {file.split("/")[0] for file in tracked() if "/" in file}
    for number, line in enumerate(document.lines, 1):
        for quoted in QUOTED.findall(line):
            path = quoted.split("::")[0]
            if not PATH.fullmatch(path) or path.startswith(MADE):
                continue
            is_ours = path.split("/")[0] in tops and "/" in path
            if (is_ours or re.fullmatch(r"[A-Z]+\.md", path)) and not exists(path):
                yield Finding(document.file, number, f"names `{quoted}`: there is no such file")


def dead_citations(text: Source) -> Iterator[Finding]:
    """Pages, sections and numbered assertions of docs/facts that a text cites."""
    for match in CITED.finditer(text.text):
        number = text.text.count("\n", 0, match.start()) + 1
        page, kind, cited, alone = match.groups()
        file = f"docs/facts/{page or alone}.md"
        if not exists(file):
            yield Finding(text.file, number, f"cites the facts of {page or alone}: there is no {file}")
            continue
        for each in re.findall(r"[A-Z]?\d+", cited or ""):
            if each not in numbers_in(source(file), kind):
                yield Finding(text.file, number, f"cites {each} of {file}: it has no such {kind.rstrip('s')}")


def numbers_in(facts: Source, kind: str) -> set[str]:
    """The sections of a page of facts, or its numbered assertions; those with a letter stand within a section."""
    marked = set(re.findall(r"\*\*([A-Z]?\d+)\*\*", facts.text))
    return {each for each in marked if not each.isdigit()} | set(SECTION.findall(facts.text)) if kind[0] == "s" else marked


def dead_decisions(text: Source) -> Iterator[Finding]:
    """Decisions by their four digits, and sections and decisions of the design."""
    taken = {PurePosixPath(file).name[:4] for file in tracked() if file.startswith("docs/decisions/")}
    for match in DECIDED.finditer(text.text):
        wanted = next(each for each in match.groups() if each)
        if wanted not in taken:
            yield Finding(text.file, text.text.count("\n", 0, match.start()) + 1, f"cites decision {wanted}: there is none")
    design = source("docs/design.md").text
    known = {"section": SECTION.findall(design), "decision": re.findall(r"^(\d+)\. \*\*", design, re.M)}
    for match in OF_DESIGN.finditer(text.text):
        for kind, listed in re.findall(r"(section|decision)s? (\d+(?: and \d+)*)", match[0]):
            for each in set(re.findall(r"\d+", listed)) - set(known[kind]):
                number = text.text.count("\n", 0, match.start()) + 1
                yield Finding(text.file, number, f"cites {kind} {each} of docs/design.md: there is none")


def test_every_pointer_leads_somewhere() -> None:
    written = documents()
    citing = [*written, *sources(*OURS, "content", "tests", ends=(".py", ".yml", ".js", ".css", ".html", ".toml"))]
    citing = [each for each in citing if each.file != "tests/house/test_links.py"]
    found = [each for document in written for each in [*dead_links(document), *dead_paths(document)]]
    found += [each for text in citing for each in [*dead_citations(text), *dead_decisions(text)]]

    judge(__doc__, found, [each for each in written if each.file != RULES])


def test_a_link_a_heading_and_a_path_that_lead_nowhere_are_found() -> None:
    text = "[a](design.md) [b](desing.md) [c](design.md#4-decisions)\n[d](design.md#5-decisions) [e](https://example.org/x)\n"
    text += "`care/cli.py` `care/cli/` `care/clu.py` `tests/house/house.py::judge` `karez up` `PROMISE.md`\n"
    sample = Source("docs/sample.md", text)

    assert [each.what.split(":")[0] for each in dead_links(sample)] == ["links to desing.md", "links to design.md#5-decisions"]
    assert [each.what.split("`")[1] for each in dead_paths(sample)] == ["care/cli/", "care/clu.py", "PROMISE.md"]


def test_a_citation_of_a_section_nobody_wrote_is_found_even_over_two_lines() -> None:
    text = "# (facts: trust, section 3) (facts: trust, section 99)\n# (facts: language, sections 2, 3 and\n#   98)\n"
    text += "# (facts: trust, assertion 13), facts, trust, assertion 97; (facts: nowhere)\n"

    found = [(each.line, each.what.split(":")[0]) for each in dead_citations(Source("care/sample.py", text))]

    assert found == [
        (1, "cites 99 of docs/facts/trust.md"),
        (2, "cites 98 of docs/facts/language.md"),
        (4, "cites 97 of docs/facts/trust.md"),
        (4, "cites the facts of nowhere"),
    ]


def test_a_decision_nobody_took_is_found() -> None:
    text = "# see docs/decisions/0001 and decision 0099, (0098), (2026)\n"
    text += "# (design, decision 3) (design, section 9) (design, decision 77)\n"

    found = [each.what.split(":")[0] for each in dead_decisions(Source("care/sample.py", text))]

    assert found == [
        "cites decision 0099",
        "cites decision 0098",
        "cites section 9 of docs/design.md",
        "cites decision 77 of docs/design.md",
    ]
