"""Sends an answer so that the client sees it, even one that is still uploading; or as a step that is played says."""

import asyncio
import json
from collections.abc import Sequence

from starlette.types import Receive, Send

from contracts.model import Answer, Judgement
from mock_server.acts import Play, Played
from mock_server.exchange import Exchange
from mock_server.fake import Fake
from mock_server.request import Request
from mock_server.storage.database import StorageError
from mock_server.undocumented import ArmedAnswer

_PROBLEM = (b"content-type", b"application/problem+json")
_CLOSE = (b"connection", b"close")
_WRONG_REQUEST = 400


async def answer(  # noqa: PLR0913 - what an answer is made of
    fake: Fake,
    exchange: Exchange,
    judgement: Judgement,
    request: Request,
    send: Send,
    *,
    extra: Sequence[tuple[bytes, bytes]] = (),
    play: Play | None = None,
) -> None:
    """Decide, record and send the answer of one request; `extra` are headers that the contract's answer needs."""
    chosen = fake.decide(exchange, judgement, play)
    has_more = request.has_more
    # Who is told no before sending a body may then send that or another request: nobody could tell.
    last = (_CLOSE,) if has_more and request.waits_for_go_ahead else ()
    if extra or last:
        exchange.more_headers = (*extra, *last)
    failure = await _failure_to_store(fake, exchange) if fake.journal.durable else None
    if failure is not None:
        chosen, exchange.more_headers = failure, (*exchange.more_headers, *last)
    headers = exchange.headers_of(chosen)
    has_more = has_more and not last
    if play is None:
        await send({"type": "http.response.start", "status": chosen.status, "headers": headers})
        await send({"type": "http.response.body", "body": chosen.body, "more_body": has_more})
    else:
        played = await play.send(chosen.status, headers, chosen.body, send, has_more=has_more)
        exchange.stayed = played is not Played.LEFT
        has_more = has_more and played is Played.ANSWERED
    if has_more:
        await _linger(request.receive, send, exchange, fake.linger_seconds)


async def _failure_to_store(fake: Fake, exchange: Exchange) -> Answer | None:
    """Wait until a request is stored, and give what is answered in place of its answer when it cannot be."""
    try:
        await fake.journal.settled()
    except StorageError as error:
        return fake.unrecorded(exchange, str(error))
    return None


async def fail(fake: Fake, exchange: Exchange, reason: str, send: Send) -> None:
    """Answer a request that the fake cannot serve because it cannot read or write what it remembers."""
    failure = fake.unrecorded(exchange, reason)
    fake.journal.record(exchange)
    await _send(failure, exchange, send)


async def refuse_preference(fake: Fake, exchange: Exchange, reason: str, send: Send) -> None:
    """Answer a request that asks for what there is not. This is no answer of Distinct's, and looks like none."""
    reason = fake.worlds.secrets_beside(exchange.headers, exchange.query).hidden(reason)
    problem = {"type": "about:blank", "title": "Bad Request", "status": _WRONG_REQUEST, "detail": reason}
    body = json.dumps(problem).encode()
    refusal: Answer = ArmedAnswer("unknownPreference", _WRONG_REQUEST, reason, body, (_PROBLEM,), documented=False)
    fake.refuse_preference(exchange, refusal)
    if fake.journal.durable:
        refusal = await _failure_to_store(fake, exchange) or refusal
    await _send(refusal, exchange, send)


async def _send(chosen: Answer, exchange: Exchange, send: Send) -> None:
    """Send an answer without having read the request, which therefore is the last of its connection."""
    headers = [*exchange.sent_headers, _CLOSE]
    await send({"type": "http.response.start", "status": chosen.status, "headers": headers})
    await send({"type": "http.response.body", "body": chosen.body})


async def _linger(receive: Receive, send: Send, exchange: Exchange, idle: float) -> None:
    """Read on and drop what a client still sends after its answer is out, unless it pauses for `idle` seconds.

    Closing a connection with unread bytes resets it, and many clients then never see the answer.
    """
    ended = False
    while not ended:
        try:
            async with asyncio.timeout(idle):
                message = await receive()
        except TimeoutError:
            break
        exchange.stayed = message["type"] != "http.disconnect"
        ended = not exchange.stayed or not message.get("more_body", False)
    # Without the rest of the body nobody knows where the next request would begin.
    await send({"type": "http.response.body", "body": b"", "close": not ended})
