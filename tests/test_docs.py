"""The documentation as a tested contract: what the program has and the pages do not say is found here. Every check is seen to fail, too."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import click
import pytest
from fastapi.testclient import TestClient

import cablegram
import documented
from cablegram import Archive
from cablegram.api.app import create
from cablegram.cable import KEYS, Cable
from cablegram.cli.main import cli
from cablegram.export.names import ENDINGS, FORMS
from cablegram.interpret.refs import REPAIR
from cablegram.query import syntax, values
from cablegram.query.fields import FIELDS, FieldInfo
from cablegram.record import (
    Addressee,
    ClassifiedBy,
    Diagnostic,
    Edit,
    ExecutiveOrder,
    Origin,
    Paragraph,
    Redaction,
    Reference,
    Sections,
)
from cablegram.restore import garbles
from cablegram.restore.layout import LAYOUT_RULES
from cablegram.web.app import create_app
from cablegram.web.settings import Settings
from documented import DOCS, ROOT

README: Final = [ROOT / "README.md", ROOT / "CHANGELOG.md"]
PROSE: Final = [path for path in documented.pages() if "reference" not in path.parts]
SHARED: Final = ROOT.parent / "shared" / "RECORD.md"
#: Parts of the record, by the keys under which they stand.
PARTS: Final[dict[str, Any]] = {
    "origin": Origin, "sections": Sections, "action": Addressee, "info": Addressee, "executive_order": ExecutiveOrder, "classified_by": ClassifiedBy,
    "references": Reference, "paragraphs": Paragraph, "redactions": Redaction, "edits": Edit, "diagnostics": Diagnostic,
}  # fmt: skip
RECORD_KEYS: Final = {key: documented.fields_of(PARTS[key]) if key in PARTS else [] for key in KEYS}


def page(name: str) -> str:
    return documented.markdown_of(DOCS / name)


@pytest.fixture(scope="module")
def prose() -> str:
    return "\n\n".join(map(documented.markdown_of, PROSE))


# pages


def test_every_page_is_in_a_toctree() -> None:
    """What no list leads to is not found. ``search`` stands on the site as ``query-language``."""
    assert documented.outside_of_toctrees() == ["search"]
    assert extension("generated").MOVED == {"search": "query-language"}


def test_no_page_has_a_name_that_sphinx_keeps() -> None:
    """Such a page is overwritten without a word, if it is not moved."""
    kept = {"genindex", "modindex", "py-modindex", "search", "opensearch"}
    top = {path.stem for path in documented.pages() if path.parent == DOCS}
    assert top & kept <= set(extension("generated").MOVED)


def test_a_page_outside_of_toctrees_is_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, text in (("index.md", "```{toctree}\n:caption: A\n\nsub/a\n```\n"), ("sub/a.md", "# A\n"), ("b.md", "# B\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert documented.outside_of_toctrees(tmp_path) == ["b"]


def test_no_link_is_dead() -> None:
    """Relative links, pictures and anchors of the README and of every page lead somewhere."""
    assert documented.dead_links([*README, *documented.pages()]) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, `code` in it\n\n(own)=\n", encoding="utf-8")
    here = tmp_path / "here.md"
    here.write_text(
        "# Here\n[a](there.md) [b](there.md#a-heading-code-in-it) [c](there.md#own) [d](#here) [e](https://example.org/x)\n"
        "[f](gone.md) ![g](gone.png) [h](there.md#nothing) [i](#nothing)\n\n`[j](gone.md)`\n",
        encoding="utf-8",
    )
    assert documented.dead_links([here]) == [
        "here.md: gone.md",
        "here.md: gone.png",
        "here.md: there.md#nothing",
        "here.md: #nothing",
    ]


def test_no_page_that_the_program_names_is_missing() -> None:
    """Messages, docstrings and the changelog name pages that there are."""
    assert documented.pages_that_are_not([*documented.SOURCE.rglob("*.py"), ROOT / "CHANGELOG.md"]) == []


def test_a_page_that_is_not_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# docs/record.md and docs/" + "recrod.md\n", encoding="utf-8")
    assert documented.pages_that_are_not([tmp_path / "a.py"]) == ["a.py: docs/" + "recrod.md"]


# commands


def test_every_command_and_option_is_documented(prose: str) -> None:
    """A help text for each, and a page that names the command."""
    assert documented.command_gaps(cli, prose) == []


def test_an_undocumented_command_or_option_is_found() -> None:
    group = click.Group("x")
    group.add_command(click.Command("mute", help="Say nothing.", params=[click.Option(["--loud"]), click.Argument(["file"])]))
    group.add_command(
        click.Command("told", help="Tell FILE.", params=[click.Option(["--loud"], help="Loudly."), click.Argument(["file"])])
    )
    group.add_command(click.Command("bare"))
    pages = "Use `cablegram told FILE`.\n\n    python3 run.py bare\n\nOne may be mute about it, and `muted`.\n"
    assert documented.command_gaps(group, pages) == [
        "bare: no help", "mute: no page names it", "mute --loud: no help", "mute FILE: the help does not speak of it",
    ]  # fmt: skip


# the record


def test_every_key_of_the_record_is_documented() -> None:
    """All of ``to_dict()``, at every level."""
    assert documented.record_gaps(RECORD_KEYS, page("record.md")) == []


def test_the_keys_are_those_of_a_real_record() -> None:
    """What is held against the page is what ``to_dict()`` gives."""
    told = next(cablegram.read(ROOT / "examples" / "07NOUAKCHOTT1143.txt")).to_dict()
    assert sorted(told) == sorted(RECORD_KEYS)
    for key in PARTS:
        one = told[key][0] if isinstance(told[key], list) and told[key] else told[key]
        assert not one or sorted(one) == sorted(RECORD_KEYS[key])


def test_the_keys_that_outside_programs_rely_on_are_documented() -> None:
    if not SHARED.is_file():
        pytest.skip("the page that fixes the names is not here")
    rows = documented.first_cells(SHARED.read_text(encoding="utf-8").partition("## `cable.to_dict()`")[2].partition("\n## ")[0])
    assert rows
    assert [name for name in rows if name not in documented.first_cells(page("record.md"))] == []


def test_an_undocumented_key_is_found() -> None:
    text = "| key | value |\n|---|---|\n| `a`, `b` | `x` |\n"
    assert documented.record_gaps({"a": ["x"], "b": ["y"], "c": ["x"]}, text) == ["c", "b.y"]


def test_every_diagnostic_is_documented() -> None:
    """Code and severity, as the reader gives them: a call of ``Diagnostic`` that names others is not read here."""
    rows = documented.first_cells(page("record.md").partition("## Diagnostics")[2])
    assert {code: row[1] for code, row in rows.items()} == documented.diagnostics_of()


def test_values_of_real_records_are_documented(gold: list[Cable]) -> None:
    """Kinds of paragraphs and references, whence a year is, diagnostics: whatever the gold set has."""
    said = set(documented.code_in(page("record.md"))) | set(re.findall(r"[a-z-]+", page("record.md")))
    seen = {p.kind for c in gold for p in c.paragraphs} | {r.kind for c in gold for r in c.references}
    seen |= {r.year_source for c in gold for r in c.references if r.year_source} | {d.code for c in gold for d in c.diagnostics}
    assert len(seen) > 15
    assert [value for value in sorted(seen) if value not in said] == []


@pytest.fixture(scope="module")
def gold() -> list[Cable]:
    """The telegrams of the gold set, read."""
    found = []
    for path in sorted((ROOT / "tests" / "gold").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        text = case.get("text") or (path.parent / case["file"]).read_text(encoding="utf-8")
        found.append(cablegram.parse(text if isinstance(text, str) else "\n".join(text)))
    return found


# restoration


def rule_confidences() -> dict[str, tuple[float, float]]:
    """The table of docs/restoration.md: lowest and highest confidence of each rule."""
    rows = documented.first_cells(page("restoration.md"))
    told = {name: [float(number) for number in re.findall(r"\d(?:\.\d+)?", row[3])] for name, row in rows.items()}
    return {name.removesuffix(":..."): (min(numbers), max(numbers)) for name, numbers in told.items() if numbers}


def test_every_rule_of_restoration_is_documented() -> None:
    told = set(rule_confidences())
    named = {rule for rule, _ in garbles._RULES.values()} | LAYOUT_RULES | {REPAIR, "mojibake"}
    source = "".join(path.read_text(encoding="utf-8") for path in (documented.SOURCE / "restore").glob("*.py"))
    literals = set(re.findall(r'"((?:[a-z]+-)+(?:apostrophe|quotation|dash|possessive))"', source))
    assert told == named | literals


def test_confidences_of_real_repairs_are_as_documented(gold: list[Cable]) -> None:
    """Each edit of the gold set lies in what the page says of its rule, and one that is not applied is called proposed there."""
    told = rule_confidences()
    proposed = {
        name for name, row in documented.first_cells(page("restoration.md")).items() if len(row) > 2 and "**proposed**" in row[2]
    }
    edits = {(edit.rule.partition(":")[0], edit.confidence, edit.applied) for cable in gold for edit in cable.edits}
    assert len({rule for rule, _, _ in edits}) > 10
    for rule, confidence, applied in edits:
        low, high = told[rule]
        assert low <= confidence <= high, rule
        assert applied is (rule not in proposed), rule


@pytest.mark.parametrize("name", ["restoration.md", "sources.md", "vocabulary.md"])
def test_python_of_a_page_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What these pages show in Python runs as it stands, from the project's folder."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, name, "exec"), {})


# queries


def test_every_field_of_a_query_is_documented() -> None:
    """Names, other names, and the values of those that take only some."""
    assert documented.query_gaps(FIELDS, page("search.md")) == []


def test_an_undocumented_field_is_found() -> None:
    fields = [FieldInfo("one", "flag", "", "", "", ("uno",), ("up", "down")), FieldInfo("two", "text", "", "", "")]
    text = "| field | finds |\n|---|---|\n| `one:` | `up` |\n\n`two:`\n"
    assert documented.query_gaps(fields, text) == ["uno:", "one:down", "two:"]


#: What the parser knows beside fields, each with how it is typed. The test below fails if the parser learns something that is not here.
OPERATORS: Final = {
    "AND": "AND", "OR": "OR", "NOT": "NOT", "Not": "-oil", "Phrase": '"lamp oil"', "near": "~5", "fuzzy": "~1", "wild": "light*", "exact": "=Kassem",
    ":": ":", ">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "..": "..", "And": "lamp oil", "Or": "(", "Field": "from:", "Word": "lamp",
}  # fmt: skip


def test_every_operator_of_a_query_is_documented() -> None:
    """Keywords, comparisons, and every property of a word or phrase: those of the parser, and no others, each in code on the page."""
    source = Path(str(syntax.__file__)).read_text(encoding="utf-8")
    known = set(re.findall(r'keyword\("([A-Z]+)"\)', source)) | set(syntax._COMPARE.pattern.split("|"))
    known |= {kind.__name__ for kind in (syntax.Word, syntax.Phrase, syntax.Field, syntax.Not, syntax.And, syntax.Or)} | {":"}
    plain = {"text", "start", "end"}
    known |= {name for kind in (syntax.Word, syntax.Phrase) for name in documented.fields_of(kind) if name not in plain} | {
        "wild"
    }
    known |= {".."} if '".."' in Path(str(values.__file__)).read_text(encoding="utf-8") else set()
    assert known == set(OPERATORS)
    said = "\n".join(documented.code_in(page("search.md")))
    assert [typed for typed in OPERATORS.values() if typed not in said] == []


# the HTTP API


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The descriptions of the API and of the reading room."""
    folder = tmp_path_factory.mktemp("described")
    with Archive(folder / "archive") as archive:
        with (
            TestClient(create(archive)) as api,
            TestClient(create_app(Settings(folder / "archive")), base_url="http://localhost") as room,
        ):
            yield {"api": api.get("/openapi.json").json(), "room": room.get("/openapi.json").json()}


@pytest.mark.parametrize("which", ["api", "room"])
def test_every_address_and_parameter_is_described(described: dict[str, Any], which: str) -> None:
    assert len(described[which]["paths"]) > 15
    assert documented.http_gaps(described[which]) == []


def test_an_address_without_a_description_is_found() -> None:
    told = {
        "paths": {"/a": {"get": {"parameters": [{"name": "q"}, {"name": "r", "description": "R"}], "responses": {"200": {}}}}}
    }
    assert documented.http_gaps(told) == ["get /a: no summary", "get /a: q", "get /a: 200"]


def test_every_address_stands_on_the_page_of_the_api(described: dict[str, Any]) -> None:
    """The table of docs/api.md names each, in its own short way."""
    said = " ".join(documented.first_cells(page("api.md")))
    last = {path.rstrip("/").split("/")[-1].strip("{}") for path in described["api"]["paths"]}
    last -= {"", "ident", "number", "version"}  # written ID and N there
    assert [name for name in sorted(last) if not re.search(rf"(?<![\w-]){name}(?![\w-])", said)] == []


# the library


def test_everything_public_has_a_docstring() -> None:
    """Modules, classes, functions and methods of the whole package."""
    assert documented.undocumented() == []


def test_what_has_no_docstring_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '"""A."""\n\ndef told():\n    """T."""\n\ndef untold():\n    pass\n\nclass Kind:\n    """K."""\n\n    def method(self):\n        pass\n\n'
        "    def _own(self):\n        pass\n",
        encoding="utf-8",
    )
    (tmp_path / "b.py").write_text("x = 1\n", encoding="utf-8")
    assert documented.undocumented(tmp_path) == ["a.untold", "a.Kind.method", "b"]


def test_the_reference_shows_what_the_package_offers() -> None:
    names = [f"cablegram.{name}" for name in cablegram.__all__]
    assert documented.missing_from_reference(names, page("reference/python.md")) == []
    names = ["cablegram.parse", "cablegram.Archive.get", "cablegram.new_thing"]
    assert documented.missing_from_reference(names, page("reference/python.md")) == ["cablegram.new_thing"]


def test_the_reference_shows_what_pages_promise(prose: str) -> None:
    """A function or class that some page tells to call is one that a reader can look up."""
    names = documented.promised(prose)
    assert len(names) > 20
    assert documented.missing_from_reference(names, page("reference/python.md")) == []


def test_every_attribute_of_the_reference_is_documented() -> None:
    """Docstrings of named tuples and data classes speak of each of their fields."""
    assert documented.attribute_gaps(page("reference/python.md")) == []


def test_an_attribute_without_a_word_is_found() -> None:
    assert "cablegram.record.Span.no" not in documented.attribute_gaps(".. autoclass:: cablegram.record.Edit\n")
    assert documented.attribute_gaps(".. autoclass:: cablegram.fiction.script.Ref\n") != []


@pytest.mark.parametrize("path", documented.pages(), ids=lambda path: path.stem)
def test_names_on_a_page_are_those_of_the_library(path: Path) -> None:
    """`cablegram.study.refs.references` and the like, wherever a page has them in code."""
    assert documented.names_that_are_not(documented.markdown_of(path)) == []


def test_a_name_that_is_not_is_found() -> None:
    text = "`cablegram.study.refs.references(archive)`, `cablegram.study.reffs.thread`, `cablegram.Archive.serach`, `/cablegram.org/x`\n"
    assert documented.names_that_are_not(text) == ["cablegram.study.reffs.thread", "cablegram.Archive.serach"]


def test_every_form_of_export_is_documented() -> None:
    rows = documented.first_cells(page("exports.md").partition("\n## ")[0])
    assert [name for name in FORMS if name not in rows] == []
    assert [ending for ending, name in ENDINGS.items() if f"`{ending}`" not in rows[name][1]] == []


# the site


def extension(name: str) -> ModuleType:
    """A module of docs/extensions, as Sphinx loads it."""
    folder = str(DOCS / "extensions")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    found = importlib.util.find_spec(name)
    assert found is not None
    return importlib.import_module(name)


def test_generated_parts_are_made() -> None:
    """Each mark on a page names a part that there is, and each part stands on a page. (The site's build makes them all.)"""
    parts = extension("generated").PARTS
    marked = re.findall(r"^<!-- generated: (\S+) -->$", "\n".join(map(documented.markdown_of, documented.pages())), re.MULTILINE)
    assert sorted(marked) == sorted(parts)
    fields = documented.first_cells(parts["query-fields"]())
    assert [one.name for one in FIELDS if f"{one.name}:" not in fields] == []
    assert "`S`" in parts["levels"]()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a|b <c> *d* [e](f) `g`", "a\\|b \\<c\\> \\*d\\* \\[e\\](f) \\`g\\`"),
        ("two\nlines", "two lines"),
        (None, ""),
    ],
)
def test_values_are_not_taken_for_markup(text: str | None, cell: str) -> None:
    assert extension("markdown").plain(text) == cell


@pytest.mark.parametrize(
    ("text", "suffix", "fetches"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ".html", ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', ".html", ["//fonts.example/a.css"]),
        ('<img alt="" src="http://example.org/a.png">', ".html", ["http://example.org/a.png"]),
        ('<p style="background: url(https://example.org/b.png)">', ".html", ["https://example.org/b.png"]),
        ("<style>@import 'https://example.org/c.css';</style>", ".html", ["https://example.org/c.css"]),
        ("a { src: url(https://example.org/d.woff2) }", ".css", ["https://example.org/d.woff2"]),
        ('<a href="https://example.org/">a link leads on and fetches nothing</a>', ".html", []),
        ('<script src="_static/x.js"></script><img src="data:image/png;base64,AA=="><link rel="next" href="https://example.org">', ".html", []),
        ('<svg xmlns="http://www.w3.org/2000/svg"><use href="#icon"></use></svg>', ".html", []),
    ],
)  # fmt: skip
def test_what_a_page_fetches_is_found(text: str, suffix: str, fetches: list[str]) -> None:
    """The build fails by this where the site would not open without a network."""
    assert extension("self_contained").fetched(text, suffix) == fetches


def test_the_notebook_is_kept_without_outputs() -> None:
    """What it shows is made at each build; what was made on somebody's machine is not kept."""
    cells = json.loads((DOCS / "tutorial.ipynb").read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 10
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert [cell["id"] for cell in cells if cell["metadata"]] == []


def test_the_site_is_a_task_of_run_py() -> None:
    """``python3 run.py docs``, which CI calls: warnings are errors."""
    told = (ROOT / "run.py").read_text(encoding="utf-8")
    assert all(word in told for word in ('"docs": [["-m", "sphinx"', '"-W"', '"-n"'))
    assert "python3 run.py docs\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    ignored = subprocess.run(["git", "check-ignore", "-q", "docs/_build/html"], cwd=ROOT).returncode
    assert ignored in (0, 128)  # 128: this is no repository
