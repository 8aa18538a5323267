"""Where settings come from: the environment, or a file the environment names."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from care.kit.settings import FromFiles, Settings


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


class Elsewhere(BaseSettings):
    """Settings of somebody else, under a prefix of their own."""

    model_config = SettingsConfigDict(env_prefix="KAREZ_ELSEWHERE_")
    database: str = ""

    @classmethod
    def settings_customise_sources(cls, settings_cls, **sources) -> tuple[PydanticBaseSettingsSource, ...]:
        return sources["init_settings"], sources["env_settings"], FromFiles(settings_cls)


def test_a_file_belongs_to_the_settings_whose_prefix_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("KAREZ", "KAREZ_ELSEWHERE"):
        (tmp_path / prefix).write_text(f"of {prefix}\n")
        monkeypatch.setenv(f"{prefix}_DATABASE_FILE", str(tmp_path / prefix))

    assert (Settings().database, Elsewhere().database) == ("of KAREZ", "of KAREZ_ELSEWHERE")
