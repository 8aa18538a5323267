"""Everything of one rehearsal: five vendors at addresses of their own, three telephones in each app, the clock."""

import asyncio
import json
import pickle
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from care.kit.clock import Clock, clock_of
from tests.vendors.aliyun import AliyunVendor
from tests.vendors.base import Vendor
from tests.vendors.phones.aliyun import AliyunApp
from tests.vendors.phones.base import App, Bubble
from tests.vendors.phones.smsc import SmscApp
from tests.vendors.phones.telegram import TelegramApp
from tests.vendors.phones.wechat import WeChatApp
from tests.vendors.phones.whatsapp import WhatsAppApp
from tests.vendors.smsc import SmscVendor
from tests.vendors.telegram import TelegramVendor
from tests.vendors.wechat import WeChatServer
from tests.vendors.whatsapp import Cloud

KINDS: dict[type[App], type[Vendor]] = {
    TelegramApp: TelegramVendor,
    WeChatApp: WeChatServer,
    WhatsAppApp: Cloud,
    SmscApp: SmscVendor,
    AliyunApp: AliyunVendor,
}
# Of a vendor, what a new process makes anew.
MADE_ANEW = ("clock", "log", "url", "mode", "_runner")
LOOK_S = 0.5
Row = tuple[str, int]  # app, telephone


@dataclass
class Street:
    """`ports`: of each vendor, by its app's name; the same as long as one rehearsal runs, for the hospital knows them."""

    folder: Path
    door: str
    ports: dict[str, int]
    apps: dict[str, App] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    mine: dict[Row, list[Bubble]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)  # messages whose arrival the vendor has told
    trouble: str = ""  # why the hospital did not take the last post
    clock: Clock | None = None  # of the rehearsal's file, unless one is handed in

    def __post_init__(self) -> None:
        self.clock = self.clock or clock_of(self.folder / "offset")
        for kind, vendor in KINDS.items():
            self.apps[kind.name] = kind(vendor(self.clock), self.door)
        self.apps["telegram"].vendor.chats = set()

    async def open(self) -> None:
        self._remember()
        for name, app in self.apps.items():
            await app.vendor.start(self.ports[name])

    async def close(self) -> None:
        self.keep()
        for app in self.apps.values():
            await app.vendor.stop()

    async def switch(self, name: str) -> None:
        """A vendor goes down, so that nobody answers there, or comes back."""
        if name in self.down:
            await self.apps[name].vendor.start(self.ports[name])
        else:
            await self.apps[name].vendor.stop()
        self.down ^= {name}

    def turn(self, by: timedelta) -> None:
        """The clock of all processes, on; never back, for windows would open in the past."""
        file = self.folder / "offset"
        try:
            offset_s = float(file.read_text())
        except (OSError, ValueError):
            offset_s = 0.0
        fresh = file.with_suffix(".new")
        fresh.write_text(str(offset_s + max(0.0, by.total_seconds())))
        fresh.replace(file)  # whole at every moment: half a number would turn it back

    def bubbles(self, row: Row) -> list[Bubble]:
        """What stands on one telephone, the oldest first."""
        app = self.apps[row[0]]
        address = app.addresses[row[1]]
        taken = [(number, each) for number, each in enumerate(app.vendor.taken, 1) if app.is_to(each, address)]
        shown = [app.show_taken(each, number) for number, each in taken]
        return sorted([*shown, *self.mine.get(row, [])], key=lambda each: each.at)

    def note(self, row: Row, text: str, kind: str = "", sound: str = "") -> None:
        """What the patient did."""
        self.mine.setdefault(row, []).append(Bubble(self.clock.now(), text, is_mine=True, kind=kind, sound=sound))

    async def carry(self) -> None:
        """Tell what arrived, until cancelled: vendors do so by themselves."""
        while True:
            for name, app in self.apps.items():
                await self._tell(name, app)
            await asyncio.sleep(LOOK_S)

    async def _tell(self, name: str, app: App) -> None:
        taken = app.vendor.taken
        if self.told[name] == len(taken):
            return
        while self.told[name] < len(taken):
            self.told[name] += 1
            await self.post(app.arrived(taken[self.told[name] - 1], self.told[name]))
        self.keep()

    async def post(self, doing: Any) -> None:
        """Something that ends in a post to the hospital, which may be away."""
        try:
            await doing
            self.trouble = ""
        except (OSError, TimeoutError) as wrong:  # aiohttp's own errors of the connection are OSErrors too
            self.trouble = type(wrong).__name__

    def keep(self) -> None:
        """What a new process goes on with: who is there, what they may be sent, and what stands on the telephones."""
        vendors = {name: _lasting(app.vendor) for name, app in self.apps.items()}
        fresh = self.folder / "state.new"
        fresh.write_bytes(pickle.dumps((vendors, self.mine, self.told)))
        fresh.replace(self.folder / "state")

    def _remember(self) -> None:
        """Nothing, where what was kept is of another version."""
        try:
            vendors, self.mine, self.told = pickle.loads((self.folder / "state").read_bytes())
        except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError, ValueError):
            return
        for name, state in vendors.items():
            vars(self.apps[name].vendor).update(state)
            self.apps[name].set_up()


def _lasting(vendor: Vendor) -> dict[str, Any]:
    return {name: value for name, value in vars(vendor).items() if name not in MADE_ANEW}


def write_accounts(folder: Path, door: str, ports: dict[str, int]) -> None:
    """One file a setting, named like it, readable by nobody else; the ports beside them."""
    accounts = folder / "settings"
    accounts.mkdir(mode=0o700, exist_ok=True)
    for old in accounts.iterdir():
        old.unlink()
    for app in KINDS:
        for name, value in app.accounts(f"http://127.0.0.1:{ports[app.name]}", door).items():
            file = accounts / f"KAREZ_{app.name}_{name}".upper()
            file.touch(mode=0o600)
            file.write_text(value, encoding="utf-8")
    (folder / "ports.json").write_text(json.dumps(ports))


def read_ports(folder: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((folder / "ports.json").read_text())
    return found
