"""The commands that talk to a running fake: its requests, what is armed, its sessions, and beginning anew."""

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any

import click

from mock_server.client import DEFAULT_URL, TOKEN_VARIABLE, URL_VARIABLE, Control, ControlError, path_of
from mock_server.options import Number
from mock_server.printable import printable
from mock_server.request_text import in_full, table
from mock_server.told import ArmedFault, armed_fault, full_request, sent_request

_Answer = Callable[..., None]

_LIMIT = 20
_BROKEN, _NOT_KNOWN = 1, 3
_REMEDIES = {
    0: f" (--url or {URL_VARIABLE} says where to look)",
    401: f" (--token or {TOKEN_VARIABLE} holds it)",
}


class AskedInVainError(click.ClickException):
    """The fake did not do what it was asked for, or there is none: one line, exit status 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to stderr."""
        click.echo(f"distinct-mock: {self.message}", file=file, err=file is None)


def asking(command: _Answer) -> _Answer:
    """Add the options that say which fake is asked, and hand its control API to the command."""

    @click.option(
        "--url",
        envvar=URL_VARIABLE,
        show_envvar=True,
        default=DEFAULT_URL,
        show_default=True,
        metavar="URL",
        help="Where the fake is.",
    )
    @click.option("--token", envvar=TOKEN_VARIABLE, show_envvar=True, help="The token of its control API.")
    @click.option(
        "--ca-file", envvar="DISTINCT_MOCK_CA_FILE", show_envvar=True, metavar="FILE", help="For https: whom to trust."
    )
    @functools.wraps(command)
    def asked(url: str, token: str | None, ca_file: str | None, **options: object) -> None:
        try:
            control = Control(url, token, ca_file=ca_file)
        except ValueError as error:
            raise AskedInVainError(str(error)) from None
        except OSError as error:
            raise AskedInVainError(f"{ca_file}: no CA file that can be used: {error.strerror or error}") from None
        try:
            command(control, **options)
        except ControlError as error:
            raise AskedInVainError(f"{error}{_REMEDIES.get(error.status, '')}") from None

    return asked


# What was sent


@click.command()
@click.argument("request_id", metavar="[ID]", required=False)
@click.option("--follow", is_flag=True, help="Go on with requests as they come, until interrupted.")
@click.option("--session", metavar="ID", help="Only those of this session.")
@click.option("--status", type=click.IntRange(0, 599), help="Only those answered so; 0: with no answer at all.")
@click.option("--operation", metavar="ID", help="Only those for this operation.")
@click.option("--rule", metavar="ID", help="Only those that broke this rule, or that it flagged.")
@click.option("--limit", type=click.IntRange(1, 1000), show_default=str(_LIMIT), help="How many of the latest.")
@click.option("--json", "as_json", is_flag=True, help="As JSON: a list; a line for each with --follow.")
@asking
def requests(
    control: Control,
    request_id: str | None,
    *,
    follow: bool,
    limit: int | None,
    as_json: bool,
    **filters: str | int | None,
) -> None:
    """List the latest requests of a running fake, or show one in full: why it was answered so, and what would be right.

    The columns are those of the log: time, id, key, operation, status, duration, broken rules, (flags), [armed].
    """
    if request_id is not None:
        if follow or any(value is not None for value in (limit, *filters.values())):
            raise click.UsageError("a request is shown by its id alone, without --follow, --limit and filters")
        row = control.get(path_of("/requests", request_id))
        click.echo(json.dumps(row, indent=2) if as_json else in_full(full_request(row)))
    elif follow:
        if limit is not None:
            raise click.UsageError("--limit is for those that have come; --follow shows those to come")
        _follow(control, filters, as_json=as_json)
    else:
        rows = control.get("/requests", limit=limit or _LIMIT, **filters)["requests"][::-1]
        click.echo(json.dumps(rows, indent=2) if as_json else table([sent_request(row) for row in rows]), nl=bool(rows))


def _follow(control: Control, filters: Mapping[str, str | int | None], *, as_json: bool) -> None:
    """Write requests when they are complete."""
    try:
        for name, row in control.events("/stream", **filters):
            if name == "request" and row["completed"]:
                click.echo(json.dumps(row) if as_json else str(sent_request(row)))
            elif name == "hello":
                click.echo(f"distinct-mock: following {control.url}; stop with Ctrl-C", err=True)
            elif name == "skipped":
                click.echo(f"distinct-mock: {row['count']} more came at once, and are not shown", err=True)
    except KeyboardInterrupt:
        return
    click.echo(f"distinct-mock: the fake at {control.url} has stopped", err=True)


# What is answered


@click.command()
@click.argument("steps", nargs=-1, metavar="STEP...")
@click.option("--operation", metavar="ID", help="Only for this operation.")
@click.option("--session", metavar="ID", help="Only for this session.")
@click.option("--key", metavar="KEY", help="Only for this API key, masked or not.")
@click.option("--next", "next", type=click.IntRange(1), help="For the next so many requests.")
@click.option("--every", type=click.IntRange(1), help="For every third request, when it is 3, and so on.")
@click.option("--probability", type=Number(0, 1, min_open=True), help="For some requests.")
@click.option("--seed", type=int, help="With --probability: for the same ones each time.")
@click.option("--always", is_flag=True, help="For all requests.")
@click.option("--list", "show", is_flag=True, help="List what was armed.")
@click.option("--disarm", metavar="ID", help="Disarm this one.")
@click.option("--disarm-all", is_flag=True, help="Disarm everything, or all of --session.")
@asking
def arm(
    control: Control,
    steps: tuple[str, ...],
    *,
    show: bool,
    disarm: str | None,
    disarm_all: bool,
    **order: Any,  # noqa: ANN401 - as the options declare
) -> None:
    """Arm answers or network faults for requests to come, such as 500, userNotFound, tooManyRequests:5, delay:2s+pass.

    Several steps are played one after the other. Without a schedule each of them is played once.
    """
    if sum((bool(steps), show, disarm is not None, disarm_all)) != 1:
        raise click.UsageError("give steps to arm, or one of --list, --disarm and --disarm-all")
    given = {name: value for name, value in order.items() if value is not None and value is not False}
    if not steps and (ignored := given.keys() - {"session"}):
        # Without this, `--disarm-all --operation ID` would disarm all the others too.
        raise click.UsageError(f"--{min(ignored)} goes with steps to arm")
    if disarm is not None and order["session"] is not None:
        raise click.UsageError("--disarm takes one by its id, without --session")
    if show:
        _list_armed(control, order["session"])
    elif disarm is not None:
        control.delete(path_of("/faults", disarm))
        click.echo(f"disarmed {disarm}")
    elif disarm_all:
        click.echo(f"disarmed {control.delete('/faults', session=order['session'])['deleted']}")
    else:
        fault = armed_fault(control.post("/faults", {"do": steps[0] if len(steps) == 1 else steps, **given}))
        click.echo("  ".join(_armed_columns(fault)).rstrip())


def _list_armed(control: Control, session: str | None) -> None:
    _echo_table(_armed_columns(armed_fault(row)) for row in control.get("/faults", session=session)["faults"])


def _armed_columns(fault: ArmedFault) -> tuple[str, ...]:
    schedule = {
        "next": f"next {fault.next}",
        "every": f"every {fault.every}",
        "probability": f"probability {fault.probability}" + ("" if fault.seed is None else f" seed {fault.seed}"),
    }
    played = f"played {fault.used} of {fault.seen}" + ("" if fault.active else ", used up")
    whom = ", ".join(filter(None, (fault.operation, fault.session, fault.key))) or "any request"
    undocumented = "" if fault.documented else "not documented"
    return fault.id, " ".join(fault.do), schedule.get(fault.mode, fault.mode), whom, played, undocumented


# Beginning anew

_FORGOTTEN = {"requests": "request", "faults": "armed fault", "sessions": "session"}


@click.command()
@click.argument("what", nargs=-1, type=click.Choice(["requests", "faults", "world", "sessions"]))
@click.option("--session", metavar="ID", help="Only what belongs to this session, which goes on.")
@asking
def reset(control: Control, what: Sequence[str], session: str | None) -> None:
    """Forget requests, armed faults, changes of the world and sessions: those that are named, or all."""
    body = ({"what": what} if what else {}) | ({} if session is None else {"session": session})
    dropped = control.post("/reset", body)
    world = " and the changes of the world" if dropped["world"] else ""
    counts = (_counted(dropped[name], words) for name, words in _FORGOTTEN.items())
    click.echo(f"forgot {', '.join(counts)}{world}")


@click.command()
@click.argument("what", type=click.Choice(["list", "create", "end", "verdict"]), default="list")
@click.argument("session_id", metavar="[ID]", required=False)
@click.option("--name", help="With create: what you call it.")
@click.option("--seconds", type=Number(0, min_open=True), help="With create: how long it lives.")
@asking
def sessions(control: Control, what: str, session_id: str | None, **options: str | float | None) -> None:
    """List the sessions of a running fake; create one, end one, or sum up what the requests of one broke.

    A session is an API key of its own, with a world, armed faults and requests of its own. `create` prints the id and
    the key, which is never shown again. The verdict has exit status 1 when a rule was broken, and 3 when none was by
    those requests that are kept, but others were evicted.
    """
    if (session_id is not None) != (what in {"end", "verdict"}):
        raise click.UsageError(f"{what} takes {'no ID' if session_id is not None else 'the ID of a session'}")
    given = {name: value for name, value in options.items() if value is not None}
    if given and what != "create":
        raise click.UsageError(f"--{min(given)} goes with create")
    if what == "create":
        made = control.post("/sessions", given)
        click.echo(f"{made['id']} {made['key']}")
    elif what == "end":
        control.delete(path_of("/sessions", session_id or ""))
        click.echo(f"ended {session_id}")
    elif what == "verdict":
        _tell_verdict(control.get(path_of("/sessions", session_id or "") + "/verdict"))
    else:
        _echo_table(_session_columns(row) for row in control.get("/sessions")["sessions"])


def _session_columns(row: Mapping[str, Any]) -> tuple[str, ...]:
    end = f"ended {row['ended']}" if row["ended"] else f"until {row['expires']}"
    return row["id"], row["masked"], _counted(row["requests"], "request"), f"{row['faults']} armed", end, row["name"]


def _tell_verdict(verdict: Mapping[str, Any]) -> None:
    """Write a verdict, and leave with a status that says so when a rule was broken, or nobody knows."""
    evicted = "" if verdict["complete"] else f"; {verdict['evicted']} more were evicted, and nothing is known of them"
    requests_seen = _counted(verdict["requests"], "request")
    click.echo(f"{requests_seen}: {verdict['accepted']} accepted, {verdict['refused']} refused{evicted}")
    for word, found in (("broke", verdict["rules"]), ("flag", verdict["flags"])):
        _echo_table((word, one["id"], str(one["count"])) for one in found)
    if not (verdict["clean"] and verdict["complete"]):
        click.get_current_context().exit(_NOT_KNOWN if verdict["clean"] else _BROKEN)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _echo_table(rows: Iterable[Sequence[str]]) -> None:
    listed = [[printable(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        click.echo("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip())


COMMANDS: Mapping[str, click.Command] = {"requests": requests, "arm": arm, "reset": reset, "sessions": sessions}
"""The commands that talk to a running fake, by their names."""
