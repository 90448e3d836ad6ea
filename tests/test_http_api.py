"""The API: by its own description, by the archive behind it, and by its rules on errors, cursors, ETags, tokens and streams."""

from __future__ import annotations

import base64
import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
import schemathesis
from click.testing import CliRunner
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from starlette.responses import PlainTextResponse

import api_examples
import cablegram
import reading
from cablegram import Archive
from cablegram.api import cursors, models, routes_studies
from cablegram.api.answers import Body, Kept
from cablegram.api.app import PREFIX, create
from cablegram.api.record_models import Record
from cablegram.api.routes_lists import exported
from cablegram.cli.main import cli
from cablegram.errors import CablegramError
from cablegram.study.clock import STATUSES, clock
from cablegram.study.coverage import Coverages
from cablegram.web.app import create_app
from cablegram.web.sessions import hash_password
from cablegram.web.settings import Settings
from cablegram.web.tokens import Token

_HOST: Final = "http://localhost"
_EXAMPLES: Final = 4
TOKEN: Final = "a-token-of-more-than-thirty-two-letters"
ERRORS: Final = json.loads((Path(__file__).parent / "cases" / "api.json").read_text(encoding="utf-8"))
_CABLE: Final = "/cables/{ident}"
ROUTES: Final = [
    "/", "/cables", "/search/facets", "/posts", "/tags", "/export", "/ghosts", "/ghosts/{ident}", "/coverage", "/clock", "/markings", _CABLE,
    *(f"{_CABLE}/{about}" for about in (
        "text", "original", "paragraphs", "paragraphs/{number}", "references", "cited-by", "thread", "versions", "versions/{version}", "diff",
        "citation",
    )),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("http") / "archive")


@pytest.fixture(scope="module")
def archive(folder: Path) -> Iterator[Archive]:
    with Archive(folder) as archive:
        yield archive


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(folder), {PREFIX: create}), base_url=_HOST + PREFIX) as client:
        yield client


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json()
    return told


@pytest.fixture(scope="module")
def schema(folder: Path) -> Any:
    app = create_app(Settings(folder), {PREFIX: create})
    return schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app, headers={"Host": "localhost"})


# by its description


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", ROUTES)
def test_answers_are_as_described(schema: Any, path: str, mode: GenerationMode) -> None:
    """Status, content type and body are of those that the description names, for values that fit it and for those that do not.

    Left out, as in the tests of the reading room: whether what fits is accepted (an id may not be held), and what does not is refused."""
    operation = schema[path]["GET"]
    if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query):
        pytest.skip("there is nothing to get wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=_EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers={"Host": "localhost"})
        case.validate_response(answer, excluded_checks=[positive_data_acceptance, negative_data_rejection])

    check()


def test_every_route_is_described(described: dict[str, Any]) -> None:
    assert sorted(described["paths"]) == sorted(ROUTES)
    assert described["servers"] == [{"url": PREFIX}]
    assert described["info"]["version"] == "1.0"
    for path, operations in described["paths"].items():
        assert set(operations) == {"get"}, path
        assert operations["get"]["summary"], path
        assert {"200", "304", "400", "401", "414", "421", "429", "503"} <= set(operations["get"]["responses"]), path
        for parameter in operations["get"].get("parameters", []):
            assert parameter["schema"].get("description") or parameter.get("description"), (path, parameter["name"])
    assert "422" not in json.dumps(list(described["paths"].values()))


#: Bodies by their models, which are stricter here than in the description: no key may be missing, none be more than is told.
_MODELS: Final[dict[str, type[BaseModel]]] = {
    "/": models.Root, "/cables": models.Cables, "/search/facets": models.Facets, "/posts": models.Counts, "/tags": models.Counts,
    "/ghosts": models.Ghosts, "/ghosts/{ident}": models.Ghost, "/coverage": models.Coverages, "/clock": models.Clock, "/markings": models.Markings,
    _CABLE: Record, f"{_CABLE}/paragraphs": models.Paragraphs, f"{_CABLE}/paragraphs/{{number}}": models.Paragraphs,
    f"{_CABLE}/references": models.References, f"{_CABLE}/cited-by": models.CitedBy, f"{_CABLE}/thread": models.Thread,
    f"{_CABLE}/versions": models.Versions, f"{_CABLE}/versions/{{version}}": Record, f"{_CABLE}/diff": models.Difference,
    f"{_CABLE}/citation": models.Citation,
}  # fmt: skip


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_answers_its_example(client: TestClient, archive: Archive, described: dict[str, Any], path: str) -> None:
    """What a reader of the description tries first."""
    url, values = path, {}
    for parameter in described["paths"][path]["get"].get("parameters", []):
        example = next(iter(parameter["schema"].get("examples", parameter.get("examples", []))), None)
        if parameter["name"] == "version" and parameter["in"] == "path":
            example = archive.versions("96LAPAZ2075")[0].version
        if parameter["in"] == "path":
            assert example is not None, f"{parameter['name']} has no example"
            url = url.replace("{" + parameter["name"] + "}", quote(str(example), safe=""))
        elif example is not None:
            values[parameter["name"]] = example
    answer = client.get(url, params=values)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"].split(";")[0] in described["paths"][path]["get"]["responses"]["200"]["content"]
    if path in _MODELS:
        told = answer.json()
        _MODELS[path].model_validate(told)
        if _MODELS[path].model_config.get("extra") != "allow":
            assert set(told) <= set(_MODELS[path].model_fields)
        assert told


def _shape(value: Any) -> Any:
    """What keys there are, and of which type the values: the first one stands for a list, and keys that are data, as of facets, for no shape."""
    if isinstance(value, dict):
        return dict if all(isinstance(one, int) for one in value.values()) else {key: _shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value)


def test_every_answer_has_an_example(client: TestClient, described: dict[str, Any]) -> None:
    """Of the bundled stories, in the shape in which they are answered; ``python tests/api_examples.py`` writes them anew."""
    now = api_examples.asked(client, described)
    assert set(now) == set(ROUTES) - {"/export"}
    for path, told in now.items():
        [content] = described["paths"][path]["get"]["responses"]["200"]["content"].values()
        example = content["example"]
        if path in _MODELS:
            _MODELS[path].model_validate(example)
        assert _shape(example) == _shape(told), path


class _Strict(Record):
    model_config = ConfigDict(extra="forbid")


def test_the_models_tell_every_key_of_the_record(client: TestClient, archive: Archive) -> None:
    """Of many cables, the strange ones too; a key that the record gains must be described."""
    for key in [*[*archive.ids()][::6], "07PRAIA501", "07PRAIA555", "07PRAIA666", "07PRAIA777", "96LAPAZ2075"]:
        _Strict.model_validate_json(client.get(f"/cables/{quote(key)}?original=true").content)


# by the archive


@pytest.mark.parametrize("ident", ["96LAPAZ2075", "07PRAIA501", "07PRAIA666", "06DUSHANBE165", "07PRAIA555", "74REYKJAVIK1167"])
def test_the_record_is_that_of_the_command(client: TestClient, folder: Path, ident: str) -> None:
    done = CliRunner().invoke(cli, ["show", ident, "--json", "--archive", str(folder)])
    printed = json.loads(done.stdout)
    record = client.get(f"/cables/{ident}").json()
    assert {key: record[key] for key in printed} == printed


@pytest.mark.parametrize(
    ("command", "url", "keys"),
    [
        (["refs", "96LAPAZ2075", "--json"], "/cables/96LAPAZ2075/references", ["cites", "cited_by", "others", "silent"]),
        (["ghosts", "--json"], "/ghosts?limit=500", ["ghosts", "total"]),
        (["clock", "--json", "--as-of", "2010-12-31"], "/clock?as_of=2010-12-31", ["counts", "as_of"]),
        (["markings", "--json"], "/markings", ["conflicts", "share"]),
        (
            ["diff", "06DUSHANBE165", "--json"],
            "/cables/06DUSHANBE165/diff",
            ["left", "right", "fields", "changes", "fullest", "reason"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_studies_are_those_of_the_commands(
    client: TestClient, folder: Path, command: list[str], url: str, keys: list[str]
) -> None:
    printed = json.loads(CliRunner().invoke(cli, [*command, "--archive", str(folder)]).stdout)
    told = client.get(url).json()
    assert {key: told[key] for key in keys} == {key: printed[key] for key in keys}


def test_texts_are_given_as_they_are(client: TestClient, archive: Archive) -> None:
    cable = archive.get("07PRAIA501")
    assert cable is not None
    assert client.get("/cables/07 praia 501/text").text == cable.text
    assert client.get("/cables/07PRAIA501/original").text == cable.original
    assert client.get("/cables/07PRAIA501/paragraphs/2").json()["paragraphs"] == [cable.to_dict()["paragraphs"][1]]
    assert client.get("/cables/07PRAIA501/original").headers["content-type"] == "text/plain; charset=utf-8"


def test_fields_choose_what_is_given(client: TestClient, archive: Archive) -> None:
    items = client.get("/cables", params={"q": "lamp", "fields": "subject,paragraphs,origin"}).json()["items"]
    for item in items:
        cable = archive.get(item["id"])
        assert cable is not None
        assert list(item) == ["id", "subject", "paragraphs", "origin"]
        assert item == {"id": item["id"], **{name: cable.to_dict()[name] for name in list(item)[1:]}}


# errors


@pytest.mark.parametrize("case", ERRORS, ids=[case["url"] for case in ERRORS])
def test_errors_have_one_shape(client: TestClient, case: dict[str, Any]) -> None:
    answer = client.get(_HOST + PREFIX + case["url"], headers={"Accept": "text/html"})
    assert answer.status_code == case["status"], (case["why"], answer.text[:200])
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    told = models.Problem.model_validate(answer.json()).error
    assert (told.code, told.status) == (case["code"], case["status"]), case["why"]
    assert told.message.strip()
    assert len(told.message.splitlines()) == 1
    assert set(answer.json()["error"]) <= set(models.Fault.model_fields)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(client: TestClient, method: str) -> None:
    assert client.request(method, "/cables/96LAPAZ2075").status_code == 405


@pytest.mark.parametrize("url", ["", "/", "/cables/96LAPAZ2075", "/cables?q=bell", "/cables/96LAPAZ2075/text", "/nowhere"])
def test_head_answers_as_get_without_a_body(client: TestClient, url: str) -> None:
    url = _HOST + PREFIX + url
    got, head = (
        client.get(url, headers={"Accept-Encoding": "identity"}),
        client.head(url, headers={"Accept-Encoding": "identity"}),
    )
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers.get(name) == got.headers.get(name)


def test_head_of_an_export_makes_none(client: TestClient) -> None:
    head = client.head("/export")
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers


def test_what_is_long_is_compressed_where_that_is_asked_for(client: TestClient) -> None:
    long = client.get("/cables/07PRAIA400", headers={"Accept-Encoding": "gzip"})
    assert long.headers["content-encoding"] == "gzip"
    assert long.json()["id"] == "07PRAIA400"
    assert "content-encoding" not in client.get("/cables/07PRAIA400", headers={"Accept-Encoding": "identity"}).headers


# what has not changed


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    place = reading.build(tmp_path / "a", odd=False)
    with TestClient(create_app(Settings(place), {PREFIX: create}), base_url=_HOST + PREFIX) as client:
        urls = [
            "/cables/96LAPAZ2075", "/cables?q=clock", "/ghosts", "/cables/96LAPAZ2075/text", "/", "/coverage?limit=3",
            "/clock?as_of=2010-12-31&limit=3", "/clock?as_of=2010-12-31&status=unclassified",
        ]  # fmt: skip
        tags = {url: client.get(url).headers["etag"] for url in urls}
        for url, tag in tags.items():
            for known in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
                again = client.get(url, headers={"If-None-Match": known})
                assert (again.status_code, again.content) == (304, b""), (url, known)
                assert again.headers["etag"] == tag
                assert again.headers["cache-control"] == "private, no-cache"
            assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
        told = client.get("/cables/96LAPAZ2075").json()
        with Archive(place) as writer:
            writer.add([cablegram.parse(
                "R 010203Z JAN 97\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000007\n\nE.O. 12958: N/A\nTAGS: PE\nSUBJECT: A CLOCK\n"
                "REF: 96 LA PAZ 2075\n\n1. (U) The clock.\n\nFENWICK\n"
            )])  # fmt: skip
        # The record itself is as it was, and yet the answer is another: it is cited now.
        for url in urls[:3]:
            answer = client.get(url, headers={"If-None-Match": tags[url]})
            assert answer.status_code == 200, url
            assert answer.headers["etag"] != tags[url]
        assert set(client.get("/cables/96LAPAZ2075").json()["cited_by"]) == {*told["cited_by"], "97LIMA7"}
        assert client.get(urls[3], headers={"If-None-Match": tags[urls[3]]}).status_code == 304


def test_kept_answers_have_an_end() -> None:
    kept = Kept(most=1000)
    for n in range(20):
        kept.put(b"/%d" % n, "1", Body(b"x" * 96, "text/plain", f'"{n}"'))
        assert kept.get(b"/0", "1") is not None  # used again and again, so it stays
    assert sum(kept.get(b"/%d" % n, "1") is not None for n in range(20)) == 10
    assert kept.get(b"/19", "2") is None
    kept.put(b"/0", "2", Body(b"x" * 2000, "text/plain", '"0"'))
    assert kept.get(b"/0", "2") is None


# cursors


@given(offset=st.integers(0, 2**31 - 1), total=st.integers(0, 2**31 - 1), last=st.text(max_size=60), query=st.text(max_size=40))
def test_a_cursor_comes_back_as_it_was(offset: int, total: int, last: str, query: str) -> None:
    name = cursors.name_of("cables", query, "date")
    cursor = cursors.Cursor(name, "7/7/index-1", offset, total, last.encode("utf-8", "replace").decode())
    text = cursors.to_text(cursor)
    assert cursors.from_text(text, name) == cursor
    assert quote(text, safe="") == text
    with pytest.raises(CablegramError, match="another list"):
        cursors.from_text(text, cursors.name_of("cables", query, "-date"))


@given(text=st.text(max_size=200) | st.binary(max_size=80).map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_what_is_no_cursor_is_told_in_one_line(text: str) -> None:
    with pytest.raises(CablegramError, match=r"^cursor: .*begin$"):
        cursors.from_text(text, b"12345678")


@given(at=st.integers(0, 500), by=st.sampled_from("AQgwZ09-_"))
def test_a_cursor_with_another_letter_is_none(at: int, by: str) -> None:
    name = cursors.name_of("cables", "bell", "id")
    text = cursors.to_text(cursors.Cursor(name, "7/7/index-1", 40, 100, "05LIMA40"))
    at %= len(text) - 1  # the bits of the last letter that stand for nothing are free
    if text[at] != by:
        with pytest.raises(CablegramError):
            cursors.from_text(text[:at] + by + text[at + 1 :], name)


def _walk(client: TestClient, url: str, kind: str, between: Any = None, **asked: str) -> list[str]:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        told = client.get(url, params=asked | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["id" if url == "/cables" else "cable"] for one in told[kind]]
        cursor = told["next"]
        if cursor is None:
            return seen
        if between is not None:
            between()


@pytest.mark.parametrize("sort", ["relevance", "date", "-date", "id", "-id"])
def test_pages_are_the_whole_in_order(client: TestClient, archive: Archive, sort: str) -> None:
    seen = _walk(client, "/cables", "items", q="bell", sort=sort, limit="37", fields="id")
    assert seen == [hit.id for hit in archive.search("bell", sort=sort, limit=1000)]
    assert len(set(seen)) == len(seen) > 100


def test_pages_of_ghosts_are_the_whole_in_order(client: TestClient) -> None:
    seen = _walk(client, "/ghosts", "ghosts", limit="7")
    assert seen == [one["cable"] for one in client.get("/ghosts?limit=500").json()["ghosts"]]
    assert len(set(seen)) == len(seen) > 20


def test_pages_of_coverage_are_the_whole_in_order(client: TestClient, archive: Archive) -> None:
    whole = client.get("/coverage").json()
    rows = sorted(Coverages(archive), key=lambda one: (one.post, one.year))
    assert whole == {"total": len(rows), "posts": json.loads(json.dumps([row.to_dict() for row in rows])), "next": None}
    pages: list[Any] = []
    cursor = None
    while len(pages) <= len(rows):
        told = client.get("/coverage", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        pages.append(told["posts"])
        cursor = told["next"]
        if cursor is None:
            break
    assert [row for page in pages for row in page] == whole["posts"]
    assert [len(page) for page in pages[:-1]] == [4] * (len(pages) - 1)
    assert len(pages) > 3


@pytest.mark.parametrize("status", STATUSES)
def test_pages_of_the_clock_are_the_whole_in_order(client: TestClient, archive: Archive, status: str) -> None:
    """The earliest date first, those without a date last, and by id where the date is the same; each once."""
    seen = _walk(client, "/clock", "items", status=status, as_of="2010-12-31", limit="7")
    rows = [row for row in clock(archive, date(2010, 12, 31), "") if row.due.status == status]
    assert seen == [row.cable for row in sorted(rows, key=lambda row: (row.due.date or date.max, row.cable))]
    told = client.get("/clock", params={"status": status, "as_of": "2010-12-31", "limit": 1}).json()
    assert told["total"] == told["counts"][status] == len(seen)
    assert (told["next"] is None) == (len(seen) <= 1)


def test_a_page_of_the_clock_goes_on_the_next_day(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no day was asked for, the list is another after midnight, and its places are the same."""
    first = client.get("/clock", params={"limit": 5}).json()
    later = datetime.fromisoformat(first["as_of"]).replace(tzinfo=UTC) + timedelta(days=1)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return later

    monkeypatch.setattr(routes_studies, "datetime", Tomorrow)
    second = client.get("/clock", params={"limit": 5, "cursor": first["next"]}).json()
    assert second["as_of"] == later.date().isoformat()
    assert not {one["cable"] for one in first["items"]} & {one["cable"] for one in second["items"]}


@pytest.mark.parametrize(
    ("taken", "given"),
    [
        ("/coverage?limit=1", "/coverage?year=1996&limit=1"), ("/coverage?limit=1", "/clock?limit=1"), ("/ghosts?limit=1", "/coverage?limit=1"),
        ("/clock?limit=1", "/clock?limit=1&status=exempt"), ("/clock?limit=1", "/clock?limit=1&as_of=2010-12-31"), ("/clock?limit=1", "/clock?limit=1&q=bell"),
    ],
)  # fmt: skip
def test_a_place_is_of_one_list(client: TestClient, taken: str, given: str) -> None:
    cursor = client.get(taken).json()["next"]
    assert cursor is not None
    answer = client.get(f"{given}&cursor={cursor}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-request")
    assert "another list" in answer.json()["error"]["message"]


@pytest.mark.parametrize("sort", ["date", "-date", "id", "-id"])
def test_pages_stay_whole_while_others_write(tmp_path: Path, sort: str) -> None:
    """Every cable that was there from the beginning comes once, in order, though others come in before and behind it."""
    place = tmp_path / "a"

    def bell(number: int) -> cablegram.Cable:
        return cablegram.parse(
            f"R {1 + number % 28:02d}0203Z JAN 05\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA {number:06d}\n\nE.O. 12958: N/A\n"
            f"TAGS: EFIS, PE\nSUBJECT: BELL NUMBER {number}\n\n1. (U) The bell rang.\n\nFENWICK\n"
        )

    numbers = iter([n for n in range(1, 121) if n % 4])
    with Archive(place) as writer:
        writer.add([bell(number) for number in range(4, 121, 4)])
        with TestClient(create_app(Settings(place), {PREFIX: create}), base_url=_HOST + PREFIX) as client:
            seen = _walk(
                client, "/cables", "items", lambda: writer.add([bell(next(numbers)) for _ in range(5)]), q="bell", sort=sort, limit="7", fields="id"
            )  # fmt: skip
        last = [hit.id for hit in writer.search("bell", sort=sort, limit=1000)]
    assert len(set(seen)) == len(seen)
    assert {f"05LIMA{number}" for number in range(4, 121, 4)} <= set(seen)
    if sort in ("id", "-id"):
        assert seen == [key for key in last if key in set(seen)]


def test_a_list_that_is_another_now_is_not_gone_on_with(tmp_path: Path) -> None:
    place = reading.build(tmp_path / "a", odd=False)
    with TestClient(create_app(Settings(place), {PREFIX: create}), base_url=_HOST + PREFIX) as client:
        told = client.get("/cables?limit=5&sort=id").json()
        name = cursors.name_of("cables", "", "id")
        place_then = cursors.from_text(told["next"], name)
        assert place_then is not None
        gone = cursors.Cursor(name, "0/0/index-1", 5, place_then.total, "05GONE1")
        answer = client.get("/cables", params={"limit": 5, "sort": "id", "cursor": cursors.to_text(gone)})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "list-changed")


# exports


def test_exports_are_those_of_the_command(client: TestClient, archive: Archive, folder: Path, tmp_path: Path) -> None:
    for form in ("jsonl", "csv"):
        out = tmp_path / f"all.{form}"
        assert CliRunner().invoke(cli, ["export", str(out), "--query", "bell OR clock", "--archive", str(folder)]).exit_code == 0
        assert client.get("/export", params={"q": "bell OR clock", "format": form}).content == out.read_bytes()
    rows = list(csv.DictReader(io.StringIO(client.get("/export?format=csv").text, newline="")))
    assert [row["id"] for row in rows] == list(archive.ids())
    assert client.get("/export?format=ids").text.split() == list(archive.ids())
    assert client.get("/export?format=csv&q=nothingfitsthis").text.count("\n") == 1


@pytest.mark.parametrize("form", ["jsonl", "records", "csv", "ids"])
def test_an_export_takes_the_same_memory_however_long(archive: Archive, form: str) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            for _ in exported(archive, iter(["07PRAIA501"] * count), form):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20)
    assert peak(200) < 1.5 * peak(60) + 50_000


# who may read

_PASSWORD: Final = "correct pelican battery"


@pytest.mark.parametrize(
    ("password", "token", "sent", "status", "why"),
    [
        (False, False, None, 200, "on this machine, without a word"),
        (False, False, "Bearer anything", 200, "nothing is asked for, so nothing can be wrong"),
        (False, True, None, 401, "a token is asked for on this machine too, if there is one"),
        (False, True, f"Bearer {TOKEN}", 200, "the token"),
        (False, True, f"bearer  {TOKEN} ", 200, "the name of the scheme is in any case (RFC 9110, 11.1)"),
        (False, True, f"Bearer {TOKEN}x", 401, "another token"),
        (False, True, f"Bearer {TOKEN[:-1]}", 401, "a part of it"),
        (False, True, "Bearer ", 401, "an empty one"),
        (False, True, f"Basic {TOKEN}", 401, "another scheme"),
        (True, False, None, 401, "where pages want a password, the API is not open"),
        (True, False, f"Bearer {TOKEN}", 401, "a token where none is taken"),
        (True, True, None, 401, "neither password nor token"),
        (True, True, f"Bearer {TOKEN}", 200, "the token in place of the password"),
        (True, True, "Bearer " + "x" * 39, 401, "a wrong token of the right length"),
    ],
)  # fmt: skip
def test_who_may_read(folder: Path, hashed: str, password: bool, token: bool, sent: str | None, status: int, why: str) -> None:
    given = Settings(folder, password_hash=hashed if password else None, api_token=TOKEN if token else None)
    with TestClient(create_app(given, {PREFIX: create}), base_url=_HOST, follow_redirects=False) as client:
        headers = {"Authorization": sent} if sent is not None else {}
        # The root and the description take long to make; that they are refused is soon seen.
        slow = ("", "/", "/openapi.json") if status == 401 else ()
        for url in (*slow, "/cables/96LAPAZ2075", "/export?format=ids", "/nowhere"):
            answer = client.get(PREFIX + url, headers=headers)
            assert answer.status_code == (404 if status == 200 and url == "/nowhere" else status), (why, url, answer.text[:200])
            if status == 401:
                assert answer.json()["error"]["code"] == "no-token", why
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert TOKEN not in answer.text
        if password:
            # The token opens the API and nothing else.
            assert client.get("/cables/96LAPAZ2075.json", headers=headers).status_code == 401
            assert client.get("/", headers=headers).status_code in (303, 401)


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(_PASSWORD)


def test_who_is_signed_in_may_read_too(folder: Path, hashed: str) -> None:
    with TestClient(create_app(Settings(folder, password_hash=hashed), {PREFIX: create}), base_url=_HOST) as client:
        client.post("/login", data={"password": _PASSWORD}, headers={"Origin": _HOST})
        answer = client.get(f"{PREFIX}/cables/96LAPAZ2075")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("token", ["", "short", "x" * 31, "with blanks in it, which no header has", "ä" * 40, "x" * 40 + "\n"])
def test_a_token_that_could_be_guessed_is_refused(folder: Path, token: str) -> None:
    with pytest.raises(CablegramError, match="32 or more") as refused:
        Settings(folder, api_token=token)
    assert not token or token not in str(refused.value)


def _tokens(folder: Path, clock: Any, client: tuple[str, int] = ("10.0.0.1", 1)) -> TestClient:
    async def inside(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("in")(scope, receive, send)

    return TestClient(Token(inside, token=TOKEN, others=False, clock=clock), base_url=_HOST, client=client)


def test_wrong_tokens_are_slowed(folder: Path) -> None:
    """The brake of the sign-in, client by client: after ten wrong ones in a minute none of this client is looked at for a minute."""
    now = [1000.0]
    client = _tokens(folder, lambda: now[0])
    url, right = f"{PREFIX}/cables", {"Authorization": f"Bearer {TOKEN}"}
    for _ in range(3):
        answers = [client.get(url, headers={"Authorization": f"Bearer {TOKEN}{n}"}).status_code for n in range(10)]
        assert answers == [401] * 10
        answer = client.get(url, headers=right)
        assert answer.status_code == 429, "the right one too, or the brake would be none"
        assert answer.headers["retry-after"] == "60", "never longer: a program with an old token must not keep out its neighbours"
        assert answer.json()["error"]["code"] == "too-many-tries"
        now[0] += 60
        assert client.get(url, headers=right).text == "in"
    assert [client.get(url, headers={"Authorization": "Bearer wrong"}).status_code for _ in range(9)] == [401] * 9
    assert client.get(url, headers=right).text == "in", "the right one lets all be forgotten"
    assert [client.get(url, headers={"Authorization": "Bearer wrong"}).status_code for _ in range(9)] == [401] * 9
    assert client.get(url, headers=right).text == "in"
    # Who comes without a token, or with the right one, is never counted.
    assert {client.get(url).status_code for _ in range(30)} == {401}
    assert {client.get(url, headers=right).status_code for _ in range(30)} == {200}
    for _ in range(30):
        assert client.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401
        now[0] += 7


def test_one_clients_wrong_tokens_slow_no_other(folder: Path) -> None:
    one = _tokens(folder, lambda: 1000.0)
    for n in range(40):
        one.get(f"{PREFIX}/cables", headers={"Authorization": f"Bearer {n}"})
    assert one.get(f"{PREFIX}/cables", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 429
    other = TestClient(one.app, base_url=_HOST, client=("10.0.0.2", 1))
    assert other.get(f"{PREFIX}/cables", headers={"Authorization": f"Bearer {TOKEN}"}).text == "in"


def test_the_token_is_in_no_description(folder: Path) -> None:
    assert TOKEN not in repr(Settings(folder, api_token=TOKEN))


def test_other_names_and_other_sites_get_nothing(client: TestClient) -> None:
    assert client.get("/cables/96LAPAZ2075", headers={"Host": "elsewhere.example"}).status_code == 421
    answer = client.get("/cables/96LAPAZ2075", headers={"Origin": "http://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
