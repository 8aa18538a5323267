"""Writes the parts of the documents that are made from code: the settings, the page of channels, the page of these rules.

`.venv/bin/python -m tests.house` renews them all.
"""

from importlib import import_module
from pathlib import Path
from typing import get_args

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from care.channels.registry import channel_names
from care.kit.settings import Settings
from tests.house.channels import CHANNELS, channels_page
from tests.house.house import ROOT, Rule, read_rule

README, PAGE = ROOT / "README.md", ROOT / "docs" / "house.md"
BEGIN, END = "<!-- settings -->", "<!-- /settings -->"
FROM_FILES = "Each may also stand in a file: `KAREZ_DATABASE_FILE` names one that holds `KAREZ_DATABASE`."
HEAD = """# The rules of the house

Each rule is a test in `tests/house/`, and this page is written from their docstrings: the guide and the check cannot drift
apart. A broken rule names file and line, the reason and the shortest mend. Where a rule takes exceptions, they stand beside
the code, as a comment with a reason; one that excuses nothing any more fails too.
"""


def settings_classes() -> list[type[BaseSettings]]:
    """Karez's own, and each channel's."""
    folders = [ROOT / "care" / "channels" / name for name in channel_names()]
    modules = [import_module(f"care.channels.{folder.name}.settings") for folder in folders if (folder / "settings.py").exists()]
    return [Settings, *(found for module in modules for found in vars(module).values() if _is_of(module.__name__, found))]


def _is_of(module: str, found: object) -> bool:
    return isinstance(found, type) and issubclass(found, BaseSettings) and found.__module__ == module


def settings_fields() -> dict[str, FieldInfo]:
    """Every setting by its variable."""
    return {
        f"{each.model_config['env_prefix']}{name}".upper(): field
        for each in settings_classes()
        for name, field in each.model_fields.items()
    }


def settings_table() -> str:
    """Every setting: its name, its default, why it exists."""
    rows = [f"| `{variable}` | {_default(field)} | {field.description} |" for variable, field in settings_fields().items()]
    return "\n".join(["| Setting | Default | Why |", "|---|---|---|", *rows, "", FROM_FILES])


def _default(field: FieldInfo) -> str:
    """As somebody would type it; folders of the project without the machine they stand on."""
    value = field.default
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = f"{value.relative_to(ROOT)}/"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    others = [str(each) for each in get_args(field.annotation) if isinstance(each, str) and each != value]
    return "(empty)" if shown in ("", "None") else f"`{shown}`" + "".join(f" or `{other}`" for other in others)


def settings_block(readme: str) -> str | None:
    """What stands between the markers now; None without markers."""
    _, begun, rest = readme.partition(BEGIN)
    inside, ended, _ = rest.partition(END)
    return inside.strip() if begun and ended else None


def with_settings(readme: str) -> str:
    """The README with today's table, and with a section for it where there was none."""
    inside = settings_block(readme)
    if inside is None:
        return f"{readme.rstrip()}\n\n## Settings\n\n{BEGIN}\n{settings_table()}\n{END}\n"
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{rest.partition(END)[2]}"


def rules() -> dict[str, Rule]:
    """The rules by the files that hold them."""
    files = sorted((ROOT / "tests" / "house").glob("test_*.py"))
    return {file.name: read_rule(import_module(f"tests.house.{file.stem}").__doc__) for file in files}


def rules_page() -> str:
    sections = [_section(name, rule) for name, rule in rules().items() if rule.why]
    return "\n".join([HEAD, *sections])


def _section(name: str, rule: Rule) -> str:
    told = {"Why": rule.why, "Mend": rule.mend, "Except": rule.exception, "Design": rule.design}
    lines = [f"- {part}: {said}" for part, said in told.items() if said]
    return "\n".join([f"## {rule.sentence.rstrip('.')}", "", *lines, f"- Test: `tests/house/{name}`", ""])


def write() -> None:
    README.write_text(with_settings(README.read_text(encoding="utf-8")), encoding="utf-8")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(rules_page(), encoding="utf-8")
    CHANNELS.write_text(channels_page(), encoding="utf-8")
