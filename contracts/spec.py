"""Loads `openapi.yaml` and compiles it into a `Contract`; what is wrong with the file is said with its place."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from contracts.checks import CHECKS, misfit
from contracts.faults import ConfigError, Fault
from contracts.files import read_text
from contracts.media import MediaKinds
from contracts.model import Answer, Basis, Limits, Rule, Source, answer_of
from contracts.operations import SERVER_ERROR, Contract, Operation
from contracts.references import resolved
from contracts.schemas import BodySchema
from contracts.spec_shape import LIMITS, SPEC_SHAPE
from contracts.stages import BY_MEDIA_TYPE, STAGES, WIRE
from contracts.yaml_text import line_of, read_yaml

Place = tuple[str | int, ...]


def spec_text() -> str:
    """Give the text of the `openapi.yaml` that comes with the package: out of a wheel, or of a checkout."""
    packaged = files("contracts") / "openapi.yaml"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    # An editable install has no copy beside the package; the file stands one level up.
    return (Path(__file__).parent.parent / "openapi.yaml").read_text(encoding="utf-8")


def load_contract(file: str | None = None) -> Contract:
    """Load and check the spec: the given file, or the one that comes with the package, which is the same each time.

    Raises ConfigError with every fault and its line.
    """
    return _packaged() if file is None else compile_contract(read_text(file, "the spec"), file)


@cache
def _packaged() -> Contract:
    """Compile what comes with the package once: tests start many fakes in one process."""
    return compile_contract(spec_text(), "openapi.yaml")


def compile_contract(text: str, name: str) -> Contract:
    """Compile the text of a spec; `name` is what a fault calls it. Raises ConfigError with every fault."""
    document = read_yaml(text, name)
    compiler = _Compiler(document, name)
    contract = compiler.contract() if compiler.shape_is_right() else None
    if contract is None or compiler.faults:
        places = sorted({(line_of(text, path), _pointer(path), problem) for path, problem in compiler.faults})
        raise ConfigError([Fault(f"{name}:{line}", f"{where}: {problem}") for line, where, problem in places])
    return contract


def _pointer(path: Place) -> str:
    return " / ".join(map(str, path)) or "the document"


class _Compiler:
    """Turns the document into values, and collects every fault on the way."""

    def __init__(self, document: Any, name: str) -> None:  # noqa: ANN401 - nothing is known of it yet
        self.document = document
        self.name = name
        self.faults: list[tuple[Place, str]] = []
        self.rules: dict[str, Rule] = {}

    def shape_is_right(self) -> bool:
        validator = jsonschema_rs.Draft202012Validator(SPEC_SHAPE)
        try:
            for error in validator.iter_errors(self.document):
                self.faults.append((tuple(error.instance_path), error.message[:200]))
        except ValueError as error:
            # An explicit tag, or an anchor that holds itself, makes what JSON has no word for.
            self.faults.append(((), f"more than JSON can say: {error}"))
        return not self.faults

    def contract(self) -> Contract | None:
        self.examples = {
            name: answer_of(name, example["value"]) for name, example in self.document["components"]["examples"].items()
        }
        wire_rules = tuple(
            self.rule(("x-rules", n), rule, self.examples) for n, rule in enumerate(self.document["x-rules"])
        )
        self.every_stage_is_answered(("x-rules",), wire_rules, WIRE)
        if all(answer.status < SERVER_ERROR for answer in self.examples.values()):
            self.faults.append((("components", "examples"), "no answer from 500 on, for when the server itself fails"))
        operations = {}
        for path, item in self.document["paths"].items():
            for method, node in item.items():
                if method in {"get", "put", "post", "delete", "patch"}:
                    operation = self.operation(("paths", path, method), node)
                    if operation and operation.path in operations:
                        self.faults.append((("paths", path, method), "a second operation; expected one for a path"))
                    if operation:
                        operations[operation.path] = operation
        if self.faults:
            return None
        (scheme,) = self.document["components"]["securitySchemes"].values()
        return Contract(
            name=self.name,
            operations=operations,
            wire_rules=wire_rules,
            rules=self.rules,
            answers=self.examples,
            key_header=scheme["name"].lower(),
            pairs={feature: tuple(actions) for feature, actions in self.document["x-registered-pairs"].items()},
            limits=Limits(**{name: self.document["x-limits"][key] for key, name in LIMITS.items()}),
            document=self.document,
        )

    def rule(self, path: Place, node: Mapping[str, Any], answers: Mapping[str, Answer]) -> Rule:
        name, check = node.get("answer"), node.get("check", "")
        if name is not None and name not in answers:
            self.faults.append(((*path, "answer"), f"no answer {name!r} here; there are {', '.join(sorted(answers))}"))
        if check and check not in CHECKS and check not in STAGES:
            known = ", ".join(sorted({*CHECKS, *STAGES}))
            self.faults.append(((*path, "check"), f"no check {check!r}; there are {known}"))
        problem = misfit(check, tuple(node.get("fields", ())))
        if problem:
            self.faults.append(((*path, "fields"), problem))
        if not check and (name is None or not node.get("fields")):
            self.faults.append((path, "a rule without a check needs fields and an answer"))
        if (name is None) != ("answer" not in node["basis"]):
            self.faults.append(((*path, "basis"), "the basis of an answer stands exactly where there is an answer"))
        if node["id"] in self.rules:
            self.faults.append(((*path, "id"), f"the rule id {node['id']!r} stands twice; ids are unique"))
        rule = self.rules[node["id"]] = Rule(
            id=node["id"],
            says=node["says"],
            demand=Basis(node["basis"]["demand"]),
            answer_basis=Basis(node["basis"]["answer"]) if "answer" in node["basis"] else None,
            source=Source(**node["source"]),
            because=node.get("because", ""),
            check=check,
            fields=tuple(node.get("fields", ())),
            keywords=tuple(node.get("keywords", ())),
            required_only=node.get("when") == "required",
            answer=answers.get(name or ""),
        )
        return rule

    def operation(self, path: Place, node: Mapping[str, Any]) -> Operation | None:
        answers = self.answers((*path, "responses"), node["responses"])
        accepted = [answer for answer in answers.values() if answer.status < 300]  # noqa: PLR2004 - HTTP's 2xx
        rules = tuple(self.rule((*path, "x-rules", n), rule, answers) for n, rule in enumerate(node["x-rules"]))
        if len(accepted) != 1:
            self.faults.append(((*path, "responses"), f"{len(accepted)} answers below 300; expected exactly one"))
            return None
        ((media_type, content),) = node["requestBody"]["content"].items()
        steps = (*path, "requestBody", "content", media_type, "schema")
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        try:
            schema = BodySchema(self.document, pointer)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            self.faults.append(((*path, "requestBody"), f"no usable schema: {error}"))
            return None
        asset_field, count, size = self.assets(schema)
        operation = Operation(
            id=node["operationId"],
            method=str(path[-1]).upper(),
            prefix=self.prefix(),
            path=self.prefix() + str(path[1]),
            media_type=media_type,
            schema=schema,
            rules=rules,
            accepted=accepted[0],
            answers=answers,
            media=MediaKinds.declared(content.get("encoding", {}).get(asset_field, {}).get("contentType", "")),
            asset_field=asset_field,
            asset_count=count,
            asset_bytes=size,
        )
        self.every_stage_is_answered((*path, "x-rules"), rules, BY_MEDIA_TYPE[media_type])
        self.every_field_is_answered((*path, "x-rules"), operation)
        return operation

    def prefix(self) -> str:
        servers = self.document.get("servers") or [{"url": "/"}]
        return str(urlsplit(servers[0]["url"]).path).rstrip("/")

    def answers(self, path: Place, responses: Mapping[str, Any]) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for status, reference in responses.items():
            try:
                response = resolved(self.document, reference)
                named = [
                    answer_of(name, resolved(self.document, example)["value"])
                    for name, example in response["content"]["application/json"]["examples"].items()
                ]
            except (LookupError, TypeError, ValueError) as error:
                self.faults.append(((*path, status), f"leads to no named example of an answer: {error}"))
                continue
            for answer in named:
                found[answer.name] = answer
                if str(answer.status) != status:
                    problem = f"{answer.name} says {answer.status} and stands under {status}; expected the same number"
                    self.faults.append(((*path, status), problem))
        return found

    def assets(self, schema: BodySchema) -> tuple[str, int, int]:
        """Find the field that holds files, how many it takes, and the bytes that each may have."""
        for name, field in schema.properties.items():
            items = resolved(self.document, field.get("items", {}))
            if items.get("format") == "binary":
                return name, field.get("maxItems", 1 << 30), items.get("maxLength", 1 << 60)
        return "", 0, 0

    def every_stage_is_answered(self, path: Place, rules: Iterable[Rule], stages: frozenset[str]) -> None:
        silent = stages - {rule.check for rule in rules if rule.answer}
        if silent:
            self.faults.append((path, f"no rule with an answer for: {', '.join(sorted(silent))}"))

    def every_field_is_answered(self, path: Place, operation: Operation) -> None:
        for field, keywords in operation.schema.keywords.items():
            silent = [word for word in keywords if (field, word) not in operation.answering]
            if silent:
                problem = f"no rule answers for the field {field!r} ({', '.join(sorted(silent))})"
                self.faults.append((path, problem))
        unknown = {field for rule in operation.rules for field in rule.fields} - operation.schema.named
        if unknown:
            self.faults.append((path, f"rules name fields that the schema does not: {', '.join(sorted(unknown))}"))
