"""Writes requests as curl commands that can be pasted into a shell. No key stands in them."""

import re
import shlex
from urllib.parse import quote

from contracts.corrections import Correction
from contracts.model import shown
from contracts.multipart_body import Part
from contracts.samples import Sample, SamplePart
from contracts.world import masked
from mock_server.storage.entry import Entry, SentPart

KEY_VARIABLE = "DISTINCT_API_KEY"

# What decides about an answer beside the key; the rest is the client's own business.
_TELLING = ("content-type", "content-encoding", "prefer", "x-forwarded-for")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
# A command line has an end; a longer body is told by its digest.
_MOST_ESCAPED = 4096
_METHODS_WITH_BODY = {"POST", "PUT", "PATCH"}


def curl_command(sample: Sample, url: str, key_header: str) -> str:
    """Write a sample as one command; the key is taken from the environment variable of KEY_VARIABLE."""
    words = [*_beginning(sample.operation.method, url + sample.operation.path), *_key_words(key_header)]
    if not sample.is_form and "Content-Type" not in sample.headers:
        words += ["-H", shlex.quote(f"Content-Type: {sample.operation.media_type}")]
    for name, value in sample.headers.items():
        words += ["-H", shlex.quote(f"{name}: {value}")]
    source = ""
    if sample.filler:
        source = f"(head -c {sample.filler} /dev/zero | tr '\\0' ' '; printf %s {shlex.quote(sample.text)}) | "
        words += ["--data-binary", "@-"]
    elif not sample.is_form:
        words += ["-d", shlex.quote(sample.text)]
    for part in sample.parts:
        if part.filler:
            source = f"(printf %s {shlex.quote(part.content)}; head -c {part.filler} /dev/zero) | "
        words += ["-F", shlex.quote(_form_word(part))]
    return source + " ".join(words)


def _form_word(part: SamplePart) -> str:
    if part.filename is None:
        return f"{part.name}=<-" if part.filler else f"{part.name}={part.content}"
    content = "@-" if part.filler else part.content
    return f"{part.name}={content};filename={part.filename};type={part.content_type}"


def corrected_command(correction: Correction, url: str, key_header: str) -> str:
    """Write a corrected request as one command; a file that was sent stands there as @FILE1 and so on.

    Lines before the command say which files these are. Empty when there is no such request.
    """
    sample = correction.request
    if sample is None:
        return ""
    words = [*_beginning(sample.operation.method, url + sample.operation.path), *_key_words(key_header)]
    if not sample.is_form:
        words += ["-H", shlex.quote(f"Content-Type: {sample.operation.media_type}")]
        words += ["--data-raw", shlex.quote(sample.text)]
    files = _Files()
    for number, part in enumerate(sample.parts):
        if number in correction.kept:
            words += files.word(correction.kept[number])
        elif part.filename is not None:
            words += ["-F", shlex.quote(_form_word(part))]
        else:
            words += _text_words(part.name, part.content)
    return "\n".join([*files.notes, " ".join(words)])


def sent_command(entry: Entry, url: str, key_header: str) -> str:
    """Write a request of the journal, with its detail, as one command, as far as the journal shows it.

    A file of it stands there as @FILE1 and so on, a body that is not at hand as @BODY; lines before the command say
    which these are. What could not be read as a request is said in such a line alone.
    """
    detail = entry.detail
    if detail is None or not entry.target.startswith("/"):
        return "# what came could not be read as a request"
    # Unchanged; only the mask of a key that stood in it is no ASCII.
    words = [*_beginning(entry.method, url + quote(entry.target, safe=_VISIBLE))]
    headers = [(name, value) for name, value in detail.headers if name in {*_TELLING, key_header}]
    files = _Files()
    source = ""
    is_form = bool(detail.parts) and not detail.body
    if is_form:
        # curl writes the Content-Type, since it chooses the boundary.
        headers = [(name, value) for name, value in headers if name != "content-type"]
        body_words = [word for part in detail.parts or () for word in files.word(part)]
    else:
        source, body_words, note = _body_words(entry, detail.body)
        files.notes += note
    for name, value in headers:
        words += _key_words(key_header, value) if name == key_header else _header_words(name, value)
    if body_words and not is_form and all(name != "content-type" for name, _ in headers):
        # curl would name one of its own.
        words += ["-H", "Content-Type:"]
    return "\n".join([*files.notes, source + " ".join([*words, *body_words])])


def _beginning(method: str, target: str) -> list[str]:
    words = ["curl", "--head"] if method == "HEAD" else ["curl", "-X", shlex.quote(method)]
    if re.search(r"[\[\]{}]", target.partition("://")[2].partition("/")[2]):
        words.append("--globoff")
    if "/." in target:
        words.append("--path-as-is")
    return [*words, shlex.quote(target)]


def _key_words(key_header: str, shown_value: str = "…") -> list[str]:
    """Give the words of the header with the key; an empty one shows even though it is masked."""
    if shown_value == masked(""):
        return _header_words(key_header, "")
    return ["-H", f'"{key_header}: ${KEY_VARIABLE}"']


def _header_words(name: str, value: str) -> list[str]:
    # To curl, a header with nothing behind the colon is one to leave out.
    return ["-H", shlex.quote(f"{name}: {value}" if value.strip() else f"{name};")]


def _body_words(entry: Entry, kept: bytes) -> tuple[str, list[str], list[str]]:
    """Give what comes before the command, the words of a body that is no form, and what has to be said about it."""
    if len(kept) < entry.size:
        digest = entry.detail.sha256 if entry.detail else ""
        note = f"# BODY: {entry.size} bytes" + (f", sha256 {digest}" if digest else "")
        return "", ["--data-binary", "@BODY"], [note]
    if not kept:
        return "", ["--data-raw", "''"] if entry.method in _METHODS_WITH_BODY else [], []
    text = _text_of(kept)
    if text is not None:
        return "", ["--data-raw", shlex.quote(text)], []
    if len(kept) > _MOST_ESCAPED:
        return "", ["--data-binary", "@BODY"], [f"# BODY: {entry.size} bytes that are no text"]
    escaped = "".join(f"\\{byte:03o}" for byte in kept)
    return f"printf '{escaped}' | ", ["--data-binary", "@-"], []


def _text_of(raw: bytes) -> str | None:
    """Read bytes as a text that can stand in a command; None for what cannot."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _text_words(name: str, text: str) -> list[str]:
    return ["--form-string", shlex.quote(f"{name}={text}")]


class _Files:
    """Numbers the files of a form, and notes what each of them was."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._count = 0

    def word(self, part: Part | SentPart) -> list[str]:
        """Give the words of one part."""
        if part.filename is None and "\0" not in part.text:
            return _text_words(part.name, part.text)
        self._count += 1
        words = (
            [f"{part.name}=@FILE{self._count}"] if part.filename is not None else [f"{part.name}=<FILE{self._count}"]
        )
        about = [shown(part.filename if part.filename is not None else part.name), f"{part.size} bytes"]
        if part.sha256:
            about.append(f"sha256 {part.sha256}")
        self.notes.append(f"# FILE{self._count}: {', '.join(about)}")
        if part.filename is not None:
            words.append(
                'filename="{}"'.format(part.filename.replace("\\", "\\\\").replace('"', '\\"').replace("\0", ""))
            )
            words += [f"type={part.content_type}"] if _MEDIA_TYPE.fullmatch(part.content_type) else []
        return ["-F", shlex.quote(";".join(words))]
