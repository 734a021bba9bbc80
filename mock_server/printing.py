"""What the commands print: the greeting of a server, rules, the error catalogue."""

import json
import os
import shlex
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from contracts.case import Circumstances
from contracts.faults import ConfigError, Fault
from contracts.model import Breach, Rule
from contracts.operations import Contract
from contracts.samples import accepted, judged
from contracts.world import Key, World
from mock_server.addresses import CONTROL_ROOT
from mock_server.catalogue import Entry, catalogue, plain_key
from mock_server.curl import KEY_VARIABLE, curl_command
from mock_server.settings import Settings

_WIDTH = 100


def greeting(url: str, contract: Contract, world: World, settings: Settings) -> str:
    """Write the first lines of a server: where it is and its page, a key, and a command for each operation."""
    key = plain_key(world)
    lines = [f"A fake of the {contract.document['info']['title']} is at {url}", f"World: {world.name}"]
    if settings.control:
        token = f"?token={quote(settings.control_token, safe='')}" if settings.control_token else ""
        lines.append(f"Its page: {url}{CONTROL_ROOT}/{token}")
    lines += _trust_lines(settings.tls_ca)
    if key is None:
        return "\n".join([*lines, "No key of this world can be used from this machine.", ""])
    lines += ["", f"  export {KEY_VARIABLE}={key.secret}", ""]
    for operation in contract.operations.values():
        samples = accepted(operation, key, contract.document)
        if samples:
            lines += [f"  # {operation.id}", f"  {curl_command(samples[0], url, contract.key_header)}", ""]
    return "\n".join([*lines, "Stop with Ctrl-C.", ""])


# curl's variable, not its option --cacert, so that the commands below it work as they stand.
_TRUST = (
    "export CURL_CA_BUNDLE={}  # curl",
    "export REQUESTS_CA_BUNDLE={}  # Python's requests",
    "export SSL_CERT_FILE={}  # Python's httpx and standard library, whatever uses OpenSSL",
    "export NODE_EXTRA_CA_CERTS={}  # Node",
    "keytool -importcert -noprompt -alias distinct-mock -file {} -keystore trusted.p12 -storepass changeit  # Java",
)


def _trust_lines(authority: str | None) -> list[str]:
    """Say how a client is told to trust the fake, for the usual ones."""
    if authority is None:
        return []
    ways = (f"  {way.format(shlex.quote(authority))}" for way in _TRUST)
    return ["", f"Its clients have to trust {authority}; in the way that is theirs:", "", *ways]


def ready_line(url: str, world: World, settings: Settings) -> str:
    """Write what a script needs of a server that is ready, as one line of JSON."""
    key = plain_key(world)
    ready = {"url": url, "key": key.secret if key else None, "pid": os.getpid()}
    if settings.control_token:
        ready["controlToken"] = settings.control_token
    if settings.tls_ca:
        ready["caFile"] = settings.tls_ca
    return json.dumps(ready)


def check_examples(contract: Contract, world: World) -> None:
    """Try every request example of the spec, with values that exist in the world; ConfigError for refused ones."""
    faults: list[Fault] = []
    around = Circumstances(datetime.now(UTC))
    key = plain_key(world)
    for operation in contract.operations.values() if key else ():
        for sample in accepted(operation, key, contract.document):  # type: ignore[arg-type] # a key there is
            faults += (
                Fault(f"{contract.name}: an example of {operation.id}", _breach_words(breach))
                for breach in judged(sample, around, contract.limits).breaches
            )
    if faults:
        raise ConfigError(faults)


def _breach_words(breach: Breach) -> str:
    return f"breaks {breach.rule.id}: {breach.field}: got {breach.got}, expected {breach.expected}"


def near(name: str, names: Iterable[str]) -> str:
    """Name the few of `names` that come closest."""
    known = sorted(names)
    return ", ".join(get_close_matches(name, known, n=4, cutoff=0.3) or known[:4])


def basis_words(rule: Rule) -> str:
    """Say in a word or two what of a rule is documented and what assumed."""
    if rule.demand == "documented":
        return "assumed answer" if rule.answer_basis == "assumed" else "documented"
    return "assumed"


def rule_table(rules: Sequence[tuple[str, Rule]]) -> str:
    """List rules, a line each: id, status, basis, sentence."""
    wide = max((len(rule.id) for _, rule in rules), default=0)
    lines = []
    for _, rule in rules:
        status = str(rule.answer.status) if rule.answer else "flag"
        lines.append(f"{rule.id:<{wide}}  {status:<4}  {basis_words(rule):<14}  {rule.says}")
    return "\n".join(lines)


def rule_in_full(operation: str, rule: Rule) -> str:
    """Explain one rule: what it demands, where it comes from, and what breaking it is answered."""
    answer = f"{rule.answer.status} {rule.answer.message}" if rule.answer else "accepted, and reported as a flag"
    rows = [
        ("rule", rule.id),
        ("operation", operation or "any"),
        ("says", rule.says),
        ("demand", rule.demand),
        ("answered", f"{answer}" + (f" ({rule.answer_basis})" if rule.answer_basis else "")),
        ("source", f"{rule.source.document}, section {rule.source.section}"),
        ("because", rule.because),
    ]
    return "\n".join(
        textwrap.fill(f"{name:<10} {text}", _WIDTH, subsequent_indent=" " * 11) for name, text in rows if text
    )


def rule_object(operation: str, rule: Rule) -> dict[str, Any]:
    """Give a rule as a JSON object."""
    return {
        "id": rule.id,
        "operation": operation or None,
        "says": rule.says,
        "demand": rule.demand,
        "answerBasis": rule.answer_basis,
        "source": {"document": rule.source.document, "section": rule.source.section},
        "because": rule.because or None,
        "fields": rule.fields,
        "answer": None if rule.answer is None else rule.answer.name,
        "status": None if rule.answer is None else rule.answer.status,
        "message": None if rule.answer is None else rule.answer.message,
    }


def error_catalogue(contract: Contract, world: World, url: str, *, as_json: bool) -> str:
    """List every answer with a way to provoke it."""
    entries = list(catalogue(contract, world, url, Settings(), datetime.now(UTC)))
    if as_json:
        return json.dumps([_entry_object(entry) for entry in entries], indent=2)
    usual = next((entry.key for entry in entries if entry.key), None)
    lines = [f"# {KEY_VARIABLE} holds {_key_words(usual)}, where no other key is named."]
    for entry in entries:
        lines += ["", *_entry_lines(entry, usual)]
    return "\n".join(lines)


def _key_words(key: Key | None) -> str:
    """Name a key without showing it."""
    return f"the key {key.masked} ({key.name or 'without a name'})" if key else "no key: this world has no usable one"


def _entry_lines(entry: Entry, usual: Key | None) -> Iterable[str]:
    rule = f" · {entry.rule.id} ({basis_words(entry.rule)})" if entry.rule else ""
    yield f"# {entry.operation} {entry.answer.status} {entry.answer.message}{rule}"
    if entry.note:
        yield f"# {entry.note}"
    if entry.command and entry.key is not usual:
        yield f"# with {_key_words(entry.key)} in {KEY_VARIABLE}"
    if entry.command:
        yield entry.command


def _entry_object(entry: Entry) -> dict[str, Any]:
    return {
        "operation": entry.operation,
        "answer": entry.answer.name,
        "status": entry.answer.status,
        "message": entry.answer.message,
        "rule": entry.rule.id if entry.rule else None,
        "key": entry.key.name or entry.key.masked if entry.key else None,
        "command": entry.command or None,
        "note": entry.note or None,
    }
