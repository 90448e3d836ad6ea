"""What the pages under docs/ must say, held against the program: each check returns what is missing, so that it can be seen to fail."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).parent.parent
DOCS: Final = ROOT / "docs"
SOURCE: Final = ROOT / "src" / "cablegram"
_TOCTREE: Final = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TARGET: Final = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
_SLUG: Final = re.compile(r"[^\w\- ]")
_AUTO: Final = re.compile(r"^\.\. auto(?:class|exception|function):: ([\w.]+)", re.MULTILINE)
#: A full name of the library; a file or an address is none.
_DOTTED: Final = re.compile(r"(?<![\w./-])cablegram(?:\.[A-Za-z_]\w*)+(?![\w-]*/)")
#: A name of a page, as the program's own words have it.
_NAMED: Final = re.compile(r"\bdocs/[\w/-]+\.(?:md|ipynb)")


# pages


def pages(folder: Path = DOCS) -> list[Path]:
    """All pages: Markdown and notebooks, what a build left apart."""
    found = [*folder.rglob("*.md"), *folder.rglob("*.ipynb")]
    return sorted(path for path in found if "_build" not in path.parts and ".ipynb_checkpoints" not in path.parts)


def markdown_of(path: Path) -> str:
    """The Markdown of a page; of a notebook that of its cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def _tokens(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def _inline(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def code_in(markdown: str) -> list[str]:
    """Every piece of code of a page: spans, and the lines of blocks."""
    tokens = _tokens(markdown)
    spans = [token.content for token in _inline(tokens) if token.type == "code_inline"]
    return spans + [line for token in tokens if token.type in ("fence", "code_block") for line in token.content.splitlines()]


def rows_of(markdown: str) -> list[list[str]]:
    """The rows of all tables of a page, each a list of cells as written."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]


# the shape of the site


def outside_of_toctrees(folder: Path = DOCS) -> list[str]:
    """Pages that no toctree leads to."""
    named = {"index"}
    for path in pages(folder):
        for block in _TOCTREE.findall(markdown_of(path)):
            entries = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith(":")]
            named |= {((path.parent / entry).resolve().relative_to(folder.resolve())).as_posix() for entry in entries}
    return [name for path in pages(folder) if (name := path.relative_to(folder).with_suffix("").as_posix()) not in named]


def anchors(markdown: str) -> set[str]:
    """The anchors of a page's headings, as code hosts and the site make them, and its own targets."""
    tokens = _tokens(markdown)
    heads = [tokens[n + 1] for n, token in enumerate(tokens) if token.type == "heading_open"]
    told = ("".join(child.content for child in head.children or ()) for head in heads)
    return {_SLUG.sub("", text.lower()).replace(" ", "-") for text in told} | set(_TARGET.findall(markdown))


def dead_links(paths: Iterable[Path]) -> list[str]:
    """Relative links and pictures that lead nowhere, and anchors that there are not."""
    dead = []
    for path in paths:
        text = markdown_of(path)
        for token in _inline(_tokens(text)):
            target = str(token.attrGet("href") or token.attrGet("src") or "")
            if not target or re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = path.parent / name if name else path
            if not file.is_file():
                dead.append(f"{path.name}: {target}")
            elif anchor and file.suffix == ".md" and anchor not in anchors(markdown_of(file)):
                dead.append(f"{path.name}: {target}")
    return dead


def pages_that_are_not(paths: Iterable[Path]) -> list[str]:
    """Pages that a text names (``docs/x.md``) and that are not there."""
    return [
        f"{path.name}: {name}"
        for path in paths
        for name in _NAMED.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / name).is_file()
    ]


# commands


def command_gaps(group: click.Group, prose: str) -> list[str]:
    """Commands without help or that no page names, options without help, arguments of which the help does not speak."""
    said = code_in(prose)
    gaps = []
    for name, command in sorted(group.commands.items()):
        helped = command.help or ""
        if not helped:
            gaps.append(f"{name}: no help")
        begins = re.compile(rf"(?:(?:python3 run\.py|cablegram)\s+)?{re.escape(name)}(?![\w-])")
        if not any(begins.match(line.strip().removeprefix("$ ")) or f"cablegram {name}" in line for line in said):
            gaps.append(f"{name}: no page names it")
        for param in command.params:
            if isinstance(param, click.Option) and not param.help:
                gaps.append(f"{name} {param.opts[0]}: no help")
            elif isinstance(param, click.Argument):
                words = re.findall(r"[A-Z]{2,}", param.metavar or param.human_readable_name.upper())
                gaps += [f"{name} {word}: the help does not speak of it" for word in words if word not in helped]
    return gaps


# the record


def record_gaps(keys: Mapping[str, Iterable[str]], page: str) -> list[str]:
    """Keys of the record that no row of the page's tables has in its first cell, and keys of their parts that the row does not name."""
    rows = {name: row for row in rows_of(page) for name in re.findall(r"`([^`]+)`", row[0])}
    gaps = [key for key in keys if key not in rows]
    for key, parts in keys.items():
        if key in rows:
            told = set(re.findall(r"`([^`]+)`", " ".join(rows[key])))
            gaps += [f"{key}.{part}" for part in parts if part not in told]
    return gaps


def diagnostics_of(folder: Path = SOURCE) -> dict[str, str]:
    """Every diagnostic that the reader can give, by code, with its severity: the calls of ``Diagnostic`` in the code."""
    found = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Diagnostic":
                values = [one.value if isinstance(one, ast.Constant) else None for one in node.args[:2]]
                if all(isinstance(value, str) for value in values):
                    found[str(values[0])] = str(values[1])
    return found


def first_cells(page: str) -> dict[str, list[str]]:
    """Rows of a page's tables by what stands in backticks in their first cell."""
    return {name: row for row in rows_of(page) for name in re.findall(r"`([^`]+)`", row[0])}


# queries


def query_gaps(fields: Iterable[Any], page: str) -> list[str]:
    """Fields that no row of the page's tables is about, and other names and values that the page does not have in code."""
    rows = first_cells(page)
    said = " ".join(code_in(page))
    gaps = []
    for one in fields:
        if f"{one.name}:" not in rows:
            gaps.append(f"{one.name}:")
        gaps += [f"{name}:" for name in one.aliases if not re.search(rf"(?<!\w){name}:", said)]
        told = " ".join(rows.get(f"{one.name}:", ()))
        gaps += [f"{one.name}:{value}" for value in one.values if not re.search(rf"(?<![\w-]){value}(?![\w-])", told)]
    return gaps


# the HTTP API


def http_gaps(described: Mapping[str, Any]) -> list[str]:
    """Addresses without a summary, parameters and answers without a description."""
    gaps = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if not operation.get("summary"):
                gaps.append(f"{method} {path}: no summary")
            gaps += [f"{method} {path}: {one['name']}" for one in operation.get("parameters", ()) if not one.get("description")]
            gaps += [
                f"{method} {path}: {code}" for code, answer in operation["responses"].items() if not answer.get("description")
            ]
    return gaps


# the library


def undocumented(folder: Path = SOURCE) -> list[str]:
    """Public modules, classes, functions and methods without a docstring."""
    gaps: list[str] = []

    def look(node: ast.Module | ast.ClassDef, name: str) -> None:
        inherits = isinstance(node, ast.ClassDef) and bool(node.bases) and folder == SOURCE
        for child in node.body:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not child.name.startswith("_"):
                # A method that overrides another has its words.
                if not ast.get_docstring(child) and not (
                    inherits and inspect.getdoc(object_at(f"cablegram.{name}.{child.name}"))
                ):
                    gaps.append(f"{name}.{child.name}")
                if isinstance(child, ast.ClassDef):
                    look(child, f"{name}.{child.name}")

    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        if tree.body and not ast.get_docstring(tree):
            gaps.append(name)
        look(tree, name)
    return gaps


def object_at(name: str) -> Any:
    """What a full name such as ``cablegram.study.refs.thread`` means."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def names_that_are_not(markdown: str) -> list[str]:
    """Full names of the library in a page's code that mean nothing."""
    gaps = []
    for name in dict.fromkeys(_DOTTED.findall("\n".join(code_in(markdown)))):
        try:
            object_at(name)
        except (AttributeError, ModuleNotFoundError):
            gaps.append(name)
    return gaps


def attribute_gaps(page: str) -> list[str]:
    """Of the classes that the page on the library shows: fields of which the docstring does not speak. The record's own page has its keys."""
    return [
        f"{name}.{field}"
        for name in _AUTO.findall(page)
        if name != "cablegram.Cable"
        for field in fields_of(object_at(name))
        if not re.search(rf"\b{field}\b", inspect.getdoc(object_at(name)) or "")
    ]


def fields_of(kind: Any) -> list[str]:
    """The public fields of a named tuple or data class; none of anything else."""
    names = getattr(kind, "_fields", None) or (
        [one.name for one in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else ()
    )
    return [name for name in names if not name.startswith("_")]


def promised(markdown: str) -> list[str]:
    """Functions and classes of the library that a page shows in code: by their full names, or imported from their modules."""
    said = "\n".join(code_in(markdown))
    names = dict.fromkeys(_DOTTED.findall(said))
    for module, imported in re.findall(r"^from (cablegram[\w.]*) import ([\w, ]+)$", said, re.MULTILINE):
        names |= dict.fromkeys(f"{module}.{name.strip()}" for name in imported.split(","))
    return [name for name in names if inspect.isclass(object_at(name)) or inspect.isfunction(object_at(name))]


def missing_from_reference(names: Iterable[str], page: str) -> list[str]:
    """Full names of functions, classes and methods that the page on the library does not show."""
    shown = set(_AUTO.findall(page))
    return [name for name in names if name not in shown and name.rpartition(".")[0] not in shown]
