"""The shape of the house: imports run one way only."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "cablegram"
#: What each room may import of ours, besides itself (../shared/DESIGN.md: one direction of flow).
MAY = {
    "spans": set(),
    "errors": set(),
    "record": {"spans"},
    "sources": {"spans", "errors"},
    "telegram": {"spans", "errors"},
    "vocabulary": {"errors"},
    "restore": {"spans", "vocabulary", "telegram"},
    "cable": {"record", "spans", "telegram", "sources"},
    "interpret": {"telegram", "vocabulary", "record", "restore", "spans", "cable", "sources"},
    "reading": {"cable", "interpret", "sources"},
    "query": {"errors", "vocabulary"},
    "archive": {"cable", "errors", "interpret", "query", "record", "restore", "sources", "spans", "vocabulary"},
    "fiction": {"errors", "vocabulary"},
    "export": {"archive", "cable", "cite", "errors", "present", "record", "restore", "study", "vocabulary"},
    "versions": {"cable", "record", "spans", "telegram"},
    "study": {"archive", "cable", "errors", "interpret", "query", "record", "spans", "telegram", "versions", "vocabulary"},
    "protect": {"archive", "cable", "errors", "interpret", "record", "restore", "spans", "study", "telegram", "vocabulary"},
    "present": {"archive", "cable", "errors", "interpret", "record", "restore", "spans", "study", "telegram", "vocabulary"},
    "typeset": {"cite", "errors", "present"},
    "measure": {"archive", "cable", "check", "errors", "fiction", "interpret", "reading", "sources", "study", "vocabulary"},
    "cite": {"archive", "cable", "errors", "interpret", "record", "study", "vocabulary"},
    "check": {
        "archive",
        "cable",
        "cite",
        "errors",
        "interpret",
        "query",
        "record",
        "sources",
        "spans",
        "study",
        "telegram",
        "vocabulary",
    },
    "client": {"archive", "cable", "errors", "query", "record", "spans"},
    "wire": set(),
    "api": {
        "archive",
        "cable",
        "cite",
        "errors",
        "export",
        "interpret",
        "present",
        "query",
        "study",
        "versions",
        "vocabulary",
        "wire",
    },
    "web": {
        "archive",
        "check",
        "cite",
        "errors",
        "present",
        "protect",
        "query",
        "study",
        "typeset",
        "versions",
        "vocabulary",
        "wire",
    },
    "mcp": {"archive", "cable", "check", "cite", "errors", "interpret", "study"},
    "cli": {"*"},
    "__init__": {"*"},
}


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "cablegram" else [f"cablegram.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("cablegram.") and name != "cablegram.__version__"}
    return rooms


def test_imports_run_one_way() -> None:
    """No room imports one that stands behind it in the flow."""
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        room = _room(path)
        allowed = MAY[room]
        if "*" not in allowed:
            wrong += [f"{path.name}: {room} -> {other}" for other in _imports(path) - allowed - {room}]
    assert wrong == []


def test_modules_stay_small() -> None:
    """A module past 400 lines is two duties."""
    long = {path.name: n for path in SOURCE.rglob("*.py") if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}
