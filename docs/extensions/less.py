"""The references of library and commands: what the tools would say, and docstrings and help texts say better."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def _skip(app: Sphinx, what: str, name: str, value: object, skip: bool, options: object) -> bool | None:
    """Fields of named tuples ("Alias for field number 0") and slots: class docstring and signature have them."""
    return True if type(value).__name__ in ("_tuplegetter", "member_descriptor") else None


def _empty(app: Sphinx, context: object, lines: list[str]) -> None:
    """Arguments ("Optional argument") and the environment variable, again for every command: usage and help have them."""
    lines.clear()


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("autodoc-skip-member", _skip)
    # sphinx-click announces one name and uses the other.
    app.add_event("sphinx-click-process-envars")
    for part in ("arguments", "envars", "envvars"):
        app.connect(f"sphinx-click-process-{part}", _empty)
    return {"parallel_read_safe": True}
