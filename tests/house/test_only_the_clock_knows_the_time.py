"""Only care/kit/clock.py reads a real clock.

Why: whoever reads the clock alone cannot be rehearsed: a reminder of next Tuesday must be seen today, by a clock turned by
hand; and a phone's or a second server's clock is simply another time.
Mend: take `now` from the unit of work (`work.now`) or a Clock as an argument; measure with `stopwatch_s()`.
Except: `# house: clock - reason`
Design: decisions 5 and 7.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.house import OURS, Finding, Source, judge, sources

HOME = "care/kit/clock.py"
MOMENTS = ("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today")
DATABASE = tuple(f"sqlalchemy.func.{name}" for name in ("now", "current_timestamp", "clock_timestamp", "strftime"))
LOOP = re.compile(r"loop(\(\))?$")
SCRIPT = re.compile(r"new Date\(\)|Date\.now|performance\.now")


def clock_reads(source: Source) -> Iterator[Finding]:
    """Every name of a real clock, called or only handed on."""
    for node in source.nodes:
        origin = source.origin(node)
        is_clock = origin.startswith("time.") and origin != "time.sleep"
        is_loop = isinstance(node, ast.Attribute) and node.attr == "time" and LOOP.search(ast.unparse(node.value))
        if is_clock or is_loop or origin in MOMENTS + DATABASE:
            yield source.at(node, f"reads a clock ({ast.unparse(node)})")


def script_clock_reads(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        yield from (Finding(source.file, number, f"reads the phone's clock ({each[0]})") for each in SCRIPT.finditer(line))


def test_only_the_clock_knows_the_time() -> None:
    python = [each for each in sources(*OURS) if each.file != HOME]
    scripts = sources("api", ends=(".js",))
    found = [each for source in python for each in clock_reads(source)]
    found += [each for source in scripts for each in script_clock_reads(source)]

    judge(__doc__, found, python + scripts)


def test_a_module_that_looks_at_the_clock_is_found_however_it_is_spelled() -> None:
    sample = """
import time as t, datetime, asyncio
from datetime import datetime as d, time
from time import monotonic
a = t.time()
b = field(default_factory=d.now)
c = datetime.date.today()
e = monotonic()
f = asyncio.get_running_loop().time()
t.sleep(1); g = time(8, 30)
"""
    assert sorted(each.line for each in clock_reads(Source("care/sample.py", sample))) == [5, 6, 7, 8, 9]
