"""A fake as a test sees it: what was sent to it, what it is to answer, and what was expected of the client."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TextIO, Unpack

from mock_server.asked import File, Filters, Match, Options, Page, WorldChanges, spelled, spelled_changes
from mock_server.client import Control, ControlError, path_of
from mock_server.settings import Settings, with_token
from mock_server.told import ArmedFault, FullRequest, Record, SentRequest, armed_fault, full_request, record
from mock_server.told import sent_request as _sent_request
from mock_server.unmet import unmet

_REQUEST_TIMEOUT = 408
_NOT_FOUND = 404


class Handle:
    """A fake, or one session of it: then it sees the session's requests, and changes what the session alone sees.

    `control` is its control API, for whatever is not here. Whatever it refuses is raised as ControlError.
    """

    def __init__(self, control: Control, key: str | None = None, session_id: str | None = None) -> None:
        self.control = control
        self.session_id = session_id
        self._key = key

    def __repr__(self) -> str:
        """Write where the fake is, and which session this is; no key."""
        return f"<Handle {self.url}{f' {self.session_id}' if self.session_id else ''}>"

    @property
    def url(self) -> str:
        """Where the fake is: what a client has as the URL of the API."""
        return self.control.url

    @property
    def key(self) -> str:
        """The API key for the client. Raises LookupError where none is known: a fake elsewhere tells none."""
        if self._key is None:
            raise LookupError(f"no key is known for {self.url}: give one to connect(), or use session(), which has one")
        return self._key

    # What was sent

    def requests(self, **filters: Unpack[Page]) -> list[SentRequest]:
        """List requests, the oldest first: the last 50 that fit, unless `limit` or another member of Page says so."""
        order = filters.pop("order", None)
        page = self.control.get("/requests", **spelled(self._of_session(filters)), order=order)["requests"]
        found = [_sent_request(row) for row in page]
        return found[::-1] if order is None else found

    def request(self, request_id: str) -> FullRequest:
        """Give one request in full, by the id that stands in its answer's header and in the log."""
        return full_request(self.control.get(path_of("/requests", request_id)))

    def records(self, *, user: str | None = None, event: str | None = None) -> list[Record]:
        """List what was accepted, the oldest first."""
        found = self.control.get("/records", session=self.session_id, user=user, event=event)
        return [record(row) for row in found["records"]]

    # What is expected

    def wait(self, count: int = 1, seconds: float = 5, **match: Unpack[Match]) -> list[SentRequest]:
        """Wait until so many requests match, and give them. Raises AssertionError when they do not come in time."""
        __tracebackhide__ = True
        body = {"match": spelled(self._of_session(match)), "count": count, "seconds": seconds}
        try:
            return [_sent_request(row) for row in self.control.post("/wait", body, seconds=seconds)["requests"]]
        except ControlError as error:
            if error.status != _REQUEST_TIMEOUT:
                raise
            verdict = {**error.problem, "reason": f"{error.problem['count']} within {seconds:g} s"}
        raise AssertionError(unmet(verdict, [match], self._key))

    def verify(
        self,
        count: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        **match: Unpack[Match],
    ) -> None:
        """Check how many requests match; at least one unless it is said. Raises AssertionError that says why not.

        Of requests that were evicted nobody knows, so that no `count` and no `at_most` can be checked beside them.
        """
        __tracebackhide__ = True
        bounds = {"count": count, "atLeast": at_least, "atMost": at_most}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        self._verify({"match": spelled(self._of_session(match)), **given}, [match])

    def verify_none(self, **match: Unpack[Match]) -> None:
        """Check that no request matches. Raises AssertionError that names those that do, or counts the evicted ones."""
        __tracebackhide__ = True
        self._verify({"none": spelled(self._of_session(match))}, [match])

    def verify_sequence(self, sequence: Sequence[Match]) -> None:
        """Check that requests matching these came in this order. Raises AssertionError that says which did not."""
        __tracebackhide__ = True
        session = {} if self.session_id is None else {"session": self.session_id}
        self._verify({"sequence": [spelled(match) for match in sequence], **session}, sequence)

    def _verify(self, body: dict[str, Any], matches: Sequence[Match]) -> None:
        __tracebackhide__ = True
        verdict = self.control.post("/verify", body)
        if not verdict["verified"]:
            raise AssertionError(unmet(verdict, matches, self._key))

    # What is answered

    def arm(  # noqa: PLR0913 - the parts of an order, each by its name
        self,
        *steps: str | int,
        next: int | None = None,  # noqa: A002 - the control API's word
        every: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        always: bool = False,
        operation: str | None = None,
        key: str | None = None,
    ) -> ArmedFault:
        """Arm an answer (`"userNotFound"`, `500`) or a fault (`"reset:before"`) for requests to come.

        Without a schedule each step is played once, one after the other. `next`: to so many requests; `every`: to
        each third one, when it is 3; `probability`: to some, the same ones for the same `seed`; `always`: to all.
        """
        order = {"next": next, "every": every, "probability": probability, "seed": seed, "operation": operation}
        body = {name: value for name, value in order.items() if value is not None}
        body |= {"always": True} if always else {}
        body |= {} if self.session_id is None else {"session": self.session_id}
        body |= {} if key is None else {"key": key}
        do = [str(step) for step in steps]
        return armed_fault(self.control.post("/faults", {"do": do[0] if len(do) == 1 else do, **body}))

    def armed(self) -> list[ArmedFault]:
        """List what was armed, also what is used up."""
        return [armed_fault(row) for row in self.control.get("/faults", session=self.session_id)["faults"]]

    def disarm(self, fault: ArmedFault | None = None) -> None:
        """Disarm one fault, or everything."""
        if fault is None:
            self.control.delete("/faults", session=self.session_id)
        else:
            self.control.delete(path_of("/faults", fault.id))

    # Who exists

    def change_world(self, **changes: Unpack[WorldChanges]) -> dict[str, Any]:
        """Add to the world or change it, and give it as the control API tells it."""
        found: dict[str, Any] = self.control.patch("/world", spelled_changes(changes), session=self.session_id)
        return found

    def reset(self, *what: str) -> None:
        """Forget `requests`, `faults`, changes of the `world` and `sessions`: those that are named, or all."""
        named = {"what": list(what)} if what else {}
        self.control.post("/reset", named | ({} if self.session_id is None else {"session": self.session_id}))

    @contextmanager
    def session(
        self,
        name: str = "",
        *,
        seconds: float | None = None,
        allow: Sequence[str] | None = None,
        answer: str | None = None,
        asset_bytes: int | None = None,
        world: WorldChanges | None = None,
    ) -> Iterator["Handle"]:
        """Begin a session, which has a key of its own, and end it with the block. Its requests can still be asked for.

        `seconds` is how long it lives if nobody ends it, `allow` who may use its key, `answer` what it always gets.
        """
        body = {"name": name, "seconds": seconds, "allow": allow, "answer": answer, "assetBytes": asset_bytes}
        given: dict[str, Any] = {member: value for member, value in body.items() if value is not None}
        made = self.control.post("/sessions", given | ({} if world is None else {"world": spelled_changes(world)}))
        try:
            yield Handle(self.control, made["key"], made["id"])
        finally:
            self._end(made["id"])

    def _end(self, session_id: str) -> None:
        try:
            self.control.delete(path_of("/sessions", session_id))
        except ControlError as error:
            # A reset of the whole fake has ended it already.
            if error.status != _NOT_FOUND:
                raise

    def _of_session(self, members: Filters) -> dict[str, object]:
        own = {} if self.session_id is None else {"session": self.session_id}
        return {**members, **own}


def connect(
    url: str | None = None, token: str | None = None, *, key: str | None = None, ca_file: File | None = None
) -> Handle:
    """Give a handle for a fake that runs elsewhere; `key` is the API key for clients, if one is known.

    What is not given is taken from DISTINCT_MOCK_URL and DISTINCT_MOCK_CONTROL_TOKEN. `ca_file` (PEM) is for https.
    """
    file = None if ca_file is None else os.fspath(ca_file)
    return Handle(Control.from_environment(url, token, ca_file=file), key)


@contextmanager
def running(
    *,
    settings: Settings | None = None,
    log: TextIO | None = None,
    **options: Unpack[Options],
) -> Iterator[Handle]:
    """Run a fake in a thread until the block ends; on a free port, and without a line for each request.

    `options` are those of Settings; `settings` takes their place, and is changed by them where both are given.
    `log` takes the log in place of stderr.
    Raises ConfigError for a spec, a world or another option that cannot be used.
    """
    # Whoever connects to a fake elsewhere needs no server.
    from mock_server import server  # noqa: PLC0415

    given: dict[str, Any] = {
        name: os.fspath(value) if isinstance(value, os.PathLike) else value for name, value in options.items()
    }
    base = settings or Settings(port=0, log_level="error")
    chosen = with_token(replace(base, **given, control=True))
    with server.running(chosen, log) as started:
        control = Control(started.url, chosen.control_token or None, ca_file=chosen.tls_ca or chosen.tls_cert)
        yield Handle(control, started.key.secret if started.key else None)
