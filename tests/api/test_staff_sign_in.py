"""The staff door: who may come in, what the cookie is, and that leaving really ends it."""

import re
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from yarl import URL

from care.people.staff import TRIES, create_staff, make_signin_link
from care.people.tables import Staff, StaffLogin
from tests.ward import Ward
from tests.web import PASSWORD, Answer, Visitor, Web, open_web

COOKIE = "karez_staff"


async def sign_in(visitor: Visitor, login: str = "aynur", password: str = PASSWORD) -> Answer:
    return await visitor.post("/console/sign-in", data={"login": login, "password": password})


def cookie_of(answer: Answer, name: str = COOKIE):
    return SimpleCookie(answer.headers["Set-Cookie"])[name]


async def member(ward: Ward, role: str) -> str:
    async with ward.database.work() as work:
        return (await create_staff(work, ward.clinic.id, role, role, role)).id


async def test_a_password_is_kept_as_argon2_and_opens_the_worklist(web_alone: Web):
    await web_alone.desk()
    (aynur,) = await web_alone.ward.all(Staff)
    visitor = web_alone.stranger()

    answer = await sign_in(visitor)

    assert aynur.password_hash.startswith("$argon2id$")
    assert (answer.status, answer.headers["Location"]) == (303, "/console")
    assert (await visitor.get("/console")).status == 200


async def test_wrong_name_wrong_password_and_locked_are_one_page(web_alone: Web):
    await web_alone.desk()
    visitor = web_alone.stranger()
    unknown, wrong = await sign_in(visitor, "nobody"), await sign_in(visitor, password="wrong password")
    for _ in range(TRIES):
        await sign_in(visitor, password="wrong password")
    locked = await sign_in(visitor)

    assert {answer.status for answer in (unknown, wrong, locked)} == {401}
    assert unknown.text == wrong.text == locked.text
    assert "Set-Cookie" not in locked.headers


@pytest.mark.parametrize("login", ["a" * 200, "' or 1=1 --", "آينۇر", "AYNUR\u200b"])
async def test_an_odd_name_is_a_wrong_name(web_alone: Web, login: str):
    assert (await sign_in(web_alone.stranger(), login)).status == 401


async def test_half_a_form_and_a_name_without_end_are_refused(web_alone: Web):
    stranger = web_alone.stranger()

    assert (await stranger.post("/console/sign-in", data={"login": "aynur"})).status == 422
    assert (await sign_in(stranger, "a" * 201)).status == 422
    assert (await sign_in(stranger, password="a" * 60_000)).status == 422


async def test_the_cookie_is_a_secret_no_script_can_read(web_alone: Web):
    await web_alone.desk()

    cookie = cookie_of(await sign_in(web_alone.stranger()))
    rows = await web_alone.ward.all(StaffLogin)

    assert re.fullmatch(r"[\w-]{43}", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert cookie.value not in {row.fingerprint for row in rows} | {row.csrf for row in rows}


async def test_behind_https_the_cookie_is_bound_to_this_host_and_signing_out_really_drops_it(ward: Ward, audio):
    async with open_web(ward, audio, secure_cookies=True) as web:
        async with ward.database.work() as work:
            token = await make_signin_link(work, ward.nurse_id)
        visitor = web.stranger()
        welcome = await visitor.post("/console/welcome", data={"token": token, "password": PASSWORD})
        cookie = cookie_of(welcome, f"__Host-{COOKIE}")
        visitor.headers = {"cookie": f"__Host-{COOKIE}={cookie.value}"}
        (login,) = await ward.all(StaffLogin)
        gone = cookie_of(await visitor.post("/console/sign-out", data={"csrf": login.csrf}), f"__Host-{COOKIE}")
        locale = cookie_of(await visitor.get("/console/sign-in?lang=ug"), "__Host-karez_locale")

    # A browser takes no __Host- cookie, not even to drop it, without Secure and Path=/.
    assert {(each["secure"], each["path"], each["domain"]) for each in (cookie, gone, locale)} == {(True, "/", "")}
    assert (gone.value, gone["max-age"]) == ("", "0")


async def test_signing_out_ends_the_sign_in_even_for_whoever_copied_the_cookie(web_alone: Web):
    desk = await web_alone.desk()
    copied = desk.http.cookie_jar.filter_cookies(URL(web_alone.url))[COOKIE].value
    thief = web_alone.stranger()
    thief.headers = {"cookie": f"{COOKIE}={copied}"}
    assert (await thief.get("/console/patients")).status == 200

    left = await desk.submit("/console/sign-out")

    assert (left.headers["Location"], left.headers["clear-site-data"]) == ("/console/sign-in", '"cache", "storage"')
    assert (await thief.get("/console/patients")).status == (await desk.get("/console/patients")).status == 303


async def test_a_one_time_link_works_once(web_alone: Web):
    async with web_alone.ward.database.work() as work:
        token = await make_signin_link(work, web_alone.ward.nurse_id)
    said = {"token": token, "password": PASSWORD}

    first = await web_alone.stranger().post("/console/welcome", data=said)
    second = await web_alone.stranger().post("/console/welcome", data={**said, "password": "taken over by another"})

    assert (first.status, second.status) == (303, 400)
    assert (await sign_in(web_alone.stranger())).status == 303


async def test_opening_a_one_time_link_does_not_use_it_up(web_alone: Web):
    """Messengers look at a link before the person does."""
    async with web_alone.ward.database.work() as work:
        token = await make_signin_link(work, web_alone.ward.nurse_id)
    for _ in range(3):
        assert (await web_alone.stranger().get(f"/console/welcome?token={token}")).status == 200

    used = await web_alone.stranger().post("/console/welcome", data={"token": token, "password": PASSWORD})

    assert used.status == 303


@pytest.mark.parametrize("csrf", [None, "", "wrong", "ئۈ", "\x00"])
async def test_a_form_without_our_secret_changes_nothing(web_alone: Web, csrf: str | None):
    desk = await web_alone.desk()
    said = {} if csrf is None else {"csrf": csrf}

    refused = await desk.post("/console/sign-out", data=said)

    assert (refused.status, refused.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert (await desk.get("/console")).status == 200


async def test_another_persons_secret_is_no_secret(web_alone: Web):
    await web_alone.desk()
    desk = await web_alone.desk(await member(web_alone.ward, "nurse"))
    hers = next(row.csrf for row in await web_alone.ward.all(StaffLogin) if row.staff_id == web_alone.ward.nurse_id)

    assert (await desk.post("/console/sign-out", data={"csrf": hers})).status == 403


async def test_a_form_that_is_no_form_is_refused(web_alone: Web):
    desk = await web_alone.desk()

    for body, kind in ((b"{}", "application/json"), (b"--x\r\nbroken", "multipart/form-data; boundary=x"), (b"", "text/plain")):
        assert (await desk.post("/console/sign-out", data=body, headers={"content-type": kind})).status in {400, 403}
    assert (await desk.get("/console")).status == 200


@pytest.mark.parametrize("role", ["editor", "reviewer"])
async def test_who_writes_texts_sees_no_patient_and_can_leave(web_alone: Web, role: str):
    gul = await web_alone.ward.patient()
    desk = await web_alone.desk(await member(web_alone.ward, role))
    (login,) = await web_alone.ward.all(StaffLogin)
    secret = {"csrf": login.csrf}

    for path in ("/console", "/console/patients", f"/console/patients/{gul.id}", "/console/enrol"):
        page = await desk.get(path)
        assert page.status == 403
        assert "Gul" not in page.text
    for path in ("/console/enrol", f"/console/patients/{gul.id}/code", f"/console/patients/{gul.id}/care"):
        assert (await desk.post(path, data=secret)).status == 403
    assert (await desk.post("/console/sign-out", data=secret)).status == 303


async def test_the_first_administrator_can_enrol_the_first_patient(web_alone: Web):
    desk = await web_alone.desk(await member(web_alone.ward, "admin"))

    assert (await desk.get("/console/enrol")).status == 200


async def test_a_patients_phone_opens_no_staff_page_and_a_nurse_no_patients_talk(web_alone: Web):
    phone, desk = await web_alone.phone(await web_alone.ward.patient()), await web_alone.desk()
    as_staff = {"cookie": f"{COOKIE}={phone.headers['authorization'].removeprefix('Bearer ')}"}
    as_patient = {"cookie": f"karez_patient={desk.http.cookie_jar.filter_cookies(URL(web_alone.url))[COOKIE].value}"}

    assert (await web_alone.stranger().get("/console", headers=as_staff)).status == 303
    assert (await web_alone.stranger().get("/v1/chat/messages", headers=as_patient)).status == 401


async def test_a_page_that_renews_itself_keeps_nobody_signed_in(web_alone: Web):
    desk = await web_alone.desk()
    for _ in range(3):
        web_alone.ward.clock.advance(timedelta(minutes=6))
        last = await desk.get("/console?refresh=1")

    assert last.status == 303
