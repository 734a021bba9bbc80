"""Reads which client is to be judged: `python:…`, `jsonl:…` or `exec:…`."""

import shlex
from collections.abc import Callable, Mapping, Sequence

from conformance.clients.client import Client, no_client
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.per_call import PerCallClient
from conformance.clients.python_object import PythonClient, load
from contracts.operations import Contract

FORMS = 'python:MODULE:FACTORY, jsonl:"COMMAND" or exec:"COMMAND"'


def client_of(spec: str, contract: Contract) -> Client:
    """Make the client that a text names, not started yet.

    Raises ConfigError for a text that names none, and AdapterError for a client that cannot be made.
    """
    kind, colon, rest = spec.partition(":")
    if not colon or kind not in _KINDS:
        hint = f"; perhaps {_guess(spec)!r}" if spec.strip() else ""
        raise no_client(spec, f"{FORMS}{hint}")
    return _KINDS[kind](rest, contract)


def words_of(command: str, kind: str = "jsonl") -> list[str]:
    """Split a command line into its words, as a shell does. Raises ConfigError for one that is none."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise no_client(f"{kind}:{command}", f"a command line: {str(error).lower()}") from None
    if not words:
        raise no_client(f"{kind}:", f'{kind}:"COMMAND"')
    return words


def is_per_call(spec: str) -> bool:
    """Whether each call of a client costs the start of a process, so that there have to be few."""
    return spec.startswith("exec:")


def _python(name: str, contract: Contract) -> Client:
    return PythonClient(load(name), contract)


def _by_command(make: Callable[[Sequence[str], Contract], Client], kind: str) -> Callable[[str, Contract], Client]:
    return lambda command, contract: make(words_of(command, kind), contract)


_KINDS: Mapping[str, Callable[[str, Contract], Client]] = {
    "python": _python,
    "jsonl": _by_command(JsonLinesClient, "jsonl"),
    "exec": _by_command(PerCallClient, "exec"),
}


def _guess(spec: str) -> str:
    """Say which form somebody may have meant who gave none."""
    module, colon, name = spec.partition(":")
    if colon and module.replace(".", "").isidentifier() and name.isidentifier():
        return f"python:{spec}"
    return f"jsonl:{spec}"
