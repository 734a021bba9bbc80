"""Whether the fake is up and can do its work."""

import time
from functools import cache
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_server.control.problems import ProblemError
from mock_server.fake import Fake

# Looking it up reads the package's metadata, and it stays what it is.
_version = cache(version)


class Health:
    """The health of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def health(self, _: Request) -> Response:
        """Say which fake this is, and how it does."""
        fake = self._fake
        return JSONResponse(
            {
                "status": "ok",
                "version": _version("distinct-mock"),
                "uptimeSeconds": round(max(0.0, time.time() - fake.started), 3),
                "workers": fake.settings.workers,
                "journal": {
                    "file": fake.journal.file,
                    "writable": not fake.journal.problem,
                    "problem": fake.journal.problem or None,
                },
            }
        )

    async def ready(self, _: Request) -> Response:
        """Say whether requests can be taken: one that cannot be journaled is lost for every verdict."""
        if self._fake.journal.problem:
            raise ProblemError(503, f"the journal cannot be written: {self._fake.journal.problem}")
        return JSONResponse({"status": "ready"})


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Health(fake)
    return [Route("/_mock/health", own.health), Route("/_mock/ready", own.ready)]
