"""What the first bytes of a file show: real beginnings of each format, and what only looks like one."""

import pytest

from contracts.media import HEAD_BYTES, MediaKinds, is_same_type, recognise

KINDS = MediaKinds.declared("image/*, video/*, application/octet-stream")


def box(name: bytes, content: bytes = b"") -> bytes:
    """Write a box of an MP4 or QuickTime file."""
    return (8 + len(content)).to_bytes(4, "big") + name + content


def brand(major: bytes, *compatible: bytes) -> bytes:
    return box(b"ftyp", major + bytes(4) + b"".join(compatible))


EBML = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82"
OGG = b"OggS\x00\x02" + bytes(8) + b"\x01\x02\x03\x04" + bytes(4) + b"\xaa\xbb\xcc\xdd\x01\x2a"
BITMAP = b"BM" + (70).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
HTML = "<!DOCTYPE html><html>"

TAKEN = [
    pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png", id="png"),
    pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "image/jpeg", id="jpg"),
    pytest.param(b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00", "image/jpeg", id="jpg-of-a-camera"),
    pytest.param(b"GIF87a\x01\x00\x01\x00", "image/gif", id="gif-87"),
    pytest.param(b"GIF89a\x01\x00\x01\x00", "image/gif", id="gif-89"),
    pytest.param(b"RIFF\x3c\x00\x00\x00WEBPVP8L", "image/webp", id="webp"),
    pytest.param(BITMAP + (40).to_bytes(4, "little"), "image/bmp", id="bmp"),
    pytest.param(BITMAP + (124).to_bytes(4, "little"), "image/bmp", id="bmp-of-version-5"),
    pytest.param(b"II*\x00\x08\x00\x00\x00\x01\x00\x00\x01", "image/tiff", id="tiff-little-endian"),
    pytest.param(b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x00", "image/tiff", id="tiff-big-endian"),
    pytest.param(brand(b"avif", b"avif", b"mif1", b"miaf"), "image/avif", id="avif"),
    pytest.param(brand(b"heic", b"mif1", b"heic"), "image/heic", id="heic"),
    pytest.param(brand(b"mif1", b"mif1", b"heic"), "image/heic", id="heic-of-another-brand"),
    pytest.param(brand(b"isom", b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4", id="mp4"),
    pytest.param(brand(b"mp42", b"mp42", b"isom"), "video/mp4", id="mp4-of-version-2"),
    pytest.param(brand(b"M4V ", b"M4V ", b"isom"), "video/x-m4v", id="m4v"),
    pytest.param(box(b"free") + brand(b"isom", b"isom"), "video/mp4", id="mp4-behind-a-free-box"),
    pytest.param(box(b"skip", b"abc") + brand(b"xxxx", b"xxxx"), "video/mp4", id="unknown-brand-behind-a-box"),
    pytest.param(brand(b"qt  ", b"qt  "), "video/quicktime", id="mov"),
    pytest.param(box(b"wide") + box(b"mdat", b"abc"), "video/quicktime", id="mov-without-brand"),
    pytest.param(box(b"moov", b"abc"), "video/quicktime", id="mov-moov-first"),
    pytest.param(EBML + b"\x84webm\x42\x87\x81\x02", "video/webm", id="webm"),
    pytest.param(EBML + b"\x88matroska\x42\x87\x81\x02", "video/x-matroska", id="mkv"),
    pytest.param(b"RIFF\x00\x01\x00\x00AVI LIST", "video/x-msvideo", id="avi"),
    pytest.param(brand(b"3gp4", b"3gp4"), "video/3gpp", id="3gp"),
    pytest.param(brand(b"3g2a", b"3g2a"), "video/3gpp2", id="3g2"),
    pytest.param(OGG + b"\x80theora\x03\x02\x01", "video/ogg", id="ogv"),
    pytest.param(b"FLV\x01\x05\x00\x00\x00\x09", "video/x-flv", id="flv"),
    pytest.param(b"\x00\x00\x01\xba\x44\x00", "video/mpeg", id="mpeg"),
]
REFUSED = [
    pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf", id="pdf"),
    pytest.param(b"PK\x03\x04\x14\x00\x00\x00", "application/zip", id="zip"),
    pytest.param(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "application/gzip", id="gzip"),
    pytest.param(HTML.encode(), "text/html", id="html"),
    pytest.param(b"<html><body><svg>", "text/html", id="html-that-draws"),
    pytest.param(b"\xef\xbb\xbf<html>", "text/html", id="html-behind-a-mark"),
    pytest.param(b"a text about <svg>", "text/plain", id="text-about-svg"),
    pytest.param(b"\n <HTML lang=en>", "text/html", id="html-in-capitals"),
    pytest.param(b"<script>alert(1)</script>", "text/html", id="script"),
    pytest.param(b'<?xml version="1.0"?><note/>', "text/xml", id="xml"),
    pytest.param(b"hello, world\r\n", "text/plain", id="text"),
    pytest.param("héllo, wörld ✓".encode(), "text/plain", id="text-in-utf-8"),
    pytest.param(("a" + "é" * HEAD_BYTES).encode()[:HEAD_BYTES], "text/plain", id="text-cut-within-a-character"),
    pytest.param(b'{"a": 1}', "text/plain", id="json"),
    pytest.param(b"BMW, Audi and others: a list of cars", "text/plain", id="text-that-begins-as-bmp"),
    pytest.param(b"BM", "text/plain", id="text-of-two-letters"),
    pytest.param(b"", "text/plain", id="empty"),
    pytest.param(brand(b"M4A ", b"M4A ", b"mp42"), "audio/mp4", id="m4a"),
    pytest.param(box(b"free") + brand(b"M4A ", b"M4A "), "audio/mp4", id="m4a-behind-a-free-box"),
    pytest.param(b"ID3\x04\x00\x00\x00\x00\x00\x23TSSE", "audio/mpeg", id="mp3"),
    pytest.param(b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/x-wav", id="wav"),
    pytest.param(OGG + b"\x01vorbis", "audio/ogg", id="ogg-audio"),
    pytest.param(b"fLaC\x00\x00\x00\x22", "audio/x-flac", id="flac"),
]
NOT_RECOGNISED = [
    pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
    pytest.param(b'<?xml version="1.0"?>\n<!-- made by hand -->\n<SVG/>', id="svg-behind-a-prolog"),
    pytest.param(b"\xef\xbb\xbf <svg/>", id="svg-behind-a-mark"),
    pytest.param(b"G@\x00\x10\x00\x00\xb0\x0d\x00\x01\xc1", id="mpeg-ts"),
    pytest.param(b"\x00\x01\x02\x03\x04\x05", id="controls"),
    pytest.param(b"BM\xff\xfe" + bytes(20), id="bmp-of-no-known-header"),
    pytest.param(b"\xff\xfe\xfd\xfc\xfb", id="noise"),
    pytest.param(b"\x89PN", id="beginning-of-a-beginning"),
    pytest.param(box(b"uuid", b"abc") + brand(b"isom"), id="mp4-behind-an-unknown-box"),
    pytest.param(box(b"free", b"abc"), id="free-box-alone"),
    pytest.param(b"\x00\x00\x00\x00free" + brand(b"isom"), id="free-box-to-the-end"),
    pytest.param(b"\xff\xff\xff\xfffree", id="free-box-larger-than-the-head"),
]


@pytest.mark.parametrize(("head", "media_type"), TAKEN)
def test_image_or_video_is_recognised(head: bytes, media_type: str) -> None:
    recognised = recognise(head)

    assert recognised == media_type
    assert KINDS.take(recognised)


@pytest.mark.parametrize(("head", "media_type"), REFUSED)
def test_anything_else_is_recognised(head: bytes, media_type: str) -> None:
    recognised = recognise(head)

    assert recognised == media_type
    assert not KINDS.take(recognised)


@pytest.mark.parametrize("head", NOT_RECOGNISED)
def test_what_shows_nothing_is_not_recognised(head: bytes) -> None:
    assert recognise(head) == ""


@pytest.mark.parametrize(("head", "media_type"), TAKEN)
def test_more_bytes_change_nothing(head: bytes, media_type: str) -> None:
    longer = (head + bytes(HEAD_BYTES))[:HEAD_BYTES]

    assert recognise(longer) == media_type


DECLARED = [
    pytest.param("image/*", {"image"}, {""}, id="one-kind"),
    pytest.param("image/*, video/*", {"image", "video"}, {""}, id="two-kinds"),
    pytest.param("image/*,application/octet-stream,", {"image"}, {"", "application/octet-stream"}, id="undeclared"),
    pytest.param("", set(), {""}, id="nothing"),
]


@pytest.mark.parametrize(("content_type", "kinds", "undeclared"), DECLARED)
def test_kinds_are_read_from_the_spec(content_type: str, kinds: set[str], undeclared: set[str]) -> None:
    declared = MediaKinds.declared(content_type)

    assert (set(declared.kinds), set(declared.undeclared)) == (kinds, undeclared)


@pytest.mark.parametrize(
    ("media_type", "taken"),
    [("image/png", True), ("video/x-anything", True), ("audio/mpeg", False), ("imagery/png", False), ("", False)],
)
def test_kind_is_what_stands_before_the_slash(media_type: str, taken: bool) -> None:  # noqa: FBT001 - a table
    assert KINDS.take(media_type) == taken


NAMES = [
    pytest.param("image/png", "image/png", True, id="the-same"),
    pytest.param("image/png", "image/gif", False, id="another"),
    pytest.param("video/vnd.avi", "video/x-msvideo", True, id="registered-name"),
    pytest.param("video/avi", "video/vnd.avi", True, id="two-other-names"),
    pytest.param("image/jpg", "image/jpeg", False, id="no-name-at-all"),
]


@pytest.mark.parametrize(("declared", "recognised", "same"), NAMES)
def test_format_may_have_several_names(declared: str, recognised: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert is_same_type(declared, recognised) == same
