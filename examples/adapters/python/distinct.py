"""A right client of Distinct's API, but for the HTTP library: `exchange` is for those who have one."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import rules

PATHS = {
    "giftAssets": "/api/v1/vendor/user/assets",
    "addUserAnalytics": "/api/v1/user/analytics",
    "captureAnalytics": "/api/v1/analytics/capture/fifa-cwc-2025",
}

OK = 2


class ApiError(Exception):
    """The API said no; `status` is that of HTTP, or None when there was no answer."""

    def __init__(self, status: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """The client of one API key. It tries again after a 500, and only then."""

    capabilities: ClassVar[Mapping[str, Any]] = {
        "retries": {"on": [500], "max_attempts": 3},
        "time_scale": True,
        "timeout_ms": 2000,
    }

    def __init__(self, config: Any) -> None:
        self.url = config.base_url
        self.timeout = (config.timeout_ms or 2000) / 1000
        self.first_wait = 0.2 * config.time_scale
        self.headers = {"x-distinct-api-key": config.api_key, "User-Agent": f"{type(self).__module__}/1.0"}

    def call(self, operation: str, args: Mapping[str, Any], files: Sequence[Any] = ()) -> None:
        """Send what the caller has. Raises rules.Refused for what cannot be sent, and ApiError for what went wrong."""
        if operation == "giftAssets":
            fields = rules.gift(args, files)
        elif operation == "addUserAnalytics":
            fields = rules.analytics(args)
        else:
            fields = rules.capture(args)
        status, body = self.until_answered(self.url + PATHS[operation], fields, files)
        if status // 100 != OK:
            raise ApiError(status, message(body))

    def until_answered(self, url: str, fields: rules.Fields, files: Sequence[Any]) -> tuple[int, bytes]:
        """Send a request up to three times, with longer and longer waits."""
        status, body = self.exchange(url, fields, files)
        for attempt in range(2):
            if status not in self.capabilities["retries"]["on"]:
                break
            time.sleep(self.first_wait * 2**attempt)
            status, body = self.exchange(url, fields, files)
        return status, body

    def exchange(self, url: str, fields: rules.Fields, files: Sequence[Any]) -> tuple[int, bytes]:
        """Send one request, a form when there are files; gives status and body. Raises ApiError without an answer."""
        raise NotImplementedError


def json_body(fields: rules.Fields) -> bytes:
    """Write fields as JSON."""
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()


def message(body: bytes) -> str:
    """Give what the API says of a failure, whatever form it has."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]
