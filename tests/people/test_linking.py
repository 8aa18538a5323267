"""A linking code makes one phone the patient's own; every other use of it is refused with its reason."""

from datetime import timedelta

from care.people.linking import CODE_LIFE, DEVICE_LIFE, TRIES, CodeRefused, device_of, link, make_code, open_devices
from care.people.patients import NewPatient, register
from care.people.tables import Device, FailedTry, LinkingCode, Patient
from tests.ward import Ward, side_by_side


async def registered(ward: Ward, name: str = "Gul") -> Patient:
    """A patient without a phone."""
    async with ward.database.work() as work:
        return await register(work, ward.clinic.id, ward.nurse_id, NewPatient(name, "ug-Arab", "Asia/Urumqi"))


async def code_for(ward: Ward, patient: Patient) -> str:
    async with ward.database.work() as work:
        return await make_code(work, patient, ward.nurse_id)


async def use(ward: Ward, typed: str, address: str = "10.0.0.1") -> str:
    """The patient the phone now belongs to, or why it does not; a refusal is committed as the web door commits it."""
    async with ward.database.work() as work:
        try:
            return (await link(work, typed, address)).patient_id
        except CodeRefused as refused:
            return refused.reason


async def test_a_code_links_one_phone_and_then_never_again(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)

    assert [await use(ward, code), await use(ward, code)] == [gul.id, "used"]


async def test_a_code_may_be_typed_as_it_is_read_from_the_card(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)

    assert await use(ward, f"  {code[:4].lower()}-{code[4:].lower()} ") == gul.id


async def test_a_wrong_and_an_expired_code_say_so(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)
    wrong = await use(ward, "AAAA-AAAA")
    ward.clock.advance(CODE_LIFE)

    assert (wrong, await use(ward, code)) == ("wrong", "expired")


async def test_a_fresh_card_ends_the_one_that_was_lost(ward: Ward):
    gul = await registered(ward)
    lost, fresh = await code_for(ward, gul), await code_for(ward, gul)

    assert [await use(ward, lost), await use(ward, fresh)] == ["expired", gul.id]


async def test_two_phones_with_one_card_at_one_moment_link_one_of_them(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)

    said = await side_by_side(*(use(ward, code, f"10.0.0.{number}") for number in range(6)))

    assert sorted(said, key=len) == ["used"] * 5 + [gul.id]
    assert len(await ward.all(Device)) == 1


async def test_guessing_is_stopped_after_ten_tries_and_only_for_the_one_who_guesses(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)
    guesses = [await use(ward, f"GUESS{number:03}", "6.6.6.6") for number in range(TRIES)]

    assert set(guesses) == {"wrong"}
    assert await use(ward, code, "6.6.6.6") == "too-many-tries"
    assert await use(ward, code, "10.0.0.1") == gul.id


async def test_after_a_quarter_of_an_hour_one_may_try_again(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)
    for _ in range(TRIES):
        await use(ward, "wrong")
    ward.clock.advance(timedelta(minutes=15, seconds=1))

    assert await use(ward, code) == gul.id


async def test_neither_code_nor_token_nor_address_stands_in_the_database(ward: Ward):
    code = await code_for(ward, await registered(ward))
    await use(ward, "wrong", "192.0.2.77")
    async with ward.database.work() as work:
        token = (await link(work, code, "192.0.2.77")).token

    rows = [vars(row) for table in (LinkingCode, Device, FailedTry) for row in await ward.all(table)]
    assert not [row for row in rows for secret in (code, token, "192.0.2.77") if secret in str(row)]


async def test_a_phone_stays_linked_while_it_is_used_and_is_forgotten_after_half_a_year(ward: Ward):
    code = await code_for(ward, await registered(ward))
    async with ward.database.work() as work:
        token = (await link(work, code, "10.0.0.1")).token

    assert await known(ward, token)
    ward.clock.advance(DEVICE_LIFE + timedelta(seconds=1))
    assert not await known(ward, token)


async def test_a_closed_phone_and_an_invented_token_are_strangers(ward: Ward):
    gul = await registered(ward)
    code = await code_for(ward, gul)
    async with ward.database.work() as work:
        token = (await link(work, code, "10.0.0.1")).token
    [phone] = await ward.all(Device)
    await ward.change(Device, phone.id, closed_at=ward.clock.now(), closed_because="lost")

    assert (await known(ward, token), await known(ward, "invented")) == (False, False)
    async with ward.database.look() as work:
        assert await open_devices(work, gul.id) == []


async def known(ward: Ward, token: str) -> bool:
    async with ward.database.look() as work:
        return await device_of(work, token) is not None


async def test_whatever_is_typed_is_only_ever_a_wrong_code(ward: Ward):
    said = [await use(ward, typed) for typed in ("", "   ", "🙂", "A" * 10_000, "'; drop table device; --")]

    assert set(said) == {"wrong"}
