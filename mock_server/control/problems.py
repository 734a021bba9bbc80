"""What the control API says when a request cannot be served: problems in the form of RFC 9457."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.responses import JSONResponse

from contracts.faults import ConfigError


class Wrong(NamedTuple):
    """One thing that is wrong with a request: a JSON pointer into the body or `?name`, what was got and expected."""

    place: str
    got: str
    expected: str

    def __str__(self) -> str:
        """Write it as a part of a sentence."""
        return f"{self.place or 'the body'}: got {self.got}, expected {self.expected}"


class ProblemError(Exception):
    """A request that is refused: the status, a sentence about why, and everything that is wrong with it.

    `members` are added to the problem as they are, `headers` to its answer.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Iterable[Mapping[str, str]] = (),
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        super().__init__(detail)


def refusal(wrong: Iterable[Wrong]) -> ProblemError:
    """Make the problem of a request that does not fit its description, with every fault of it."""
    listed = list(wrong)
    return ProblemError(400, "; ".join(map(str, listed)), [one._asdict() for one in listed])


def misfit(error: ConfigError) -> ProblemError:
    """Make the problem of a request that is well-formed, but does not fit this fake: its contract or its world."""
    errors = [{"place": fault.place, "problem": fault.problem} for fault in error.faults]
    return ProblemError(400, "; ".join(map(str, error.faults)), errors)


def missing(what: str, name: str, hint: str) -> ProblemError:
    """Make the problem of something that is asked for by a name that nothing has; `hint` says where names are."""
    return ProblemError(404, f"no {what} {name!r}; {hint}")


def problem_response(problem: ProblemError) -> JSONResponse:
    """Write a problem as the answer that it is."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        content["errors"] = problem.errors
    return JSONResponse(
        {**content, **problem.members}, problem.status, problem.headers, media_type="application/problem+json"
    )
