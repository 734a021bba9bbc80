"""The lines of the log."""

import asyncio
import io
import json
import os
from datetime import UTC, datetime

import pytest

from contracts.model import Answer
from contracts.operations import Contract
from contracts.world import Key
from mock_server.exchange import Exchange
from mock_server.request_log import RequestLog, json_line, text_line

AT = datetime(2026, 4, 27, 13, 35, 0, 250_000, tzinfo=UTC)


def exchange(**facts: object) -> Exchange:
    made = Exchange(
        id="abc-1", at=AT, started=0.0, method="POST", path="/somewhere", address="127.0.0.1", duration=0.0123
    )
    for name, value in facts.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def not_found(contract: Contract) -> Answer:
    return contract.answers["notFound"]


def test_a_request_of_no_operation_is_named_by_method_and_path(not_found: Answer) -> None:
    assert text_line(exchange(answer=not_found)) == "13:35:00.250 abc-1 - POST /somewhere 404 12.3ms\n"


def test_a_client_that_left_is_named(key: Key) -> None:
    gone = exchange(operation="giftAssets", key=key, stayed=False)

    assert text_line(gone) == "13:35:00.250 abc-1 vend…5db8a6 giftAssets --- client left 12.3ms\n"
    assert '"status": null' in json_line(gone)


def test_a_path_cannot_forge_a_line(not_found: Answer) -> None:
    line = text_line(exchange(answer=not_found, path="/a\n13:35 b\x1b[2J"))

    assert line.count("\n") == 1
    assert "\\n13:35 b\\x1b[2J" in line


def test_lines_of_one_moment_go_out_together(not_found: Answer) -> None:
    class Stream(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            return super().write(text)

    async def log_three(log: RequestLog) -> None:
        for _ in range(3):
            log.write(exchange(answer=not_found))
        await asyncio.sleep(0)

    stream = Stream()
    asyncio.run(log_three(RequestLog(stream, as_json=False, level="info")))

    assert stream.writes == 1
    assert stream.getvalue().count("\n") == 3


@pytest.mark.parametrize(("level", "written"), [("info", 2), ("warning", 1), ("error", 0)])
def test_the_level_chooses(level: str, written: int, not_found: Answer, contract: Contract) -> None:
    stream = io.StringIO()

    async def log_both() -> None:
        log = RequestLog(stream, as_json=True, level=level)
        log.write(exchange(answer=contract.answers["assetsUploaded"]))
        log.write(exchange(answer=not_found))
        await asyncio.sleep(0)

    asyncio.run(log_both())

    assert stream.getvalue().count("\n") == written


def test_a_stream_whose_reader_is_gone_is_pointed_nowhere(not_found: Answer) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")

    async def log_two() -> None:
        log = RequestLog(stream, as_json=False, level="info")
        for _ in range(2):
            log.write(exchange(answer=not_found))
            await asyncio.sleep(0)

    asyncio.run(log_two())

    # What was left in its buffer can go, so that closing it does not fail.
    stream.close()


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_a_word_of_the_fakes_own_is_written_whatever_the_level(as_json: bool) -> None:  # noqa: FBT001 - a case
    written = io.StringIO()

    RequestLog(written, as_json=as_json, level="error").note("the disk\nis full")

    if as_json:
        line = json.loads(written.getvalue())
        assert line["note"] == "the disk\nis full"
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
    else:
        assert written.getvalue() == "distinct-mock: the disk\\nis full\n"
