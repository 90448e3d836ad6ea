"""The examples of the API's description. Run by itself it writes them anew: ``python tests/api_examples.py``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi.testclient import TestClient

import reading
from cablegram import __version__
from cablegram.api.app import PREFIX, create
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

FILE: Final = Path(__file__).parent.parent / "src" / "cablegram" / "api" / "examples.json"
#: What is asked; without it the examples of the parameters are.
_ASKED: Final[dict[str, dict[str, Any]]] = {
    "/cables": {"q": "clock", "sort": "date", "limit": 2},
    "/search/facets": {"q": "clock"},
    "/ghosts": {"post": "LAPAZ", "limit": 1},
    "/clock": {"as_of": "2010-12-31", "q": "clock", "limit": 1},
    "/markings": {"q": "from:SANTIAGO"},
}
#: Addresses that give a stream.
_WITHOUT: Final = frozenset({"/export"})
_LONGEST: Final = 240
_MOST: Final = 2
_MOST_KEYS: Final = 40


def shortened(value: Any) -> Any:
    """``value`` with long lists and texts cut."""
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in [*value.items()][:_MOST_KEYS]}
    if isinstance(value, list):
        return [shortened(one) for one in value[:_MOST]]
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST].rsplit(' ', 1)[0]} ..."
    return value


def asked(client: TestClient, described: dict[str, Any]) -> dict[str, Any]:
    """By the path of an address, what it answers to the example, cut."""
    out: dict[str, Any] = {}
    for path, operations in described["paths"].items():
        if path in _WITHOUT:
            continue
        url, values = path, dict(_ASKED.get(path, {}))
        for parameter in operations["get"].get("parameters", []):
            example = next(iter(parameter["schema"].get("examples", parameter.get("examples", []))), None)
            if parameter["in"] == "path":
                if parameter["name"] == "version":
                    example = client.get("/cables/96LAPAZ2075/versions").json()["versions"][0]["version"]
                url = url.replace("{" + parameter["name"] + "}", quote(str(example), safe=""))
            elif example is not None and path not in _ASKED:
                values[parameter["name"]] = example
        answer = client.get(url, params=values)
        assert answer.status_code == 200, (url, answer.text)
        out[path] = shortened(answer.json() if answer.headers["content-type"] == "application/json" else answer.text)
    return out


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = reading.build(Path(place) / "archive", odd=False)
        with TestClient(create_app(Settings(folder), {PREFIX: create}), base_url=f"http://localhost{PREFIX}") as client:
            told = asked(client, client.get("/openapi.json").json())
    text = json.dumps(told, ensure_ascii=False, indent=1).replace(f"cablegram {__version__}", "cablegram {program version}")
    FILE.write_text(text.replace(f'"parser": "{__version__}"', '"parser": "{program version}"') + "\n", encoding="utf-8")
    print(f"{FILE}  {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
