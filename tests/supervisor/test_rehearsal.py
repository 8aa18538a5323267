"""`karez up --vendors`: the whole product before the stand-ins of all messaging apps, with the page of a patient's telephone."""

import re
import socket
from pathlib import Path

import aiohttp
import pytest

from care.content.library import Library
from care.kit.clock import FileClock
from care.kit.settings import Settings
from care.people.linking import link
from care.supervisor.prepare import migrate, open_database, open_keys
from care.supervisor.up import greet
from tests.ports import free_port
from tests.supervisor.running import Karez, is_running, outcome, running
from tests.vendors.phones.hand import Hand
from tests.web import CSRF, PASSWORD

CONFIRM = re.compile(r'action="(/console/patients/\w+/contacts/\w+/confirm)"')
PATIENT = re.compile(r"/console/patients/\w{16,}")


async def confirm_the_telephone(karez: Karez) -> None:
    """The demo nurse signs in by the printed link, and says that it is theirs."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as desk:

        async def read(path: str) -> str:
            async with desk.get(karez.url + path) as answer:
                return await answer.text()

        token = re.findall(r"welcome\?token=(\S+)", "\n".join(karez.printed))[-1]
        async with desk.post(f"{karez.url}/console/welcome", data={"token": token, "password": PASSWORD}) as welcome:
            assert welcome.ok
        pages = [await read(path) for path in sorted(set(PATIENT.findall(await read("/console/patients"))))]
        [(page, found)] = [(page, found) for page in pages if (found := CONFIRM.search(page))]
        csrf = CSRF.search(page)
        assert csrf
        async with desk.post(karez.url + found[1], data={"csrf": csrf[1]}) as confirmed:
            assert confirmed.ok


async def test_a_demo_patient_scans_the_card_in_telegram_and_is_answered(tmp_path: Path, library: Library) -> None:
    port = free_port()
    real = {"TELEGRAM_TOKEN": "7:the-token-of-a-real-bot-0123", "PUBLIC_URL": "https://karez.example", "DATABASE": "nowhere://"}
    async with running(tmp_path / "home", "--vendors", VENDORS_PORT=str(port), **real) as karez, aiohttp.ClientSession() as http:
        await karez.until_printed("Apps: ")
        assert f"  Apps:     http://127.0.0.1:{port}/" in karez.printed
        hand = Hand(http, f"http://127.0.0.1:{port}", "telegram/1")
        await hand.does("scan", text=karez.code_of("zh-Hans"))
        await hand.until(library.phrase("zh-Hans", "contact-waits").text)
        await confirm_the_telephone(karez)
        for purpose in ("cross-border", "reminders", "symptoms", "voice", "family"):
            await hand.presses(f"consent:{purpose}:yes")
        await hand.until(library.phrase("zh-Hans", "consent-thanks").text)
        await hand.does("write", text="吃了药恶心怎么办")
        await hand.until("止吐药")
        assert (await hand.hears()).startswith(b"OggS")
        assert await karez.press_ctrl_c() == 0

    assert sorted(karez.pids) == ["assistant", "scheduler", "vendors", "web"]
    assert not any(is_running(pid) for pid in karez.pids.values())
    assert not (tmp_path / "home" / "karez.db").exists()


async def test_a_busy_port_of_the_page_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, said = await outcome(tmp_path / "home", "--vendors", VENDORS_PORT=str(other.getsockname()[1]))

    assert code == 1
    assert "KAREZ_VENDORS_PORT=<other port>" in said


async def test_codes_of_a_start_on_a_turned_clock_are_good_on_that_clock(
    tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    offset = tmp_path / "offset"
    offset.write_text(str(4 * 24 * 3600))  # a code lives three days
    settings = Settings(home=tmp_path, clock_file=offset, demo=True)
    open_keys(tmp_path)
    await migrate(settings.database_url)
    await greet(settings, library, 0.0)
    [code, *_] = re.findall(r"code (\w+)", capsys.readouterr().out)

    database = open_database(settings, FileClock(offset))
    async with database.work() as work:
        assert (await link(work, code, "here")).patient_id
    await database.close()
