"""What the framework does otherwise than we want, put right for an application."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Send


def describe(app: FastAPI) -> None:
    """Take out of the description what is answered in our own shape instead: the framework's 422."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        described = made()
        for path in described["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            described.get("components", {}).get("schemas", {}).pop(name, None)
        return described

    app.openapi = openapi  # type: ignore[method-assign]


def without_body(send: Send) -> Send:
    """``send`` for the answer to HEAD: that of GET without its body."""

    async def bare(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bare
