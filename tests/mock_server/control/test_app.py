"""What stands before the control API, where a connection ends in the middle."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import Message, Scope

from mock_server.control.app import Control, control_routes
from mock_server.server import Running

GONE: Message = {"type": "http.disconnect"}


def scope_of(method: str, path: str) -> Scope:
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    return {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers, "scheme": "http"}


def sent(control: Control, scope: Scope, *received: Message) -> list[Message]:
    """Serve one request, and give the messages of its answer."""
    messages: list[Message] = []
    incoming = iter(received)

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(control.handle(scope, receive, send))
    return messages


def test_who_leaves_in_the_middle_of_a_body_gets_no_answer(fake: Running, caplog: pytest.LogCaptureFixture) -> None:
    begun: Message = {"type": "http.request", "body": b"{", "more_body": True}
    (control,) = control_routes(fake.fake)
    assert isinstance(control, Control)

    assert sent(control, scope_of("POST", "/_mock/sessions"), begun, GONE) == []
    assert caplog.text == ""


def test_a_failure_after_the_answer_has_begun_is_left_to_the_connection(fake: Running) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    async def begin(_: Request) -> Response:
        return StreamingResponse(half())

    control = Control(fake.fake, [Route("/_mock/half", begin)])

    with pytest.raises(BaseException) as caught:  # noqa: PT011 - in a group, as anyio raises it, or alone
        sent(control, scope_of("GET", "/_mock/half"), GONE)

    assert "ZeroDivisionError" in repr(caught.value)


PATHS = [
    pytest.param("/_mock", True, id="root"),
    pytest.param("/_mock/", True, id="page"),
    pytest.param("/_mock/a/b", True, id="under-it"),
    pytest.param("/_mocking", False, id="name-that-begins-like-it"),
    pytest.param("/", False, id="above"),
]


@pytest.mark.parametrize(("path", "ours"), PATHS)
def test_the_root_and_all_under_it_is_ours(path: str, *, ours: bool, fake: Running) -> None:
    router = Router(routes=control_routes(fake.fake))

    matches = [route.matches(scope_of("GET", path))[0].value > 0 for route in router.routes]

    assert matches == [ours]
