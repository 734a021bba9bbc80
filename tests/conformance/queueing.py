"""A right client that sends in the background: a call puts its request into a queue, which is emptied when asked."""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.clients.client import Config
from tests.conformance.reference import ApiError, Reference


class Queueing(Reference):
    """The client. What cannot be delivered is told when the queue is emptied."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "async_send": True}

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.queue: list[tuple[str, Any]] = []
        self.lock = threading.Lock()

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the one that does not wait
        with self.lock:
            self.queue.append((operation, request))

    def drain(self) -> None:
        """Send what waits; raises the first failure."""
        with self.lock:
            waiting, self.queue = self.queue, []
        failure: ApiError | None = None
        for operation, request in waiting:
            try:
                super().attempts(operation, request)
            except ApiError as error:
                failure = failure or error
                if self.stops(error):
                    break
        self.tell(failure)

    def stops(self, error: ApiError) -> bool:
        return error.status in (401, 403)

    def tell(self, failure: ApiError | None) -> None:
        if failure is not None:
            raise failure
