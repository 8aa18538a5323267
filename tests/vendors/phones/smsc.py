"""A telephone in Kazakhstan on the page: texts and calls of SMSC.kz."""

from tests.vendors import smsc
from tests.vendors.base import Taken
from tests.vendors.phones.base import App, Bubble, Window

DELIVERED, LOST, NOBODY_ANSWERED = "1", "20", "237"


class SmscApp(App):
    """A text is delivered at once; a call rings until somebody takes it or misses it."""

    name, title = "smsc", "SMS and calls, Kazakhstan"
    addresses = ("+77011234501", "+77011234502", "+77011234503")
    presets = tuple(smsc.PRESETS)
    usual = (("busy", "too-often"), ("blocked", "undeliverable"))
    acts = ("write",)
    vendor: smsc.SmscVendor

    @classmethod
    def accounts(cls, url: str, door: str) -> dict[str, str]:
        account = {
            "APIKEY": smsc.APIKEY,
            "SECRET": smsc.SECRET,
            "SIGNING_WORD": smsc.SIGNING_WORD,
            "CALLS": "medicine appointment",
        }
        # Without a reserve of its own the channel would ask the vendor's when the stand-in is down.
        return {**account, "CALLS_A_DAY": "20", "BASE_URL": url, "RESERVE_URL": ""}

    def show_taken(self, taken: Taken, number: int) -> Bubble:
        is_call = taken.what == "call"
        sound = str(number) if is_call else ""
        kind = "call" if is_call else ""
        return Bubble(taken.at, taken.body.get("mes", ""), kind=kind, sound=sound, number=number, rings=is_call)

    def window(self, address: str) -> Window:
        return Window(f"no window; {self.vendor.money:.0f} on the account")

    async def write(self, address: str, text: str) -> None:
        await self.vendor.says(self.hook, address, text)

    async def arrived(self, taken: Taken, number: int) -> None:
        if taken.what == "text":
            await self._report(taken, number, DELIVERED)

    async def call(self, bubble: Bubble, key: str) -> None:
        """A key means nothing to SMSC.kz: nobody is told of it."""
        taken = self.vendor.taken[bubble.number - 1]
        await (
            self._report(taken, bubble.number, LOST, NOBODY_ANSWERED) if key == "miss" else self._answered(taken, bubble.number)
        )

    async def _answered(self, taken: Taken, number: int) -> None:
        await self._report(taken, number, DELIVERED)

    async def _report(self, taken: Taken, number: int, status: str, error: str = "0") -> None:
        told = {"id": taken.body.get("id") or str(number), "phone": taken.to.lstrip("+"), "status": status, "err": error}
        await self.vendor.reports(self.hook, told | {"ts": str(int(self.vendor.clock.now().timestamp()))})
