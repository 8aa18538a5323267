"""Where settings come from: the environment, or a file the environment names."""

from pathlib import Path

import pytest

from care.kit.settings import Settings


def test_a_password_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "database"
    secret.write_text("postgresql+psycopg://karez:secret@db/karez\n")
    monkeypatch.setenv("KAREZ_DATABASE_FILE", str(secret))

    assert Settings().database_url == "postgresql+psycopg://karez:secret@db/karez"


def test_a_setting_itself_wins_over_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "port").write_text("9000")
    monkeypatch.setenv("KAREZ_PORT_FILE", str(tmp_path / "port"))
    monkeypatch.setenv("KAREZ_PORT", "9001")

    assert Settings().port == 9001


def test_the_file_that_turns_the_clock_is_a_setting_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAREZ_CLOCK_FILE", str(tmp_path / "offset"))

    assert Settings().clock_file == tmp_path / "offset"
