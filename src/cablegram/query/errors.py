"""What is wrong with a query, and where."""

from __future__ import annotations

from cablegram.errors import CablegramError


class QueryError(CablegramError):
    """A query that cannot be understood: ``start`` and ``end`` are offsets in ``query`` of what is wrong, ``expected`` says
    what could stand there, ``suggestion`` is a query or word to try instead, or None."""

    def __init__(self, message: str, query: str, start: int, end: int, expected: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.start = start
        self.end = max(end, start + 1)
        self.expected = expected
        self.suggestion = suggestion

    def __str__(self) -> str:
        try_this = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.message} (at character {self.start + 1}); expected {self.expected}{try_this}"

    def pointer(self) -> str:
        """The query with a line below it that points at the place."""
        low = max(0, self.start - 60)
        shown = "".join(c if c.isprintable() else " " for c in self.query[low : low + 100])
        return f"{shown}\n{' ' * (self.start - low)}{'^' * max(1, min(self.end, low + 100) - self.start)}"

    def to_dict(self) -> dict[str, object]:
        """As plain data."""
        return {
            "message": self.message, "query": self.query, "span": [self.start, self.end], "expected": self.expected,
            "suggestion": self.suggestion,
        }  # fmt: skip
