"""The client with requests."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import distinct
import requests
import rules


class Client(distinct.Client):
    """Takes what requests does by itself: connections are kept, forms are written in memory."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.session = requests.Session()
        # No .netrc and no proxy of the environment has to do with this API.
        self.session.trust_env = False

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
                {"data": fields, "files": assets} if files else {"data": distinct.json_body(fields)}
            )
            kind = {} if files else {"Content-Type": "application/json"}
            try:
                answer = self.session.post(
                    url, **content, headers={**self.headers, **kind}, timeout=self.timeout, allow_redirects=False
                )
            except requests.RequestException as error:
                raise distinct.ApiError(None, f"no answer: {type(error).__name__}") from None
            return answer.status_code, answer.content

    def close(self) -> None:
        """Close its connections."""
        self.session.close()


make = Client
