"""The reference of the HTTP API, made from the application's own OpenAPI description."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi.testclient import TestClient
from markdown import code, codes, marked, table

import cablegram
from cablegram.api.app import create

_TITLES: Final = {"archive": "The archive", "search": "Searching", "cables": "One cable", "studies": "Studies"}
#: Lines of an example that are shown.
_LINES: Final = 45
#: The framework's word for an answer of which nothing else is said.
_PLAIN: Final = "Successful Response"


def description() -> dict[str, Any]:
    """The description, as the API of an archive without cables gives it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        cablegram.Archive(Path(folder) / "archive") as archive,
        TestClient(create(archive)) as asked,
    ):
        told: dict[str, Any] = asked.get("/openapi.json").json()
        return told


def described() -> str:
    """The whole reference as Markdown."""
    told = description()
    common = _common(told)
    out = [f"Version {told['info']['version']}. {marked(told['info']['description'])}\n"]
    rows = [(code(status), marked(one["description"]), _answer(one)) for status, one in common.items()]
    out.append(f"Every address may answer, besides what it gives:\n\n{table(('status', 'when', 'shape'), rows)}")
    for tag, title in _TITLES.items():
        out.append(f"## {title}\n")
        for path, operations in told["paths"].items():
            out += [_operation(path, method, one, common) for method, one in operations.items() if tag in one["tags"]]
    out.append("## Shapes\n\nOf the JSON that the addresses above answer. A name in a column of types leads to that shape.\n")
    out += [_shape(name, schema) for name, schema in sorted(told["components"]["schemas"].items())]
    return "\n".join(out)


def _common(told: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that every address may give."""
    every = [one["responses"] for operations in told["paths"].values() for one in operations.values()]
    return {
        status: answer
        for status, answer in every[0].items()
        if status != "200" and all(answer == one.get(status) for one in every)
    }


def _answer(response: Mapping[str, Any]) -> str:
    kinds = response.get("content", {})
    return ", ".join(
        _type(content["schema"]) if kind == "application/json" and content.get("schema") else code(kind)
        for kind, content in kinds.items()
    )


def _type(schema: Mapping[str, Any]) -> str:
    """A JSON schema in words, with links to named shapes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#shape-{name.lower()})"
    for one_of in ("anyOf", "oneOf", "allOf"):
        if one_of in schema:
            return " or ".join(dict.fromkeys(map(_type, schema[one_of])))
    if "enum" in schema:
        return codes(schema["enum"])
    if "const" in schema:
        return code(schema["const"])
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items") or {"anyOf": schema.get("prefixItems", [])}
        return f"list of {_type(items)}"
    if kind == "object":
        inside = schema.get("additionalProperties")
        return f"object of {_type(inside)}" if isinstance(inside, dict) and inside else "object"
    return {"integer": "int", "number": "float", "boolean": "bool", None: "any"}.get(kind, str(schema.get("format", kind)))


def _operation(path: str, method: str, operation: Mapping[str, Any], common: Mapping[str, Any]) -> str:
    out = [f"### `{method.upper()} {path}`\n", f"{marked(operation['summary'])}.\n"]
    rows = []
    for one in operation.get("parameters", ()):
        schema = one["schema"]
        default = json.dumps(schema["default"]) if schema.get("default") not in (None, "") else ""
        example = next(iter(schema.get("examples", ())), "")
        rows.append((code(one["name"]), one["in"], _type(schema), code(default), code(example), marked(one["description"])))
    if rows:
        out.append(table(("parameter", "in", "type", "default", "example", "what"), rows))
    answers = {status: one for status, one in operation["responses"].items() if status not in common}
    told = (
        (code(status), "done" if one["description"] == _PLAIN else marked(one["description"]), _answer(one))
        for status, one in answers.items()
    )
    out.append(table(("status", "when", "shape"), told))
    out += [_example(content["example"]) for content in answers["200"].get("content", {}).values() if "example" in content]
    return "\n".join(out)


def _example(example: Any) -> str:
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=1)
    lines = text.rstrip().splitlines()
    shown = [*lines[:_LINES], "..."] if len(lines) > _LINES else lines
    kind = "json" if not isinstance(example, str) and shown is lines else "text"
    return f"An answer:\n\n```{kind}\n" + "\n".join(shown) + "\n```\n"


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    needed = schema.get("required", ())
    rows = [
        (code(key), _type(one) + ("" if key in needed else "; may be missing"), marked(one.get("description", "")))
        for key, one in schema.get("properties", {}).items()
    ]
    about = marked(schema.get("description", ""))
    return f"(shape-{name.lower()})=\n### {name}\n\n{about}\n\n{table(('key', 'type', 'what'), rows)}"
