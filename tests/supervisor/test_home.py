"""The folder of everything Karez writes."""

from pathlib import Path

from care.supervisor.prepare import make_home


def test_nobody_else_on_the_machine_looks_into_a_new_home(tmp_path: Path) -> None:
    home = tmp_path / "var"

    make_home(home)

    assert home.stat().st_mode & 0o777 == 0o700


def test_a_home_that_is_there_keeps_the_rights_its_owner_chose(tmp_path: Path) -> None:
    home = tmp_path / "var"
    home.mkdir(mode=0o750)

    make_home(home)

    assert home.stat().st_mode & 0o777 == 0o750
