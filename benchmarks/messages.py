"""The requests that the load is made of. All of them fit the built-in world."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

HOST = "127.0.0.1"
KEY_HEADER = "x-distinct-api-key"
KEY = "vendor-test-key"
ANALYTICS = "/api/v1/user/analytics"
ASSETS = "/api/v1/vendor/user/assets"

NUMBER = "##########"
"""Stands in a body for a number of as many digits, which makes each request another one."""

_NOW = datetime.now(UTC)
_RIGHT = {
    "userId": "user-john-doe",
    "email": "john.doe@example.com",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": f"{_NOW:%Y-%m-%dT%H:%M:%SZ}",
    "metadata": {"campaign": "summer-26", "number": NUMBER},
}
_SPACE_INSTEAD_OF_T = f"{_NOW:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body with a NUMBER in it, and what the fake has to say about it."""

    name: str
    text: str
    status: int
    broken: int

    def numbered(self, number: int) -> bytes:
        """Give the body with this number in it."""
        return self.text.replace(NUMBER, f"{number:0{len(NUMBER)}}").encode()


def _body(name: str, broken: int, **changes: str) -> Body:
    text = json.dumps({**_RIGHT, **changes}, separators=(",", ":"))
    return Body(name, text, 400 if broken else 200, broken)


VALID = _body("valid", 0)
ONE_BROKEN = _body("one rule broken", 1, capturedAt=_SPACE_INSTEAD_OF_T)
FOUR_BROKEN = _body(
    "four rules broken", 4, action="read", experienceId="unknown", phone="1 415 555 26", capturedAt=_SPACE_INSTEAD_OF_T
)
