"""Every setting stands in README.md with its default and its reason, and in one class of the code: Karez's or its channel's.

Why: a hospital runs Karez by what it reads; a setting nobody can find is a setting nobody can set.
Mend: `.venv/bin/python -m tests.house` writes the table from care/kit/settings.py and care/channels/*/settings.py; read
the environment only there.
Except: `# house: setting - reason`
"""

import ast
import re
from collections.abc import Iterator

from tests.house.guide import BEGIN, README, settings_block, settings_classes, settings_fields, settings_table, with_settings
from tests.house.house import Finding, Source, judge, sources

CLASS = "care/kit/settings.py"
NAMED = re.compile(r"KAREZ_[A-Z][A-Z_]*")
# Set by our own processes and tests for one another, never by a person.
OF_THE_CAGE = ("KAREZ_BOT_SECRET", "KAREZ_BOT_MODEL", "KAREZ_CRASH_AT")


def undocumented() -> Iterator[Finding]:
    """Lines in which the README's table and the class differ."""
    text = README.read_text(encoding="utf-8")
    stands = (settings_block(text) or "").splitlines()
    first = text[: text.find(BEGIN)].count("\n") + 2 if BEGIN in text else 1
    for number, line in enumerate(stands):
        if line not in settings_table().splitlines():
            yield Finding("README.md", first + number, f"the class does not say so: {line}")
    for line in settings_table().splitlines():
        if line not in stands:
            yield Finding("README.md", first, f"the table lacks: {line}")


def unexplained() -> Iterator[Finding]:
    for variable, field in settings_fields().items():
        if len((field.description or "").split()) < 3:
            yield Finding(CLASS, 1, f"the setting {variable} does not say why it exists")


def environment_reads(source: Source) -> Iterator[Finding]:
    """Whoever asks the environment for one of our names directly."""
    for node in source.nodes:
        asked = node.args if isinstance(node, ast.Call) else [node.slice] if isinstance(node, ast.Subscript) else []
        owner = ast.unparse(node.func if isinstance(node, ast.Call) else node.value) if asked else ""  # type: ignore[attr-defined]
        ours = [each for each in asked if isinstance(each, ast.Constant) and NAMED.fullmatch(str(each.value))]
        if ours and ("environ" in owner or "getenv" in owner):
            yield source.at(node, f"reads {ast.unparse(ours[0])} from the environment")


def unknown_names(source: Source) -> Iterator[Finding]:
    """Names that are told to a person and are no setting."""
    known = {*settings_fields(), *(str(each.model_config["env_prefix"]) for each in settings_classes())}
    for number, line in enumerate(source.lines, 1):
        for name in NAMED.findall(line):
            if not {name, name.removesuffix("_FILE")} & known and name not in OF_THE_CAGE:
                yield Finding(source.file, number, f"names {name}, which is no setting")


def test_every_setting_is_documented() -> None:
    python = sources("care", "api", "scheduler")
    told = [*python, *sources("bot", "tools"), *sources(ends=("Makefile", ".md", ".sh"))]
    found = [*undocumented(), *unexplained()]
    found += [each for source in python for each in environment_reads(source)]
    found += [each for source in told for each in unknown_names(source)]

    judge(__doc__, found, python)


def test_a_setting_read_past_the_class_is_found() -> None:
    sample = 'import os\na = os.environ["KAREZ_PORT"]\nb = os.environ.get("KAREZ_PROT", "")\nc = os.getenv("HOME")\n'

    assert [each.line for each in environment_reads(Source("care/sample.py", sample))] == [2, 3]
    assert [each.line for each in unknown_names(Source("care/sample.py", sample))] == [3]


def test_the_table_is_renewed_in_its_place_and_made_where_there_is_none() -> None:
    made = with_settings("# Karez\n\nHello.\n")
    aged = made.replace("KAREZ_PORT", "KAREZ_GATE") + "\nMore.\n"

    assert made.startswith("# Karez\n\nHello.\n\n## Settings\n")
    assert with_settings(aged) == made + "\nMore.\n"
