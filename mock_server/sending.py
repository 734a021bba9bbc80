"""Sends an answer so that the client sees it, even one that is still uploading."""

import asyncio

from starlette.types import Receive, Send

from contracts.model import Judgement
from mock_server.exchange import Exchange
from mock_server.fake import Fake, Headers
from mock_server.request import Request


async def answer(
    fake: Fake, exchange: Exchange, judgement: Judgement, request: Request, send: Send, *, extra: Headers | None = None
) -> None:
    """Decide, record and send the answer of one request; `extra` are headers that the contract's answer needs."""
    chosen = fake.decide(exchange, judgement)
    headers = [*fake.headers(exchange, chosen), *(extra or ())]
    has_more = request.has_more
    if has_more and request.waits_for_go_ahead:
        # It was told no before it sent its body, and may now send that or another request: nobody could tell.
        headers.append((b"connection", b"close"))
        has_more = False
    await send({"type": "http.response.start", "status": chosen.status, "headers": headers})
    await send({"type": "http.response.body", "body": chosen.body, "more_body": has_more})
    if has_more:
        await _linger(request.receive, send, exchange, fake.linger_seconds)


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
