"""A service account that is nobody's, for measurements."""

from xml.sax.saxutils import escape

from care.channels.base import Post
from care.channels.trial import Trial, Written
from care.channels.wechat.crypto import SafeMode

APP_ID, TOKEN, AES_KEY = "wx0000000000000000", "a-word-for-measurements", "0123456789" * 4 + "abc"
LETTER = (
    "<xml><ToUserName>gh_bench</ToUserName><FromUserName>{who}</FromUserName><CreateTime>{at}</CreateTime>"
    "<MsgType>text</MsgType><Content>{words}</Content><MsgId>{number}</MsgId></xml>"
)


def post(said: Written) -> Post:
    """In safe mode: sealed, and signed twice."""
    mode, at = SafeMode(TOKEN, AES_KEY, APP_ID), str(int(said.at.timestamp()))
    letter = LETTER.format(who=said.address, at=at, words=escape(said.words), number=10**16 + said.number)
    sealed, nonce = mode.seal(letter.encode()), str(said.number)
    query = {"timestamp": at, "nonce": nonce, "encrypt_type": "aes"}
    query |= {"signature": mode.sign(at, nonce), "msg_signature": mode.sign(at, nonce, sealed)}
    body = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()
    return Post("POST", query, {"content-type": "text/xml"}, body)


TRIAL = Trial(
    settings={
        "KAREZ_WECHAT_APP_ID": APP_ID,
        "KAREZ_WECHAT_SECRET": "a-secret-for-measurements",
        "KAREZ_WECHAT_TOKEN": TOKEN,
        "KAREZ_WECHAT_AES_KEY": AES_KEY,
        "KAREZ_WECHAT_BASE": "{url}",
    },
    answers={
        "/cgi-bin/stable_token": '{"access_token": "an-access-token-for-measurements", "expires_in": 7200}',
        "/cgi-bin/message/custom/send": '{"errcode": 0, "errmsg": "ok"}',
    },
    address=lambda number: f"oBench{number:022}",
    post=post,
)
