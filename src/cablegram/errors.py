"""The few errors that a caller of cablegram has to know."""

from __future__ import annotations


class CablegramError(Exception):
    """Base of all errors of this package; its message is one line that says what to do."""


class UnreadableInput(CablegramError):
    """The input as a whole cannot be read: it is missing, binary, or of no known form."""


class ArchiveError(CablegramError):
    """An archive cannot be opened, written or trusted: it is missing, in use, damaged, full, or of a newer program."""


class NotHeld(CablegramError):
    """A cable, a version or a paragraph that the archive does not have."""
