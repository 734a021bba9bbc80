"""What the fake needs of an OpenAPI document, as a JSON Schema: standard parts that it reads, and the extensions."""

from typing import Any

_NAME = {"type": "string", "minLength": 1}
_NAMES = {"type": "array", "items": _NAME, "uniqueItems": True}
_BASIS = {"enum": ["documented", "assumed"]}
# What a value of a body can break: a rule that names anything else would never answer.
_KEYWORDS = [
    *("type", "enum", "const", "required", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems"),
    *("uniqueItems", "contains", "minContains", "maxContains", "minProperties", "maxProperties", "propertyNames"),
    *("additionalProperties", "dependentRequired", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "multipleOf",
]
_COUNT = {"type": "integer", "minimum": 1}

_RULE = {
    "type": "object",
    "required": ["id", "says", "basis", "source"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": r"^[a-z]+(\.[a-z]+(-[a-z]+)*)+$"},
        "says": _NAME,
        "basis": {
            "type": "object",
            "required": ["demand"],
            "additionalProperties": False,
            "properties": {"demand": _BASIS, "answer": _BASIS},
        },
        "source": {
            "type": "object",
            "required": ["document", "section"],
            "additionalProperties": False,
            "properties": {"document": _NAME, "section": _NAME},
        },
        "because": _NAME,
        "fields": _NAMES,
        "keywords": {"type": "array", "items": {"enum": _KEYWORDS}, "uniqueItems": True},
        "check": _NAME,
        "when": {"enum": ["required"]},
        "answer": _NAME,
    },
    "dependentRequired": {"answer": ["basis"], "keywords": ["fields"], "when": ["check", "fields"]},
}
_RULES = {"type": "array", "items": _RULE}

_ANSWER_CONTENT = {
    "type": "object",
    "required": ["application/json"],
    "properties": {"application/json": {"type": "object", "required": ["examples"]}},
}

_OPERATION = {
    "type": "object",
    "required": ["operationId", "requestBody", "responses", "x-rules"],
    "properties": {
        "operationId": _NAME,
        "requestBody": {
            "type": "object",
            "required": ["content"],
            "properties": {
                "content": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "propertyNames": {"enum": ["application/json", "multipart/form-data"]},
                    "additionalProperties": {"type": "object", "required": ["schema"]},
                }
            },
        },
        "responses": {
            "type": "object",
            "propertyNames": {"pattern": "^[1-5][0-9][0-9]$"},
            "additionalProperties": {"type": "object", "properties": {"content": _ANSWER_CONTENT}},
        },
        "x-rules": _RULES,
    },
}

LIMITS = {
    "headerBytes": "header_bytes",
    "jsonBytes": "json_bytes",
    "jsonDepth": "json_depth",
    "textPartBytes": "text_part_bytes",
    "parts": "parts",
    "megabyte": "megabyte",
    "ambiguousMegabyte": "ambiguous_megabyte",
    "pastDays": "past_days",
    "futureDays": "future_days",
    "repeatSeconds": "repeat_seconds",
}

SPEC_SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["openapi", "paths", "components", "x-limits", "x-registered-pairs", "x-rules"],
    "properties": {
        "openapi": {"type": "string", "pattern": r"^3\.1\."},
        "servers": {
            "type": "array",
            "items": {"type": "object", "required": ["url"], "properties": {"url": _NAME}},
        },
        "paths": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^/[^{}]*$"},
            "additionalProperties": {
                "type": "object",
                "properties": dict.fromkeys(["get", "put", "post", "delete", "patch"], _OPERATION),
            },
        },
        "components": {
            "type": "object",
            "required": ["securitySchemes", "schemas", "examples"],
            "properties": {
                "securitySchemes": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": {
                        "type": "object",
                        "required": ["type", "in", "name"],
                        "properties": {"type": {"const": "apiKey"}, "in": {"const": "header"}, "name": _NAME},
                    },
                },
                "examples": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["value"],
                        "properties": {
                            "value": {
                                "type": "object",
                                "required": ["statusCode", "message", "data"],
                                "properties": {
                                    "statusCode": {"type": "integer", "minimum": 200, "maximum": 599},
                                    "message": _NAME,
                                },
                            }
                        },
                    },
                },
            },
        },
        "x-limits": {
            "type": "object",
            "required": list(LIMITS),
            "additionalProperties": False,
            "properties": dict.fromkeys(LIMITS, _COUNT),
        },
        "x-registered-pairs": {"type": "object", "additionalProperties": {**_NAMES, "minItems": 1}},
        "x-rules": _RULES,
    },
}
