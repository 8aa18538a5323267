"""What can wait gives way, also to processes of other sessions."""

import subprocess
import sys

import pytest

from care.kit.priority import GROUP

SHARES_BY_SESSION = GROUP.exists() and GROUP.read_text() != ""  # the file is there, and empty, where sessions have no group
SAYS = "import os; from care.kit.priority import GROUP, give_way; give_way(); print(os.nice(0), GROUP.read_text().split()[-1])"


@pytest.mark.skipif(not SHARES_BY_SESSION, reason="this kernel shares the processor among processes alone")
@pytest.mark.parametrize(("in_own_session", "said"), [(True, "19 19"), (False, "19 0")])
def test_only_a_session_of_its_own_is_put_behind_all_others(in_own_session: bool, said: str):
    ours = GROUP.read_text().split()[-1]
    done = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, start_new_session=in_own_session)

    assert done.stdout.strip() == said.replace(" 0", f" {ours}")
