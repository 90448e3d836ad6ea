"""The JSON of the reading room by its own description: what it promises holds, for any value that it says may be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
import schemathesis
from click.testing import CliRunner
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

import reading
from cablegram.cli.main import cli
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

#: Hypothetical requests for each route.
_EXAMPLES: Final = 25
_HOST: Final = "http://localhost"
ROUTES: Final = [
    "/cables/{ident}.json", "/cables/{ident}.txt", "/cables/{ident}.pdf", "/cables/{ident}/raw.json", "/cables/{ident}/versions.json", "/cables/{ident}/cite.{ending}",
    "/search.json", "/complete.json", "/index.json", "/posts.json", "/posts/{code}.json", "/tags.json", "/tags/{code}.json",
    "/days/{day}.json",
    "/studies.json", "/ghosts.json", "/coverage.json", "/posts/{code}/{year}.json", "/cables/{ident}/thread.json", "/clock.json", "/markings.json",
    "/markings/evidence.json", "/compare.json", "/distribution.json", "/distribution/cables.json", "/cables/{ident}/distribution.json", "/protection.json",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("api") / "archive")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(folder)), base_url=_HOST) as client:
        yield client


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json()
    return told


@pytest.fixture(scope="module")
def schema(folder: Path) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(Settings(folder)), headers={"Host": "localhost"})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", ROUTES)
def test_answers_are_as_described(schema: Any, path: str, mode: GenerationMode) -> None:
    """Status, content type, headers and body are of those that the description names, for values that fit it and for those that do not,
    where the client takes JSON. An address that is too long is refused before any route looks at it, in the same shape.

    Two checks are left out: a value that fits may still name no cable or be no query (404, 400), and what does not is refused only where
    it is looked at (a parameter that nobody described is not)."""
    operation = schema[path]["GET"]
    if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query):
        pytest.skip("there is nothing to get wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=_EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers={"Host": "localhost", "Accept": "application/json, application/pdf, text/plain"})
        if answer.status_code == 414:
            assert answer.json()["error"]["status"] == 414
        else:
            case.validate_response(answer, excluded_checks=[positive_data_acceptance, negative_data_rejection])

    check()


def test_every_route_is_described(described: dict[str, Any]) -> None:
    assert sorted(described["paths"]) == sorted(ROUTES)
    for path, operations in described["paths"].items():
        assert set(operations) == {"get"}, path
        assert operations["get"]["summary"], path
        for parameter in operations["get"].get("parameters", []):
            assert parameter["schema"].get("description") or parameter.get("description"), (path, parameter["name"])
    assert "422" not in json.dumps(list(described["paths"].values()))


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_answers_its_example(client: TestClient, described: dict[str, Any], path: str) -> None:
    """What a reader of the description tries first. (The bundled stories are what it is read beside.)"""
    url, values = path, {}
    for parameter in described["paths"][path]["get"].get("parameters", []):
        example = next(iter(parameter["schema"].get("examples", parameter.get("examples", []))), None)
        if parameter["in"] == "path":
            assert example is not None, f"{parameter['name']} has no example"
            url = url.replace("{" + parameter["name"] + "}", quote(str(example), safe=""))
        elif example is not None:
            values[parameter["name"]] = example
    answer = client.get(url, params=values)
    assert answer.status_code == 200, answer.text[:300]
    kind = next(iter(described["paths"][path]["get"]["responses"]["200"]["content"]))
    assert answer.headers["content-type"].startswith(kind)
    if kind == "application/json":
        assert answer.json()


@pytest.mark.parametrize(
    ("url", "status", "code", "why"),
    [
        ("/cables/05NOWHERE1.json", 404, "not-found", "an id that is not held"),
        ("/cables/05NOWHERE1/raw.json", 404, "not-found", "the same, raw"),
        ("/cables/05NOWHERE1/versions.json", 404, "not-found", "the same, its versions"),
        ("/cables/96LAPAZ2075.json?version=999999", 404, "not-found", "a version that is not held"),
        ("/cables/96LAPAZ2075.json?version=0", 400, "bad-request", "a number that cannot be a version"),
        ("/cables/96LAPAZ2075.json?version=99999999999999999999", 400, "bad-request", "one that no database holds"),
        ("/cables/96LAPAZ2075/versions.json?left=999999", 404, "not-found", "a version that is not held, beside another"),
        ("/search.json?q=class:SECRT", 400, "wrong-query", "a wrong query"),
        ("/search.json?q=%22open", 400, "wrong-query", "a quotation that is not closed"),
        ("/search.json?limit=0", 400, "bad-request", "too few hits"),
        ("/search.json?limit=201", 400, "bad-request", "too many hits"),
        ("/search.json?limit=ten", 400, "bad-request", "no number"),
        ("/search.json?sort=size", 400, "bad-request", "an order that there is not"),
        ("/search.json?q=bell&after=nonsense", 400, "bad-request", "a place that is none"),
        ("/search.json?q=" + "x" * 2001, 400, "bad-request", "too long a query"),
        ("/posts/NOWHERE.json", 404, "not-found", "no post"),
        ("/posts/LIMA.json?page=0", 400, "bad-request", "no page"),
        ("/tags/ZZZZ.json", 404, "not-found", "no TAG"),
        ("/days/1996-13.json", 404, "not-found", "no month"),
        ("/days/yesterday.json", 400, "bad-request", "no day"),
        ("/nowhere.json", 404, "not-found", "no route"),
        ("/cables/%00.json", 400, "bad-path", "a control character"),
        ("/cables/" + "A" * 201 + ".json", 400, "bad-request", "too long an id"),
    ],
)  # fmt: skip
def test_errors_have_one_shape(client: TestClient, url: str, status: int, code: str, why: str) -> None:
    answer = client.get(url)
    assert answer.status_code == status, (why, answer.text[:200])
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (code, status), why
    assert error["message"].strip()
    assert set(error) <= {"code", "message", "status", "query", "start", "end", "expected", "suggestion"}


def test_an_error_is_json_for_who_asked_for_json_and_a_page_for_who_did_not(client: TestClient) -> None:
    for path in ("/cables/05NOWHERE1", "/cables/05NOWHERE1.txt", "/cables/05NOWHERE1.pdf"):
        assert client.get(path, headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")
        assert client.get(path, headers={"Accept": "application/json"}).json()["error"]["code"] == "not-found"


@pytest.mark.parametrize("ident", ["96LAPAZ2075", "07PRAIA501", "07PRAIA666", "06DUSHANBE165", "07PRAIA555", "74REYKJAVIK1167"])
def test_the_record_is_that_of_the_command(client: TestClient, folder: Path, ident: str) -> None:
    """Key by key what ``cablegram show --json`` prints; besides, the thread, which the page shows, and that it is held."""
    done = CliRunner().invoke(cli, ["show", ident, "--json", "--archive", str(folder)])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    record = client.get(f"/cables/{ident}.json").json()
    assert {key: record[key] for key in printed} == printed
    assert set(record) - set(printed) == {"thread", "held"}


@pytest.mark.parametrize("kind", list(reading.PAGES))
def test_head_answers_as_get_without_a_body(client: TestClient, kind: str) -> None:
    url = reading.PAGES[kind] if kind != "version" else "/cables/96LAPAZ2075.json"
    got, head = client.get(url), client.head(url)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(client: TestClient, method: str) -> None:
    answer = client.request(method, "/cables/96LAPAZ2075.json")
    assert answer.status_code in (403, 405)
    assert answer.json()["error"]["message"]


def test_static_files_are_not_sent_twice(client: TestClient) -> None:
    first = client.get("/static/room.css")
    tag = first.headers["etag"]
    again = client.get("/static/room.css", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/room.css", headers={"If-None-Match": '"other"'}).content == first.content


def test_pages_of_hits_are_the_whole_in_order(client: TestClient) -> None:
    """``next`` leads through all of it, without a gap and without one twice, whatever the size of a page."""
    seen: list[str] = []
    after: str | None = None
    while True:
        answer = client.get(
            "/search.json", params={"q": "bell", "sort": "id", "limit": 50, **({"after": after} if after else {})}
        ).json()
        seen += [hit["id"] for hit in answer["hits"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == answer["total"] > 100
