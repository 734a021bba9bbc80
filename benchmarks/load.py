"""Loads a contestant with JSON requests, by wrk: another body each time, over connections that stay open."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.contestants import Running, post_json
from benchmarks.messages import ANALYTICS, HOST, KEY, KEY_HEADER, NUMBER, Body

_SCRIPT = """\
local number = {first}
local format = string.format

request = function()
  number = number + 1
  return {head} .. format("%0{digits}d", number) .. {tail}
end

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(format('{{"requests": %d, "microseconds": %d, "refused": %d, "lost": %d, "p50": %d, "p99": %d}}\\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one run of wrk measured; `processor_us` is the server's own time for one request."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    processor_us: float


class Load:
    """Makes runs of wrk, in which no number of a request comes twice."""

    def __init__(self, folder: Path) -> None:
        """Write the scripts into `folder`."""
        if shutil.which("wrk") is None:
            raise SystemExit("wrk is not installed; on Debian: apt-get install wrk")
        self._script = folder / "wrk.lua"
        self._next = 1_000

    def run(self, running: Running, body: Body, connections: int, seconds: int) -> Rate:
        """Load a contestant for some seconds. An answer with the wrong status ends the program."""
        self._script.write_text(_script(body, self._next))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(self._script)]
        before = processes.processor_seconds(running.pid)
        done = subprocess.run(
            [*command, f"http://{HOST}:{running.port}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 60,
        )
        took = processes.processor_seconds(running.pid) - before
        measured = json.loads(done.stdout.splitlines()[-1])
        self._next += measured["requests"] + connections
        _check(running, body, measured)
        return Rate(
            measured["requests"],
            measured["requests"] / measured["microseconds"] * 1e6,
            measured["p50"] / 1e3,
            measured["p99"] / 1e3,
            took / measured["requests"] * 1e6,
        )


def check_answer(running: Running, body: Body) -> None:
    """See that one request gets the very status it should, and from our fake, as many broken rules."""
    status, headers, _ = post_json(running.port, body.numbered(0))
    if status != body.status:
        raise SystemExit(f"{running.contestant.name}: {body.name}: got status {status}, expected {body.status}")
    broken = len(headers.get("distinct-mock-broken", "").split())
    if broken != body.broken:
        raise SystemExit(f"{running.contestant.name}: {body.name}: got {broken} broken rules, expected {body.broken}")


def _script(body: Body, first: int) -> str:
    whole = body.text
    head = f"POST {ANALYTICS} HTTP/1.1\r\nHost: {HOST}\r\n{KEY_HEADER}: {KEY}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n"
    before, after = (head + whole).split(NUMBER)
    # A JSON string of ASCII text is one of Lua too.
    return _SCRIPT.format(first=first, head=json.dumps(before), digits=len(NUMBER), tail=json.dumps(after))


def _check(running: Running, body: Body, measured: dict[str, int]) -> None:
    expected = measured["requests"] if body.status >= 400 else 0
    if measured["requests"] == 0 or measured["refused"] != expected or measured["lost"]:
        raise SystemExit(
            f"{running.contestant.name}: {body.name}: got {measured['refused']} refused of {measured['requests']} "
            f"requests, expected {expected}; {measured['lost']} were lost"
        )
