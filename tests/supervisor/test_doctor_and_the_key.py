"""What `karez doctor` says of the master key after a restore by hand."""

import os
import secrets
from pathlib import Path

from care.kit.settings import Settings
from care.supervisor.doctor import _keys, _look
from tests.ward import Ward


async def test_the_key_of_another_day_is_found_before_karez_is_started(ward: Ward, url: str):
    await ward.patient()
    settings = Settings(home=ward.home, database=url)
    key = ward.home / "master.key"
    assert not (await _look("keys", _keys, settings)).trouble

    put_key(key, secrets.token_bytes(32))

    assert "not the key of this database" in (await _look("keys", _keys, settings)).trouble


async def test_a_key_without_any_database_yet_is_no_trouble(tmp_path: Path):
    put_key(tmp_path / "master.key", secrets.token_bytes(32))

    assert not (await _look("keys", _keys, Settings(home=tmp_path))).trouble
    assert not (tmp_path / "karez.db").exists()


def put_key(path: Path, key: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o400), "wb") as file:
        file.write(key)
