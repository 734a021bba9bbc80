"""The ASGI edge of one operation: reads as much as it has to, lets the contract judge, answers, and records."""

from starlette.types import Receive, Scope, Send

from contracts.case import Circumstances
from contracts.head import admit
from contracts.json_body import read_json
from contracts.judge import form_limits, judge_form, judge_json, refuse
from contracts.model import Breach, Judgement, Rule
from contracts.multipart_body import FormReader
from contracts.operations import Operation
from contracts.stages import BODY_IN_TIME, BODY_SIZE, JSON, MULTIPART, WHOLE_BODY
from contracts.world import Key
from mock_server.acts import PlayedOutError
from mock_server.exchange import Exchange
from mock_server.fake import Fake
from mock_server.on_demand import PreferenceError
from mock_server.request import ClientLeftError, Request
from mock_server.sending import answer, fail, refuse_preference
from mock_server.storage.database import StorageError

# Of a form that is none: enough to see which boundary it has.
_SHOWN_BYTES = 4096


class Endpoint:
    """One operation of the contract, as an ASGI application."""

    def __init__(self, fake: Fake, operation: Operation) -> None:
        self._fake = fake
        self._operation = operation
        # The fake may go on with another contract while a request is on its way.
        self._limits = fake.contract.limits
        self._key_header = fake.contract.key_header.encode()
        self._judge_body = self._json if operation.media_type == "application/json" else self._form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        fake = self._fake
        request = Request(scope, receive, self._key_header)
        exchange = fake.begin(request)
        exchange.operation = self._operation.id
        try:
            admission = admit(self._operation, request.head(exchange.address), fake.world)
            exchange.key = admission.key
            play = fake.play(exchange, self._operation, admission.key, request)
            if play is not None:
                request.receive = play.reading(receive, send)
            if admission.breach is not None or admission.key is None:
                assert admission.breach is not None  # noqa: S101 - no key is always a breach
                judgement = refuse(admission.breach)
            elif play is not None and play.refuses_expect(request):
                judgement = self._operation.nothing_broken
            else:
                judgement = await self._judge_body(request, exchange, admission.key)
            await answer(fake, exchange, judgement, request, send, play=play)
        except (ClientLeftError, PlayedOutError):
            fake.left(exchange)
        except PreferenceError as error:
            await refuse_preference(fake, exchange, str(error), send)
        except StorageError as error:
            await fail(fake, exchange, str(error), send)
        finally:
            fake.end(exchange)

    async def _json(self, request: Request, exchange: Exchange, key: Key) -> Judgement:
        limits, rules = self._limits, self._operation.by_check
        if request.said.length > limits.json_bytes:
            return refuse(_too_large(rules[BODY_SIZE], request.said.length, limits.json_bytes))
        body = await request.next_chunk()
        if not request.complete:
            body = await request.rest(body, limits.json_bytes)
        exchange.body = body
        exchange.size = len(body)
        if exchange.size > limits.json_bytes:
            return refuse(_too_large(rules[BODY_SIZE], exchange.size, limits.json_bytes))
        if request.broken:
            return self._cut_short(request, JSON)
        around = self._around(exchange, request, (key.masked, self._operation.id, body))
        return judge_json(self._operation, read_json(body, limits), key, around, limits)

    async def _form(self, request: Request, exchange: Exchange, key: Key) -> Judgement:
        limits = self._limits
        form = FormReader(request.said.content_types[0], form_limits(self._operation, key, limits))
        exchange.parts = form.parts
        first = b""
        while form.stop is None and not request.complete:
            chunk = await request.next_chunk()
            first = first or chunk[:_SHOWN_BYTES]
            form.feed(chunk)
            exchange.size = form.size
        if request.broken:
            exchange.body = first
            return self._cut_short(request, MULTIPART)
        if form.stop is None:
            form.finish()
        if form.stop is not None and form.stop.check == MULTIPART:
            exchange.body = first
        content = (key.masked, self._operation.id, *((part.name, part.text, part.sha256) for part in form.parts))
        around = self._around(exchange, request, content)
        return judge_form(self._operation, form, key, around, limits)

    def _cut_short(self, request: Request, check: str) -> Judgement:
        rule = self._operation.by_check[BODY_IN_TIME if request.late else check]
        return refuse(Breach(rule, "body", request.broken, WHOLE_BODY))

    def _around(self, exchange: Exchange, request: Request, content: tuple[object, ...]) -> Circumstances:
        repeated = self._fake.journal.came_before(exchange, content, self._limits.repeat_seconds)
        return Circumstances(exchange.at, request.query, repeated)


def _too_large(rule: Rule, size: int, limit: int) -> Breach:
    return Breach(rule, "body", f"{size} bytes or more", f"at most {limit} bytes")
