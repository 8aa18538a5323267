"""No column, field, form input or label asks for ethnicity, religion or nationality, in any language.

Why: what is not recorded cannot be asked for, leaked or used against somebody; language is a preference, never a proxy.
Mend: remove it. If a service needs to know what a patient reads or eats, ask for exactly that.
Design: decision 3.
"""

import ast
import re
from collections.abc import Iterator

from babel.messages.pofile import read_po

from care.people.words import LOCALE, LOCALES
from tests.house.house import OURS, ROOT, Finding, Source, judge, sources
from tests.house.tables import Owned, all_tables

# Parts of names, so that `ethnic_group`, `isReligious` and `religion-of-family` are found alike.
NAME = re.compile(r"ethni|religi|nationalit|citizenship|tribe|minorit|minzu|hukou", re.IGNORECASE)
WHOLE = ("race", "faith", "creed", "nation")  # as parts they mean other things: a race of two processes
WORD = {
    "en": NAME,
    "zh": re.compile("民族|种族|族别|宗教|信仰|国籍|户口"),
    "ug": re.compile(r"مىللەت|مىللىي|ئېتنىك|\bدىن(ىي|ى)|ئېتىقاد|ئىرقى|دۆلەت تەۋەلىك"),
    "kk": re.compile(r"\bұлт(ы|тық)|этник|ұлыс|\bдін(і|и|\b)|діни|нәсіл|азаматтығы", re.I),
}
INPUT = re.compile(r"""\b(?:name|id|for|data-[\w-]+)\s*=\s*["']([^"']+)["']""")
MENTIONED = re.compile("|".join(each.pattern for each in WORD.values()), re.I)


def asks(name: str) -> bool:
    return name.lower() in WHOLE or bool(MENTIONED.search(name))


def field_names(source: Source) -> Iterator[tuple[int, str]]:
    """Every name a Python file makes or asks for: variables, fields, arguments, keys; never what a comment says."""
    for node in source.nodes:
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
    yield from ((node.lineno, str(node.value)) for node in source.strings())


def fields(source: Source) -> Iterator[Finding]:
    found = {(number, name) for number, name in field_names(source) if asks(name)}
    yield from (Finding(source.file, number, f"asks for {name[:40]}") for number, name in sorted(found))


def inputs(source: Source) -> Iterator[Finding]:
    """Inputs of a page, and whatever words stand around them; scripts too."""
    for number, line in enumerate(source.lines, 1):
        if MENTIONED.search(line) or any(asks(name) for name in INPUT.findall(line)):
            yield Finding(source.file, number, f"asks for it: {line.strip()[:60]}")


def columns(owned: Owned) -> Iterator[Finding]:
    for column in owned.table.columns:
        if asks(column.name):
            yield owned.find(f"the column {owned.table.name}.{column.name}", column.name)


def staff_words(locale: str) -> Iterator[Finding]:
    """Labels of staff pages."""
    path = LOCALE / locale / "karez.po"
    with path.open("rb") as source:
        for each in read_po(source, locale=locale):
            if each.id and (WORD[locale].search(str(each.string)) or NAME.search(str(each.id))):
                yield Finding(str(path.relative_to(ROOT)), each.lineno or 1, f"the label {each.id}: {each.string}")


def labels(source: Source) -> Iterator[Finding]:
    """Patients' labels and questions: the phrases of one language."""
    word = WORD[source.file.split("/")[1]]
    for number, line in enumerate(source.lines, 1):
        if word.search(line) or NAME.search(line.partition(":")[0]):
            yield Finding(source.file, number, f"says: {line.strip()[:60]}")


def test_no_field_for_ethnicity() -> None:
    pages = sources("api", ends=(".html", ".js"))
    plans = sources("content", ends=("phrases.yml", "reasons.yml"))
    found = [each for owned in all_tables() for each in columns(owned)]
    found += [each for source in sources(*OURS) for each in fields(source)]
    found += [each for source in pages for each in inputs(source)]
    found += [each for locale in LOCALES for each in staff_words(locale)]
    found += [each for source in plans if source.file.count("/") == 2 for each in labels(source)]

    judge(__doc__, found)


def test_a_question_about_origin_is_found_in_every_language() -> None:
    python = '"""No ethnicity here."""\nethnicity = 1\ndef f(nationality): ...\nx = {"民族": 1}\nrace_ms = trace = 0\nrace = 1\n'
    page = '<input name="faith">\n<label>{{ _("Name") }}</label>\n<label>مىللىتى، مىللەت</label>\n'

    assert [each.line for each in fields(Source("care/sample.py", python))] == [2, 3, 4, 6]
    assert [each.line for each in inputs(Source("x.html", page))] == [1, 3]
    assert [each.line for each in labels(Source("content/kk/phrases.yml", "a: Ұлтыңыз қандай?\nb: Діни сенім\nc: Дәрі\n"))] == [
        1,
        2,
    ]
    assert [each.line for each in labels(Source("content/zh/phrases.yml", "a: 民族\nb: 药\nethnic: 你\n"))] == [1, 3]
