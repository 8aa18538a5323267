"""What every answer carries: how little a browser may do with it, and how little it says about us."""

import pytest

from care.conversation.tables import Line
from tests.web import Web

PATHS = ("/", "/healthz", "/readyz", "/v1/forms", "/v1/words/zh-Hans", "/console", "/console/sign-in", "/static/app.css")
PATHS += ("/nobody",)


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_may_load_only_our_own_files_and_stand_in_nobodys_frame(web_alone: Web, path: str):
    headers = (await web_alone.stranger().get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_what_is_about_a_person_is_kept_by_no_cache(web_alone: Web):
    phone, desk = await web_alone.phone(await web_alone.ward.patient()), await web_alone.desk()

    seen = [await phone.get("/v1/chat/messages"), await phone.get("/v1/consents"), await desk.get("/console/patients")]

    assert [answer.status for answer in seen] == [200, 200, 200]
    assert {answer.headers["cache-control"] for answer in seen} == {"no-store"}


async def test_letters_and_styles_are_kept_by_the_phone_and_only_asked_about(web_alone: Web):
    stranger, path = web_alone.stranger(), "/static/fonts/noto-naskh-arabic-latin-400-normal.woff2"
    first = await stranger.ask("HEAD", path)

    again = await stranger.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-cache"
    assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize("path", PATHS)
async def test_no_answer_says_what_serves_it(web_alone: Web, path: str):
    headers = (await web_alone.stranger().get(path)).headers

    assert "server" not in headers
    assert "x-powered-by" not in headers


async def test_a_forged_host_is_refused_with_the_same_headers(web_alone: Web):
    answer = await web_alone.stranger().get("/", headers={"host": "evil.example"})

    assert answer.status == 400
    assert "content-security-policy" in answer.headers


async def test_what_breaks_on_our_side_is_told_with_the_same_headers_and_nothing_of_why(web_alone: Web):
    phone = await web_alone.phone(await web_alone.ward.patient())
    await phone.say(payload="menu")
    for line in await web_alone.ward.all(Line):
        await web_alone.ward.change(Line, line.id, content_sealed=b"damaged")

    answer = await phone.get("/v1/chat/messages")

    assert (answer.status, answer.json["error"]["code"]) == (500, "our-fault")
    assert "line" not in answer.text
    assert all(name in answer.headers for name in ("content-security-policy", "x-content-type-options", "cache-control"))


async def test_every_refusal_of_the_api_has_one_shape(web_alone: Web):
    stranger = web_alone.stranger()

    refused = [await stranger.get("/v1/nobody"), await stranger.get("/v1/link"), await stranger.get("/v1/words/xx")]

    assert [answer.status for answer in refused] == [404, 405, 404]
    assert all(set(answer.json["error"]) == {"code", "message", "field"} for answer in refused)
    assert refused[1].headers["Allow"] == "POST"


async def test_an_address_the_console_does_not_have_is_a_page(web_alone: Web):
    answer = await (await web_alone.desk()).get("/console/nobody")

    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


async def test_no_description_of_the_api_is_served(web_alone: Web):
    stranger = web_alone.stranger()

    assert {(await stranger.get(path)).status for path in ("/docs", "/redoc", "/openapi.json")} == {404}


async def test_a_request_that_another_site_makes_a_browser_send_is_refused(web_alone: Web):
    phone = await web_alone.phone(await web_alone.ward.patient())
    from_elsewhere = [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
    from_elsewhere += [{"sec-fetch-site": "same-site"}]  # another name under the hospital's domain is another site to us

    for headers in from_elsewhere:
        answer = await phone.post("/v1/chat/messages", json={"payload": "stop"}, headers=headers)
        assert answer.status == 403, headers
    own = {"origin": web_alone.url, "sec-fetch-site": "same-origin"}
    assert (await phone.post("/v1/chat/messages", json={"payload": "menu"}, headers=own)).status == 200
    assert [line["act"] for line in await phone.lines()] == ["pressed", "menu"]
