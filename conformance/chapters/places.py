"""Where a request was meant to go, when it went to no documented path."""

from difflib import get_close_matches

from contracts.operations import Contract, Operation

PREFIX = "/behind/a/gateway"
"""What the base URL ends in, in the one trial that has a path in it."""

_ALIKE = 0.75


def path_of(target: str) -> str:
    """Give the path of a request's target."""
    return target.partition("?")[0]


def nearest(path: str, contract: Contract) -> Operation | None:
    """Give the operation whose path resembles one, or None when none does."""
    paths = {operation.path.lower(): operation for operation in contract.operations.values()}
    path = path.removeprefix(PREFIX)
    near = get_close_matches(path.lower().strip("/"), [known.strip("/") for known in paths], n=1, cutoff=_ALIKE)
    return paths[f"/{near[0]}"] if near else None


def is_behind_prefix(path: str, contract: Contract) -> bool:
    """Whether it is a documented path behind the prefix of a base URL."""
    return path.startswith(PREFIX) and path.removeprefix(PREFIX) in contract.operations
