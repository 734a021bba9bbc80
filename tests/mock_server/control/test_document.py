"""The document of the control API, against what there is."""

import pytest
from openapi_spec_validator import validate
from starlette.routing import Route

from contracts.operations import Contract
from mock_server.control.app import resource_routes
from mock_server.control.document import control_document
from mock_server.server import Running
from tests.mock_server.control.asking import ask

DOCUMENT = control_document()
OPERATIONS = [pytest.param(method, path, id=operation.id) for (method, path), operation in DOCUMENT.operations.items()]


def test_the_document_is_openapi() -> None:
    validate(DOCUMENT.content)


def test_every_operation_has_an_id_of_its_own(contract: Contract) -> None:
    ids = [operation.id for operation in DOCUMENT.operations.values()]

    assert len(ids) == len(set(ids))
    assert not set(ids) & {operation.id for operation in contract.operations.values()}


def test_every_schema_is_used() -> None:
    text = str(DOCUMENT.content)

    assert [name for name in DOCUMENT.content["components"]["schemas"] if f"schemas/{name}'" not in text] == []


def test_every_schema_can_be_compiled() -> None:
    for name in DOCUMENT.content["components"]["schemas"]:
        DOCUMENT.validator(f"/components/schemas/{name}")


def test_what_is_routed_is_documented_and_the_other_way_round(own: Running) -> None:
    routed = {(method, route.path) for route in resource_routes(own.fake) for method in _methods(route)}

    assert routed == set(DOCUMENT.operations)


def _methods(route: Route) -> set[str]:
    # Starlette adds HEAD to whatever takes GET.
    return (route.methods or set()) - {"HEAD"}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_parameter_that_there_is_not_is_refused_everywhere(method: str, path: str, fake: Running) -> None:
    body = b"{}" if DOCUMENT.operations[method, path].body else None

    answer = ask(fake.url, method, path.removeprefix("/_mock").replace("{id}", "x") + "?nonsense=1", body)

    known = ", ".join(DOCUMENT.operations[method, path].query)
    assert answer.status == 400
    assert {
        "place": "?nonsense",
        "got": "a parameter that there is not",
        "expected": f"one of {known}" if known else "none",
    } in answer.value["errors"]


WITH_BODY = [pytest.param(*item.values, id=item.id) for item in OPERATIONS if DOCUMENT.operations[item.values].body]  # type: ignore[index] # pytest types values loosely


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_a_member_that_there_is_not_is_refused_everywhere(method: str, path: str, fake: Running) -> None:
    answer = ask(fake.url, method, path.removeprefix("/_mock"), {"nonsense": 1})

    assert answer.status == 400
    assert "/nonsense" in answer.places


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_another_method_is_told_which_there_are(method: str, path: str, fake: Running) -> None:
    answer = ask(fake.url, "PUT", path.removeprefix("/_mock").replace("{id}", "x"))

    allowed = set(answer.headers["allow"].split(", "))
    assert answer.status == 405
    assert method in allowed
    assert {each for each, place in DOCUMENT.operations if place == path} == allowed - {"HEAD"}
