"""Nobody's address or number stands in a report, and what is nobody's stays readable."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.masking import Cleaner, masked_email, masked_phone, personal_values
from contracts.model import shown

EMAILS = [
    pytest.param("anna.smith@mail.de", "a…@mail.de", id="plain"),
    pytest.param('{"email":"anna@mail.de"}', '{"email":"a…@mail.de"}', id="in-json"),
    pytest.param("<anna@mail.de>, bob@mail.de", "<a…@mail.de>, b…@mail.de", id="two"),
    pytest.param("?email=anna%40mail.de&x=1", "?email=a…%40mail.de&x=1", id="in-an-address"),
    pytest.param(r"anna\u0040mail.de", r"a…\u0040mail.de", id="escaped"),
    pytest.param("jürgen@müller.de", "j…@müller.de", id="no-ascii"),
    pytest.param("john.doe@example.com", "john.doe@example.com", id="of-nobody"),
    pytest.param("j@mail.example.org", "j@mail.example.org", id="below-one-of-nobody"),
    pytest.param("j@some.test", "j@some.test", id="reserved"),
    pytest.param("j@notexample.com", "j…@notexample.com", id="looks-like-one-of-nobody"),
    pytest.param("a@b", "a@b", id="no-domain"),
    pytest.param("no address at all", "no address at all", id="none"),
]


@pytest.mark.parametrize(("text", "shown"), EMAILS)
def test_an_email_shows_its_first_letter_and_its_domain(text: str, shown: str) -> None:
    assert masked_email(text) == shown
    assert masked_email(shown) == shown


PHONES = [
    pytest.param("+4915112345678", "+491••••••••78", id="plain"),
    pytest.param("+49 (0)170-123 45 67", "+49 (0)•••-••• •• 67", id="as-it-is-written"),
    pytest.param("phone=%2B4915112345678", "phone=%2B491••••••••78", id="in-an-address"),
    pytest.param("+14155552671", "+14155552671", id="of-nobody"),
    pytest.param("+1 (212) 555-0142", "+1 (212) 555-0142", id="of-nobody-spaced"),
    pytest.param("+447700900123", "+447700900123", id="of-nobody-british"),
    pytest.param("2024-01-01T00:00:00+05:30", "2024-01-01T00:00:00+05:30", id="a-time"),
    pytest.param("1.5e+12345678", "1.5e+12345678", id="a-number"),
    pytest.param("+12345", "+12345", id="too-short"),
]


@pytest.mark.parametrize(("text", "shown"), PHONES)
def test_a_phone_number_shows_how_it_is_written(text: str, shown: str) -> None:
    assert masked_phone(text) == shown


def test_what_stands_in_a_field_for_phones_is_masked_wherever_it_turns_up() -> None:
    personal = personal_values([{"metadata": [{"phone": "0170 1234567"}], "email": "12345"}, {"phone": None}, 3])

    cleaner = Cleaner(personal)

    assert personal == {"0170 1234567": "017• •••••67", "12345": "1…"}
    assert cleaner.text("no user 0170 1234567") == "no user 017• •••••67"


NO_ADDRESSES = [
    pytest.param("jane.roe@intranet", id="no-domain"),
    pytest.param("jane.roe at corp.com", id="in-words"),
    pytest.param('"jane roe"@corp.com', id="quoted"),
    pytest.param("jane.roe@10.0.0.1", id="of-a-machine"),
    pytest.param("jane.roe @corp.com", id="with-a-blank"),
    pytest.param("\njane.roe@corp.com (Jane Roe)\n", id="with-a-comment"),
    pytest.param("Zoë Jane Roe", id="a-name"),
    pytest.param("jane" * 30, id="a-long-one"),
    pytest.param("roe", id="a-short-one"),
    pytest.param("jane\ud800", id="half-a-character"),
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_stands_in_a_field_for_emails_is_masked_however_it_is_spelled(text: str) -> None:
    cleaner = Cleaner(personal_values([{"email": text}, {"metadata": {"email": [text]}}]))
    spelled = [
        text, json.dumps({"email": text}), json.dumps(text, ensure_ascii=False), repr(text), shown(text),
        quote(text, errors="replace"), quote_plus(text, errors="replace"), f"no user {text}.", text.upper().lower(),
    ]  # fmt: skip

    told = [cleaner.text(one) for one in spelled]

    assert [one for one in told if "jane" in one.lower() or "roe" in one.lower()] == []
    assert all("…" in one for one in told)


NOBODYS = [
    pytest.param("john.doe@example", None, id="reserved"),
    pytest.param("john.doe @example.com", None, id="with-a-blank"),
    pytest.param("j", None, id="a-letter"),
    pytest.param("john", {"email": "John "}, id="what-a-client-was-asked-for"),
    pytest.param("o'hara", {"email": "o'hara@example"}, id="a-part-of-it"),
]


@pytest.mark.parametrize(("text", "asked"), NOBODYS)
def test_what_is_nobodys_stays(text: str, asked: dict[str, str] | None) -> None:
    cleaner = Cleaner(personal_values([{"email": text}], made_up=[asked]))

    assert cleaner.text(f"got {text!r}") == f"got {text!r}"


def test_a_short_value_changes_no_other_word() -> None:
    cleaner = Cleaner(personal_values([{"email": "act"}]))

    assert cleaner.text('{"action":"act"} actor') == '{"action":"a…"} actor'


def test_keys_are_numbered_and_ports_are_not_told() -> None:
    cleaner = Cleaner()

    told = cleaner.text("dmk_…aaaaaa and dmk_…bbbbbb at http://127.0.0.1:41233/x and localhost:80 and [::1]:9")

    assert told == "dmk_…key1 and dmk_…key2 at http://127.0.0.1:PORT/x and localhost:PORT and [::1]:PORT"
    assert cleaner.text("dmk_…bbbbbb") == "dmk_…key2"
    assert cleaner.text("example.com:8080") == "example.com:8080"


def test_a_long_text_is_cut_after_it_was_masked() -> None:
    text = "x" * 4090 + " anna.smith@mail.de"

    told = Cleaner().text(text)

    assert "anna" not in told
    assert told.endswith("… (5 more characters)")


VALUES = [
    pytest.param(float("nan"), "nan", id="nan"),
    pytest.param({1: {"a"}}, {"1": "{'a'}"}, id="no-json"),
    pytest.param("\ud800", "\\ud800", id="surrogate"),
    pytest.param([None, True, 2**80, 1.5], [None, True, 2**80, 1.5], id="as-it-is"),
    pytest.param({"anna@mail.de": ("bob@mail.de",)}, {"a…@mail.de": ["b…@mail.de"]}, id="masked-names-and-values"),
]


@pytest.mark.parametrize(("value", "written"), VALUES)
def test_every_value_can_be_written(value: object, written: object) -> None:
    assert Cleaner().value(value) == written


def test_a_deep_value_is_cut() -> None:
    value: list[object] = []
    for _ in range(5000):
        value = [value]

    assert len(json.dumps(Cleaner().value(value))) < 10_000
    assert personal_values([value]) == {}


LOCALS = st.text("abcdefgh.+-_", min_size=2, max_size=12)


@given(local=LOCALS, before=st.text(max_size=5), behind=st.sampled_from(["", " ", '"', "\n", ">", ",", "&b=1"]))
def test_no_local_part_is_ever_shown(local: str, before: str, behind: str) -> None:
    told = masked_email(f"{before} {local}@mail.de{behind}")

    assert f"{local}@" not in told
    assert f"{local[0]}…@mail.de" in told


@given(text=st.text(st.characters(codec=None, exclude_characters="@+:…")))
def test_any_text_can_be_written_as_utf_8(text: str) -> None:
    assert Cleaner().text(text).encode() == text.encode("utf-8", "backslashreplace")
