"""A function has at most 40 lines and usually under 10, a file under 400, and nothing heavy is committed.

Why: what fits on a screen is read before it is changed; what does not is changed without being read.
Mend: give the second half of a function a name of its own; split a file by what its functions are about, never into utils.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.house.house import OURS, ROOT, Finding, Source, judge, sources, tracked

LONGEST_FUNCTION, USUAL_FUNCTION, LONGEST_FILE = 40, 10, 400  # lines
HEAVIEST = 1_000_000  # bytes
MAY_BE_HEAVY = (".lock", ".woff2")
MIGRATIONS = "care/migrations/versions/"  # a list of columns in the order of the database, written by Alembic
SCRIPT_FUNCTION = re.compile(r"^(?:export )?(?:async )?function (\w+)")


def long_functions(source: Source) -> Iterator[Finding]:
    for node in source.functions():
        lines = (node.end_lineno or 0) - node.lineno + 1
        if lines > LONGEST_FUNCTION and not source.file.startswith(MIGRATIONS):
            yield source.at(node, f"{node.name} has {lines} lines")


def long_script_functions(source: Source) -> Iterator[Finding]:
    """Functions of a script's outer level: each ends with a brace of its own at the margin."""
    begun: tuple[str, int] | None = None
    for number, line in enumerate(source.lines, 1):
        if found := SCRIPT_FUNCTION.match(line):
            begun = found[1], number
        elif line == "}" and begun:
            if number - begun[1] >= LONGEST_FUNCTION:
                yield Finding(source.file, begun[1], f"{begun[0]} has {number - begun[1] + 1} lines")
            begun = None


def long_files(source: Source) -> Iterator[Finding]:
    if len(source.lines) >= LONGEST_FILE:
        yield Finding(source.file, LONGEST_FILE, f"has {len(source.lines)} lines")


def wordy_folders(read: list[Source]) -> Iterator[Finding]:
    """Top folders whose usual function has grown."""
    lines = defaultdict(list)
    for each in read:
        lines[each.file.split("/")[0]] += [(node.end_lineno or 0) - node.lineno + 1 for node in each.functions()]
    for folder, sizes in lines.items():
        if median(sizes) >= USUAL_FUNCTION:
            yield Finding(f"{folder}/", 1, f"half of its functions have {median(sizes):.0f} lines or more")


def heavy_files(files: list[str], root: Path = ROOT) -> Iterator[Finding]:
    for file in files:
        size = (root / file).stat().st_size
        if size > HEAVIEST and not file.endswith(MAY_BE_HEAVY):
            yield Finding(file, 1, f"weighs {size / 1e6:.1f} MB")


def test_file_and_function_sizes() -> None:
    python = sources(*OURS, "tests")
    scripts = sources("api", ends=(".js",))
    pages = sources("api", ends=(".html", ".css"))
    found = [each for source in python for each in long_functions(source)]
    found += [each for source in scripts for each in long_script_functions(source)]
    found += [each for source in python + scripts + pages for each in long_files(source)]

    judge(__doc__, [*found, *wordy_folders(python), *heavy_files(list(tracked()))])


def test_a_function_of_41_lines_and_a_file_of_400_are_found() -> None:
    sample = Source("care/sample.py", "def fits():\n" + "    x()\n" * 39 + "def grows():\n" + "    x()\n" * 40 + "\n" * 320)
    script = Source("x.js", "function fits() {\n" + "  x();\n" * 38 + "}\nasync function grows() {\n" + "  x();\n" * 39 + "}")

    assert [str(each) for each in long_functions(sample)] == ["care/sample.py:41: grows has 41 lines"]
    assert [str(each) for each in long_script_functions(script)] == ["x.js:41: grows has 41 lines"]
    assert [each.what for each in long_files(sample)] == ["has 401 lines"]
    assert [each.file for each in wordy_folders([sample])] == ["care/"]


def test_a_heavy_file_is_found_and_a_lock_is_not(tmp_path: Path) -> None:
    for name in ("model.bin", "uv.lock", "small.png"):
        (tmp_path / name).write_bytes(bytes(10 if name == "small.png" else HEAVIEST + 1))

    assert [str(each) for each in heavy_files(["model.bin", "uv.lock", "small.png"], tmp_path)] == ["model.bin:1: weighs 1.0 MB"]
