"""What the fake knows: the contract that it serves, its rules and answers, and this API's own document."""

import json
from functools import cached_property
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.faults import ConfigError
from contracts.files import read_text
from contracts.operations import Contract
from contracts.spec import spec_text
from contracts.yaml_text import read_yaml
from mock_server.control.document import control_document
from mock_server.fake import Fake
from mock_server.network_faults import fault_forms
from mock_server.printing import error_catalogue, rule_object
from mock_server.undocumented import undocumented_answers


class Documents:
    """The documents of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def openapi(self, _: Request) -> Response:
        """Give the document of the control API."""
        return JSONResponse(control_document().content)

    async def spec_json(self, _: Request) -> Response:
        """Give the contract as JSON."""
        return JSONResponse(self._fake.contract.document)

    async def spec_yaml(self, _: Request) -> Response:
        """Give the contract as YAML."""
        return Response(self._yaml, media_type="application/yaml")

    async def rules(self, _: Request) -> Response:
        """Give every rule in the order of the contract."""
        return JSONResponse({"rules": [rule_object(*item) for item in self._fake.contract.rules_in_order()]})

    async def errors(self, _: Request) -> Response:
        """Give the error catalogue of this world."""
        fake = self._fake
        text = error_catalogue(fake.contract, fake.world, fake.url, as_json=True)
        return JSONResponse({"errors": json.loads(text)})

    async def answers(self, _: Request) -> Response:
        """Give everything that can be armed."""
        return JSONResponse(
            {
                **contract_answers(self._fake.contract),
                "undocumented": [
                    {"name": answer.name, "form": answer.form, "status": answer.status, "says": answer.says}
                    for answer in undocumented_answers()
                ],
                "faults": [{"name": fault.name, "form": fault.form, "says": fault.says} for fault in fault_forms()],
            }
        )

    @cached_property
    def _yaml(self) -> str:
        """The contract as it was written, with its comments, unless its file has changed since it was loaded."""
        contract, file = self._fake.contract, self._fake.settings.spec
        try:
            text = spec_text() if file is None else read_text(file, "the spec")
            unchanged = read_yaml(text, contract.name) == contract.document
        except ConfigError:
            unchanged = False
        return text if unchanged else yaml.safe_dump(contract.document, sort_keys=False, allow_unicode=True)


def contract_answers(contract: Contract) -> dict[str, Any]:
    """Give the operations of a contract, and each of its answers with the operations that have it."""
    operations = list(contract.operations.values())
    return {
        "operations": [{"id": operation.id, "path": operation.path} for operation in operations],
        "answers": [
            {
                "name": name,
                "status": answer.status,
                "message": answer.message,
                "operations": [operation.id for operation in operations if name in operation.answers],
                "documented": True,
            }
            for name, answer in contract.answers.items()
        ],
    }


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Documents(fake)
    return [
        Route("/_mock/openapi.json", own.openapi),
        Route("/_mock/spec.json", own.spec_json),
        Route("/_mock/spec.yaml", own.spec_yaml),
        Route("/_mock/rules", own.rules),
        Route("/_mock/errors", own.errors),
        Route("/_mock/answers", own.answers),
    ]
