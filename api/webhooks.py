"""One door for every vendor: the channel says who it is and what it says, we keep it and thank; the rest comes after."""

from fastapi import APIRouter, Request, Response

from care.channels.base import Answer, Forged, Post
from care.inbox.service import Inbox, NoChannel
from care.kit.logs import get_log

router = APIRouter(prefix="/hooks")
log = get_log("hooks")


@router.get("/{name}")
async def greet(name: str, request: Request) -> Response:
    """The vendor asks once whether this address is ours."""
    return await _answer(name, request)


@router.post("/{name}")
async def hear(name: str, request: Request) -> Response:
    """Something came in: messages, events, reports.  200 means that all of it is kept."""
    return await _answer(name, request)


async def _answer(name: str, request: Request) -> Response:
    inbox: Inbox = request.app.state.inbox
    post = Post(request.method, dict(request.query_params), dict(request.headers), await request.body())
    try:
        channel = inbox.channel(name)
        if request.method == "GET":
            channel.verify(post)
            return _said(channel.greet(post))
        return _said(await inbox.take(channel, post))
    except NoChannel:
        return Response(status_code=404)
    except Forged:
        # Answered and forgotten: whoever does not know our secret fills neither the database nor anybody's time.
        log.warning("post.forged", channel=name if name in inbox.channels else "")
        return Response(status_code=403)


def _said(answer: Answer) -> Response:
    return Response(answer.text, media_type=answer.media_type)
