"""What was accepted, as a server would have stored it."""

from contracts.samples import SamplePart, encoded
from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.control.asking import ask

GIFT = "/api/v1/vendor/user/assets"


def sent_gift(url: str) -> None:
    texts = [SamplePart("userId", "user-jane-roe"), SamplePart("eventId", "autumn-expo")]
    files = [SamplePart("assets", "GIF89a", "a.gif", "image/gif"), SamplePart("other", "x", "b.txt", "text/plain")]
    content_type, body = encoded((*texts, *files))
    assert send(url, GIFT, body, headers={"Content-Type": content_type}).status == 200


def test_only_what_was_accepted_is_a_record(own: Running) -> None:
    send(own.url, ANALYTICS, EVENT)
    send(own.url, ANALYTICS, EVENT | {"action": "read"})
    send(own.url, ANALYTICS, EVENT, headers={"Prefer": "code=500"})
    sent_gift(own.url)

    records = ask(own.url, "GET", "/records").value["records"]

    assert [(one["seq"], one["operation"], one["user"], one["event"]) for one in records] == [
        (1, "addUserAnalytics", "user-john-doe", None),
        (4, "giftAssets", "user-jane-roe", "autumn-expo"),
    ]
    assert (records[0]["body"], records[0]["assets"]) == (EVENT, None)
    assert records[1]["body"] == {"userId": "user-jane-roe", "eventId": "autumn-expo"}
    (asset,) = records[1]["assets"]
    assert (asset["filename"], asset["contentType"], asset["size"]) == ("a.gif", "image/gif", 6)


def test_records_are_filtered(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value
    send(own.url, ANALYTICS, EVENT)
    send(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": session["key"]})
    sent_gift(own.url)

    found = {
        query: [one["seq"] for one in ask(own.url, "GET", f"/records?{query}").value["records"]]
        for query in (f"session={session['id']}", f"key={session['key']}", "user=user-john-doe", "event=autumn-expo")
    }

    assert list(found.values()) == [[2], [2], [1, 2], [3]]


def test_more_than_a_page_is_given(own: Running) -> None:
    for number in range(3):
        send(own.url, ANALYTICS, EVENT | {"metadata": {"number": number}})

    records = ask(own.url, "GET", "/records").value["records"]

    assert [one["body"]["metadata"]["number"] for one in records] == [0, 1, 2]
