"""Writes requests as curl commands that can be pasted into a shell. No key stands in them."""

import shlex

from contracts.samples import Sample, SamplePart

KEY_VARIABLE = "DISTINCT_API_KEY"


def curl_command(sample: Sample, url: str, key_header: str) -> str:
    """Write a sample as one command; the key is taken from the environment variable of KEY_VARIABLE."""
    words = ["curl", "-X", sample.operation.method, shlex.quote(url + sample.operation.path)]
    words += ["-H", f'"{key_header}: ${KEY_VARIABLE}"']
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
