"""`karez db upgrade` typed by an operator, before the first start or after it."""

import os
import subprocess
import sys
from pathlib import Path

from care.kit.crypto import load_master_key


def upgrade(home: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KAREZ_HOME": str(home)}
    command = [sys.executable, "-m", "care.cli", "db", "upgrade"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_database_made_by_hand_has_its_key_and_can_be_started(tmp_path: Path):
    assert upgrade(tmp_path / "home").returncode == 0

    assert load_master_key(tmp_path / "home" / "master.key")


def test_a_database_whose_key_is_gone_is_not_given_another(tmp_path: Path):
    upgrade(tmp_path)
    (tmp_path / "master.key").unlink()

    again = upgrade(tmp_path)

    assert again.returncode == 1
    assert "the master key is missing" in again.stderr
    assert not (tmp_path / "master.key").exists()
