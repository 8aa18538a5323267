"""Imports go one way: api and scheduler use care, care never them; bot uses nothing of ours; a channel only its base and the kit.

Why: what knows less can be changed, tested and trusted alone: the domain without a web server, a channel without patients,
the assistant without keys.
Mend: move the name down to the layer that owns it, or hand it in as an argument; the layers stand in .importlinter.
Design: section 2, decision 1.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.house import OURS, ROOT, Finding, Source, judge, sources

LINTER = Path(sys.executable).with_name("lint-imports")
LINK = re.compile(r"(?P<by>[\w.]+) -> (?P<what>[\w.]+) \(l\.(?P<line>\d+)")
PROJECTS = ("care", "api", "scheduler", "bot", "tests", "tools")
FOR_CHANNELS = ("care.channels.base", "care.channels.trial", "care.kit")
BEFORE_INSTALLING = ("tools/set_up.py", "tools/missing.py")


def broken_contracts(config: str = ".importlinter") -> list[Finding]:
    """The contracts of .importlinter, import by import."""
    wide = os.environ | {"COLUMNS": "400"}
    command = [str(LINTER), "--config", config, "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, env=wide, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    found = [Finding(_file(each["by"]), int(each["line"]), f"imports {each['what']}") for each in LINK.finditer(done.stdout)]
    return found or [Finding(config, 1, (done.stdout + done.stderr).strip()[-600:])]


def _file(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}.py" if (ROOT / f"{path}.py").exists() else f"{path}/__init__.py"


def forbidden_imports(source: Source) -> Iterator[Finding]:
    """What .importlinter cannot see: bot and the set-up stand alone, nobody needs the tests, channels know little."""
    own = source.file.split("/")[0]
    for node, name in source.imports():
        root = name.split(".")[0]
        alone = (own == "bot" or source.file in BEFORE_INSTALLING) and root in PROJECTS
        needs_tests = own != "tests" and root == "tests"
        if alone or needs_tests or (own != "bot" and root == "bot") or _is_too_much(source.file, name):
            yield source.at(node, f"imports {name}")


def _is_too_much(file: str, name: str) -> bool:
    """Whether a channel's folder imports more of ours than it may."""
    parts = file.split("/")
    if parts[:2] != ["care", "channels"] or len(parts) < 4 or name.split(".")[0] not in PROJECTS:
        return False
    allowed = (*FOR_CHANNELS, f"care.channels.{parts[2]}")
    return not any(name == each or name.startswith(f"{each}.") for each in allowed)


def is_foreign(source: Source) -> Iterator[Finding]:
    """The set-up runs before anything is installed, on the Python a machine happens to have."""
    for node, name in source.imports():
        if name.split(".")[0] not in sys.stdlib_module_names:
            yield source.at(node, f"imports {name}, which is not installed yet when this runs")


def test_imports_go_one_way() -> None:
    found = broken_contracts()
    found += [each for source in sources(*OURS, "tests") for each in forbidden_imports(source)]
    found += [each for source in sources("tools") if source.file in BEFORE_INSTALLING for each in is_foreign(source)]

    judge(__doc__, found)


def test_a_channel_that_knows_patients_is_found() -> None:
    sample = "from care.channels.base import Receipt\nfrom care.people.tables import Patient\nimport care.kit.ids\nimport json\n"

    assert [each.line for each in forbidden_imports(Source("care/channels/sms/send.py", sample))] == [2]
    assert [each.line for each in forbidden_imports(Source("bot/connector.py", sample))] == [1, 2, 3]
    assert [each.line for each in forbidden_imports(Source("tools/set_up.py", sample))] == [1, 2, 3]
    assert [each.line for each in is_foreign(Source("tools/set_up.py", sample))] == [1, 2, 3]


def test_a_broken_contract_is_told_by_file_and_line(tmp_path: Path) -> None:
    config = tmp_path / "upside-down"
    layers = "[importlinter:contract:x]\nname = x\ntype = layers\nlayers =\n    care.messages\n    care.kit\n"
    config.write_text(f"[importlinter]\nroot_package = care\n\n{layers}")

    assert broken_contracts(str(config)) == []
    config.write_text(config.read_text().replace("    care.messages\n    care.kit", "    care.kit\n    care.messages"))
    assert broken_contracts(str(config))[0].file.startswith("care/messages/")
