"""What a reader of a report has to know beside the verdicts: how a client was tried, and what its adapter said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.depth import Depth
from conformance.model import Call, Capabilities, Case, Outcome


@dataclass(slots=True)
class Remarks:
    """Gathers them while a client is tried."""

    _refused: str = ""
    _printing: int = 0
    _printed: str = ""

    def hear(self, case: Case) -> None:
        """Take what a client wrote to standard output beside its replies."""
        for line in filter(None, map(_printed, case.calls)):
            self._printing += 1
            self._printed = self._printed or line

    def doubt(self, valid: Sequence[Case]) -> None:
        """Take that a client refuses all that is valid, which may be its adapter's doing."""
        calls = [call for case in valid for call in case.calls if call.reply.outcome is not Outcome.UNSUPPORTED]
        if calls and all(call.reply.outcome is Outcome.REFUSED and not call.sent for call in calls):
            why = calls[0].reply.message or "nothing says why"
            self._refused = f"every valid call was refused: {why}; is that the adapter?"

    def told(self, can: Capabilities, depth: Depth) -> Iterator[str]:
        """Give them."""
        yield from filter(None, [depth.limitation, *can.remarks, self._refused])
        if self._printing:
            calls = "1 call" if self._printing == 1 else f"{self._printing} calls"
            yield f"in {calls} the client wrote to standard output what is no reply, such as {self._printed!r}"


def _printed(call: Call) -> str:
    """Give the first line that a client wrote to standard output in a call."""
    lines = (line.partition(": ") for line in call.reply.noise.splitlines())
    return next((text for where, _, text in lines if where == "stdout" and text.strip()), "")
