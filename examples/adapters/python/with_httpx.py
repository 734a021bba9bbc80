"""The client with httpx."""

import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import distinct
import httpx
import rules

# To read all certificates takes longer than many requests, so it is done once for all clients.
TLS = ssl.create_default_context()


class Client(distinct.Client):
    """Takes what httpx does by itself: connections are kept, forms are streamed from the files."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.http = httpx.Client(timeout=self.timeout, trust_env=False, verify=TLS)

    def exchange(self, url: str, fields: rules.Fields, files: Sequence[Any]) -> tuple[int, bytes]:
        """Send one request."""
        with ExitStack() as opened:
            # Opened for each attempt: what was read once is at its end.
            assets = [
                (
                    "assets",
                    (rules.file_name(file.name), opened.enter_context(Path(file.path).open("rb")), file.content_type),
                )
                for file in files
            ]
            content: dict[str, Any] = (
                {"data": fields, "files": assets} if files else {"content": distinct.json_body(fields)}
            )
            kind = {} if files else {"Content-Type": "application/json"}
            try:
                answer = self.http.post(url, **content, headers={**self.headers, **kind})
            except httpx.HTTPError as error:
                raise distinct.ApiError(None, f"no answer: {type(error).__name__}") from None
            return answer.status_code, answer.content

    def close(self) -> None:
        """Close its connections."""
        self.http.close()


make = Client
