"""The client of the control API, for Python tests and for the commands. Quick to import, safe in threads."""

import http.client
import json
import os
import re
import ssl
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from mock_server.addresses import CONTROL_HEADER, CONTROL_ROOT
from mock_server.printable import printable

URL_VARIABLE = "DISTINCT_MOCK_URL"
TOKEN_VARIABLE = "DISTINCT_MOCK_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
DEFAULT_URL = "http://127.0.0.1:8080"

_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
_NOT_FOUND = 404
_FIRST_REFUSAL = 400
# What has an id, as it is called and with an id of its own, by where it is.
_WITH_ID = {
    "/requests": ("a request", "4ce41c-1"),
    "/sessions": ("a session", "s-0f3a81c2"),
    "/faults": ("an armed fault", "f-1"),
}
_ID = re.compile(r"[0-9a-z]+-[0-9a-z]+")
_JSON = frozenset({"application/json", "application/problem+json"})
# What a request line or a header can hold; anything else is not what was meant.
_VISIBLE = re.compile(r"[!-~]+")


class ControlError(Exception):
    """The control API did not do what it was asked for: its status, 0 when no fake answered, and the problem."""

    def __init__(self, status: int, detail: str, problem: Mapping[str, Any] | None = None) -> None:
        self.status = status
        self.detail = detail
        self.problem = dict(problem or {})
        super().__init__(detail)


class Control:
    """The control API of the fake at `url`. Each call has a connection of its own, so threads may share a client.

    `token` is for a fake that asks for one, `ca_file` (PEM) for https with a certificate that the system does not
    know. `timeout` is in seconds. Raises ValueError for a URL that is none of http or https and for
    a token that no header can hold, OSError for a CA file that cannot be used.
    """

    def __init__(
        self, url: str = DEFAULT_URL, token: str | None = None, *, ca_file: str | None = None, timeout: float = 30
    ) -> None:
        parts = parts_of(url)
        self.url = url.rstrip("/")
        self._kind = _CONNECTIONS[parts.scheme]
        self._place = (parts.hostname, parts.port)
        self._root = parts.path.rstrip("/") + CONTROL_ROOT
        self._headers = {"Authorization": f"Bearer {checked_token(token)}"} if token else {}
        self._timeout = timeout
        self._tls = {"context": ssl.create_default_context(cafile=ca_file)} if parts.scheme == "https" else {}

    def __repr__(self) -> str:
        """Write where the fake is, and no token."""
        return f"<Control {self.url}>"

    @classmethod
    def from_environment(
        cls, url: str | None = None, token: str | None = None, *, ca_file: str | None = None
    ) -> "Control":
        """Make a client with what the environment says where nothing is given."""
        return cls(
            url or os.environ.get(URL_VARIABLE) or DEFAULT_URL,
            token or os.environ.get(TOKEN_VARIABLE) or None,
            ca_file=ca_file,
        )

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - any JSON value
        """Get what is at `path`, which stands after `/_mock`: the JSON value, or the text of what is no JSON."""
        return self._call("GET", path, query)

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, seconds: float = 0, **query: object) -> Any:  # noqa: ANN401 - any JSON value
        """Send a body; the answer may take `seconds` longer than usual, as that of `/wait` does."""
        return self._call("POST", path, query, body, seconds)

    def patch(self, path: str, body: Mapping[str, Any], **query: object) -> Any:  # noqa: ANN401 - any JSON value
        """Send changes, and give what there is now."""
        return self._call("PATCH", path, query, body)

    def delete(self, path: str, **query: object) -> Any:  # noqa: ANN401 - any JSON value
        """Delete what is at `path`; gives None where nothing is to be said about it."""
        return self._call("DELETE", path, query)

    def events(self, path: str, **query: object) -> Generator[tuple[str, Any], None, None]:
        """Give the events that come at `path`, each with its name and its JSON value, until the fake stops.

        Raises ControlError when there is no such fake, and when it falls silent.
        """
        target = self._target(path, query)
        connection = self._kind(*self._place, timeout=self._timeout, **self._tls)
        with closing(connection), self._telling_of_trouble(0):
            connection.request("GET", target, headers=self._headers)
            with connection.getresponse() as response:
                if response.status >= _FIRST_REFUSAL or not _is_fakes(response):
                    _read(response, self.url)
                yield from _events(response)

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        body: Mapping[str, Any] | None = None,
        longer: float = 0,
    ) -> Any:  # noqa: ANN401 - any JSON value
        """Make one call. A parameter that is None is left out. Raises ControlError for all but success."""
        target = self._target(path, query)
        headers = self._headers | ({} if body is None else {"Content-Type": "application/json"})
        connection = self._kind(*self._place, timeout=self._timeout + longer, **self._tls)
        with closing(connection), self._telling_of_trouble(longer):
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            with connection.getresponse() as response:
                return _read(response, self.url)

    def _target(self, path: str, query: Mapping[str, object]) -> str:
        """Write where to ask. Raises ControlError for what no address can hold, as it would for such a body."""
        try:
            return self._root + quote(path) + _query(query)
        except UnicodeEncodeError:
            # It may be in a key, so it is not shown.
            problem = "what is asked for has a lone surrogate, which is no character"
            raise ControlError(_FIRST_REFUSAL, problem) from None

    @contextmanager
    def _telling_of_trouble(self, longer: float) -> Iterator[None]:
        """Raise what goes wrong with a connection as ControlError; it had `longer` than usual, in seconds."""
        try:
            yield
        except ConnectionRefusedError:
            raise ControlError(0, f"no fake answers at {self.url}: connection refused") from None
        except TimeoutError:
            raise ControlError(0, f"the fake at {self.url} took longer than {self._timeout + longer:g} s") from None
        # A name that cannot be looked up at all is a UnicodeError.
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise ControlError(0, f"no fake answers at {self.url}: {_reason(error)}") from None


def path_of(place: str, name: str) -> str:
    """Give where one of those at `place` is, by its id. Raises ControlError for what is none and might be elsewhere."""
    noun, example = _WITH_ID[place]
    if not _ID.fullmatch(name):
        # It may be a key, so it is not shown.
        raise ControlError(_NOT_FOUND, f"no id of {noun}: expected one such as {example}")
    return f"{place}/{name}"


def parts_of(url: str) -> SplitResult:
    """Split the URL of a fake. Raises ValueError for one that is none of http or https, with what was expected."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _CONNECTIONS and parts.hostname and parts.port != 0 and _VISIBLE.fullmatch(url)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"the URL of a fake: got {url!r}, expected one such as {DEFAULT_URL}")
    if parts.username is not None or parts.query or parts.fragment:
        # They may be secrets, so they are not shown.
        raise ValueError(f"the URL of a fake: expected one such as {DEFAULT_URL}, without a user, query and fragment")
    return parts


def checked_token(token: str) -> str:
    """Give a token back. Raises ValueError for one that no header can hold."""
    if token and not _VISIBLE.fullmatch(token):
        raise ValueError("the token of a fake: expected ASCII letters, digits and signs, without spaces")
    return token


def _reason(error: Exception) -> str:
    """Say what went wrong with a connection, in words that are not those of a library."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; a CA file says whom to trust"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, http.client.BadStatusLine) and not isinstance(error, OSError):
        return f"got {str(error).strip()!r}, expected HTTP"
    told = printable(getattr(error, "strerror", None) or str(error)) or type(error).__name__
    return told[0].lower() + told[1:]


def _query(query: Mapping[str, object]) -> str:
    words = {True: "true", False: "false"}
    given = {
        name: words[value] if isinstance(value, bool) else value for name, value in query.items() if value is not None
    }
    return f"?{urlencode(given)}" if given else ""


def _events(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Read server-sent events as they come, each with its name and its JSON value."""
    name = ""
    for line in lines:
        word, _, value = line.decode().rstrip("\n").partition(": ")
        if word == "event":
            name = value
        elif word == "data":
            yield name, json.loads(value)


def _is_fakes(response: http.client.HTTPResponse) -> bool:
    """Whether it is the control API of a fake that answers."""
    return response.getheader(CONTROL_HEADER) is not None


def _read(response: http.client.HTTPResponse, url: str) -> Any:  # noqa: ANN401 - any JSON value
    """Read an answer. Raises ControlError for a problem, and for what no fake has said."""
    status = response.status
    if not _is_fakes(response):
        raise ControlError(status, f"what answers at {url} is no fake with a control API: status {status}")
    text = response.read().decode()
    is_json = response.getheader("Content-Type", "").partition(";")[0] in _JSON
    value: Any = json.loads(text) if is_json else text
    if status >= _FIRST_REFUSAL:
        # The page has no problems, only texts.
        raise ControlError(status, value["detail"] if is_json else text, value if is_json else None)
    return value if text else None
