"""Forms byte by byte: whatever the cut, the parts are the same, and what is cut off is never a success."""

import hashlib
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.multipart_body import FormLimits, FormReader, Part

LIMITS = FormLimits(asset_field="assets", asset_count=10, asset_bytes=1000, text_bytes=100, parts=20)
TYPE = "multipart/form-data; boundary=b0"
CUT_OFF = "a body that ends before its closing boundary"
SAME_EVERYWHERE = settings(derandomize=True, database=None)


def part(disposition: bytes, content: bytes = b"GIF89a", headers: bytes = b"") -> bytes:
    return b"--b0\r\nContent-Disposition: form-data; %b%b\r\n\r\n%b\r\n" % (disposition, headers, content)


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b0--\r\n"


def read(chunks: Iterable[bytes], content_type: str = TYPE, limits: FormLimits = LIMITS) -> FormReader:
    form = FormReader(content_type, limits)
    for chunk in chunks:
        form.feed(chunk)
    form.finish()
    return form


def got(form: FormReader) -> str:
    return form.stop.got if form.stop else ""


# Content that looks like a boundary almost to the end, and line ends where a parser may stumble.
TRICKY = b"\r\n--b\r\n-\r\r\n\r\n--b1\r\n--b 0\r\n-b0--\n--b0\r\r--b0"
FORM = (
    b"preamble\r\n"
    + part(b'name="userId"', b"user")
    + part(b'name="assets"; filename="a.gif"', TRICKY, b"\r\nContent-Type: image/gif")
    + part(b'name="assets"; filename=""', b"")
    + part(b'name="note"', b"")
    + b"--b0--"
)
PARTS = [
    Part("userId", None, "", 4, text="user"),
    Part("assets", "a.gif", "image/gif", len(TRICKY), hashlib.sha256(TRICKY).hexdigest(), head=TRICKY),
    Part("assets", "", "", 0, hashlib.sha256().hexdigest()),
    Part("note", None, "", 0),
]


def test_form_is_read_whole() -> None:
    form = read([FORM])

    assert (form.stop, form.size) == (None, len(FORM))
    assert form.parts == PARTS


def test_form_is_read_byte_by_byte() -> None:
    form = read(bytes([byte]) for byte in FORM)

    assert (form.stop, form.size) == (None, len(FORM))
    assert form.parts == PARTS


@pytest.mark.parametrize("at", range(len(FORM) + 1))
def test_form_is_read_in_two(at: int) -> None:
    form = read([FORM[:at], FORM[at:]])

    assert form.stop is None
    assert form.parts == PARTS


@pytest.mark.parametrize("at", range(len(FORM)))
def test_form_that_is_cut_off_is_malformed(at: int) -> None:
    form = read([FORM[:at]])

    assert got(form) == CUT_OFF
    assert form.parts == PARTS[: len(form.parts)]


@SAME_EVERYWHERE
@given(
    contents=st.lists(
        st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--", b"b", b"b0", b"\0"])).map(b"".join), max_size=4
    ),
    chunk=st.integers(1, 40),
)
def test_any_content_comes_out_as_it_went_in(contents: list[bytes], chunk: int) -> None:
    # A delimiter within would end the part, in this reader as in any other.
    contents = [content.replace(b"--b0", b"") for content in contents]
    raw = body(*[part(b'name="assets"; filename="a"', content) for content in contents])

    form = read(raw[at : at + chunk] for at in range(0, len(raw), chunk))

    assert form.stop is None
    assert [(found.size, found.head) for found in form.parts] == [(len(content), content) for content in contents]


@SAME_EVERYWHERE
@given(
    raw=st.lists(
        st.sampled_from([b"--b0", b"--", b"\r\n", b"Content-Disposition: form-data; name=a", b": ", b"x", b"\xff"])
    ).map(b"".join)
)
def test_any_bytes_are_read_or_malformed(raw: bytes) -> None:
    form = read([raw])

    assert form.stop is None or form.stop.check in {"multipart", "text-part-size"}


TAKEN = [
    pytest.param(b"preamble\r\n" + body(part(b'name="a"')), id="preamble"),
    pytest.param(b"--b01\r\n" + body(part(b'name="a"')), id="preamble-with-a-longer-boundary"),
    pytest.param(b"x--b0\r\n" + body(part(b'name="a"')), id="preamble-with-a-boundary-within-a-line"),
    pytest.param(b"\r\n" + body(part(b'name="a"')), id="line-end-before"),
    pytest.param(b"x" * 60000 + b"\r\n" + body(part(b'name="a"')), id="long-preamble"),
    pytest.param(body(part(b'name="a"')) + b"epilogue\r\n--b0\r\nmore", id="epilogue"),
    pytest.param(body(part(b'name="a"'))[:-2], id="no-line-end-after"),
    pytest.param(body(part(b'name="a"').replace(b"--b0\r", b"--b0 \t\r")), id="padding-after-the-first-boundary"),
    pytest.param(body(part(b'name="a"')).replace(b"--b0--", b"--b0-- "), id="padding-after-the-last-boundary"),
    pytest.param(body(part(b'name="a"').replace(b"form-data", b"attachment")), id="attachment"),
    pytest.param(body(part(b'name="a"').replace(b"Content-D", b"cONTENT-d")), id="header-in-any-case"),
    pytest.param(body(part(b"name=a")), id="name-without-quotes"),
    pytest.param(body(part(b'NAME="a"')), id="parameter-in-capitals"),
    pytest.param(body(part(b'name="a"', b"GIF89a", b"\r\nContent-Length: 6\r\nX-Other: 1")), id="other-headers"),
]


@pytest.mark.parametrize("raw", TAKEN)
def test_unusual_form_is_taken(raw: bytes) -> None:
    form = read([raw])

    assert form.stop is None
    assert [(found.name, found.text) for found in form.parts] == [("a", "GIF89a")]


def test_padding_after_a_later_boundary_is_taken() -> None:
    raw = body(part(b'name="a"'), part(b'name="b"').replace(b"--b0\r", b"--b0  \r"))

    form = read([raw])

    assert [found.name for found in form.parts] == ["a", "b"]


def test_form_without_parts_is_a_form() -> None:
    form = read([b"--b0--\r\n"])

    assert (form.stop, form.parts) == (None, [])


REFUSED = [
    pytest.param(b"", CUT_OFF, id="empty"),
    pytest.param(b"--b1\r\n\r\n--b1--", CUT_OFF, id="another-boundary"),
    pytest.param(body(part(b'name="a"')).replace(b"\r\n", b"\n"), CUT_OFF, id="line-feeds-only"),
    pytest.param(b"x" * 65537, "no boundary at the beginning of the body", id="no-boundary"),
    pytest.param(b"--b0\r\n\r\nx\r\n--b0--", "a part without a name", id="no-headers"),
    pytest.param(body(part(b'filename="a.gif"')), "a part without a name", id="no-name"),
    pytest.param(b"--b0\r\nContent-Type: a/b\r\n\r\nx\r\n--b0--", "a part without a name", id="no-disposition"),
    pytest.param(
        b"--b0\r\nno colon\r\n\r\nx\r\n--b0--", "found invalid character 32 in header, at byte 8", id="no-colon"
    ),
    pytest.param(body(*[part(b'name="a"')] * 21), "more than 20 parts", id="too-many-parts"),
    pytest.param(body(part(b'name="a"', b"x" * 101)), "a with more than 100 bytes", id="text-too-long"),
    pytest.param(body(*[part(b'name="assets"; filename="a"')] * 11), "a file number 11", id="too-many-files"),
    pytest.param(
        body(part(b'name="assets"; filename="a"', b"x" * 1001)), "'a' with more than 1000 bytes", id="file-too-large"
    ),
]


@pytest.mark.parametrize(("raw", "why"), REFUSED)
def test_form_is_refused(raw: bytes, why: str) -> None:
    form = read([raw])

    assert got(form) == why


@pytest.mark.parametrize(("raw", "why"), REFUSED)
def test_form_is_refused_byte_by_byte(raw: bytes, why: str) -> None:
    form = read(bytes([byte]) for byte in raw) if len(raw) < 5000 else read([raw[:5000], raw[5000:]])

    assert got(form) == why


WITHIN = [
    pytest.param(body(*[part(b'name="a"')] * 20), id="parts"),
    pytest.param(body(part(b'name="a"', b"x" * 100)), id="text"),
    pytest.param(body(*[part(b'name="assets"; filename="a"')] * 10), id="files"),
    pytest.param(body(*[part(b'name="other"; filename="a"')] * 11), id="other-files"),
    pytest.param(body(part(b'name="assets"; filename="a"', b"x" * 1000)), id="file-size"),
    pytest.param(body(part(b'name="other"; filename="a"', b"x" * 9000)), id="size-of-another-file"),
]


@pytest.mark.parametrize("raw", WITHIN)
def test_limit_itself_is_allowed(raw: bytes) -> None:
    form = read([raw])

    assert form.stop is None


def test_malformed_form_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    form = read([b"--b0\r\nno colon\r\n\r\nx\r\n--b0--"])

    assert form.stop is not None
    assert caplog.records == []


def test_limit_stops_at_its_byte() -> None:
    form = FormReader(TYPE, LIMITS)
    start = part(b'name="assets"; filename="a"', b"x" * 1000)[:-2]

    within, over, later = form.feed(start), form.feed(b"x"), form.feed(b"\r\n--b0--")

    assert within is None
    assert over is not None
    assert (over.check, over.limit) == ("maxLength", 1000)
    assert (later, form.finish(), form.parts) == (over, over, [])


BOUNDARIES = [
    pytest.param("multipart/form-data", "a Content-Type without boundary", id="none"),
    pytest.param("multipart/form-data; boundary=", "a Content-Type without boundary", id="empty"),
    pytest.param("multipart/form-data; boundary=" + "b" * 257, "a boundary that is too long", id="too-long"),
    pytest.param("multipart/form-data; boundary=日本", CUT_OFF, id="not-latin"),
]


@pytest.mark.parametrize(("content_type", "why"), BOUNDARIES)
def test_boundary_is_unusable(content_type: str, why: str) -> None:
    form = read([FORM], content_type)

    assert (got(form), form.parts) == (why, [])


USABLE = [
    pytest.param("multipart/form-data; boundary=b0; charset=utf-8", id="before-another-parameter"),
    pytest.param('multipart/form-data; charset=utf-8; boundary="b0"', id="in-quotes"),
    pytest.param("Multipart/Form-Data;BOUNDARY=b0", id="in-capitals"),
]


@pytest.mark.parametrize("content_type", USABLE)
def test_boundary_is_found(content_type: str) -> None:
    form = read([FORM], content_type)

    assert form.parts == PARTS


@pytest.mark.parametrize(
    "boundary", ["b" * 70, "b" * 256, "'()+_,-./:=?", "a b", "----WebKitFormBoundary7MA4YWxkTrZu0gW"]
)
def test_boundary_of_any_form_is_used(boundary: str) -> None:
    raw = FORM.replace(b"b0", boundary.encode())

    form = read([raw], f'multipart/form-data; boundary="{boundary}"')

    assert (form.stop, len(form.parts)) == (None, 4)


NAMES = [
    pytest.param(b'filename="a.gif"', "a.gif", id="plain"),
    pytest.param(b"filename=a.gif", "a.gif", id="without-quotes"),
    pytest.param(b'FileName="a.gif"', "a.gif", id="in-capitals"),
    pytest.param(b'filename=""', "", id="empty"),
    pytest.param('filename="日本 é.gif"'.encode(), "日本 é.gif", id="utf-8"),
    pytest.param(b'filename="\xff.gif"', "\ufffd.gif", id="not-utf-8"),
    pytest.param(b'filename="a\\"b.gif"', 'a"b.gif', id="escaped-quote"),
    pytest.param(b'filename="a%22b.gif"', "a%22b.gif", id="percent-coded-quote"),
    pytest.param(b'filename="a;b.gif"', "a;b.gif", id="semicolon"),
    pytest.param(b'filename="../../etc/passwd"', "../../etc/passwd", id="path-upwards"),
    pytest.param(b'filename="/etc/passwd"', "/etc/passwd", id="path-from-the-root"),
    pytest.param(b'filename="C:\\dir\\a.gif"', "a.gif", id="path-on-windows"),
    pytest.param(b'filename="a\0b"', "a\0b", id="nul"),
    pytest.param(b'filename="a"; filename="b"', "b", id="twice"),
    pytest.param(b"filename*=UTF-8''%E6%97%A5%20a.gif", "日 a.gif", id="extended"),
    pytest.param(b"FILENAME* = utf-8'en'a.gif; other=1", "a.gif", id="extended-with-language"),
    pytest.param(b"filename*=UTF-8''%FF", "\ufffd", id="extended-not-utf-8"),
    pytest.param(b"filename*=a.gif", "a.gif", id="extended-without-charset"),
    pytest.param(b"filename=\"plain.gif\"; filename*=UTF-8''%E6%97%A5.gif", "plain.gif", id="both"),
    pytest.param(b"filename*=UTF-8''%E6%97%A5.gif; filename=\"plain.gif\"", "plain.gif", id="both-the-other-way"),
]


@pytest.mark.parametrize(("parameters", "name"), NAMES)
def test_file_has_its_name(parameters: bytes, name: str) -> None:
    form = read([body(part(b'name="assets"; ' + parameters))])

    assert [(found.is_file, found.filename, found.size) for found in form.parts] == [(True, name, 6)]


TEXTS = [
    pytest.param(b'name="userId"', "userId", id="plain"),
    pytest.param('name="é日"'.encode(), "é日", id="utf-8"),
    pytest.param(b'name="\xff"', "\ufffd", id="not-utf-8"),
    pytest.param(b'name=""', "", id="empty"),
    pytest.param(b'name="; filename*=x"', "; filename*=x", id="like-a-file-name"),
]


@pytest.mark.parametrize(("disposition", "name"), TEXTS)
def test_text_has_its_name(disposition: bytes, name: str) -> None:
    form = read([body(part(disposition))])

    assert [(found.is_file, found.name, found.text) for found in form.parts] == [(False, name, "GIF89a")]


def test_text_that_is_not_utf_8_is_replaced() -> None:
    form = read([body(part(b'name="userId"', b"a\xff"))])

    assert form.parts[0].text == "a\ufffd"


def test_media_type_is_without_parameters_and_in_lower_case() -> None:
    form = read([body(part(b'name="assets"; filename="a"', b"x", b"\r\nContent-Type:  Image/PNG ; a=b"))])

    assert form.parts[0].content_type == "image/png"


@pytest.mark.parametrize("chunk", [1000, 4096, 20000])
def test_only_the_first_bytes_are_kept(chunk: int) -> None:
    content = bytes(range(256)) * 40
    raw = body(part(b'name="other"; filename="a"', content))

    form = read(raw[at : at + chunk] for at in range(0, len(raw), chunk))

    assert (form.parts[0].size, form.parts[0].head) == (10240, content[:4096])
    assert form.parts[0].sha256 == hashlib.sha256(content).hexdigest()


def test_content_is_never_printed() -> None:
    form = read([body(part(b'name="assets"; filename="a"', b"SECRET-CONTENT"))])

    assert "SECRET" not in repr(form.parts)
