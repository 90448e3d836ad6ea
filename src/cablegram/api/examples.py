"""Examples of answers for the description: of the bundled stories, as the demonstration shows them; long texts and lists are cut."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

from cablegram import __version__


def examples() -> dict[str, Any]:
    """By the path of an address, what it answers."""
    text = (files("cablegram.api") / "examples.json").read_text(encoding="utf-8")
    told: dict[str, Any] = json.loads(text.replace("{program version}", __version__))
    return told


def illustrate(app: FastAPI) -> None:
    """Put the examples into the description of ``app``."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        described = made()
        for path, example in examples().items():
            content = described["paths"][path]["get"]["responses"]["200"]["content"]
            kind = "text/plain" if isinstance(example, str) else "application/json"
            content[kind]["example"] = example
        return described

    app.openapi = openapi  # type: ignore[method-assign]
