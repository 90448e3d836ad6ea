"""cablegram reads diplomatic cables (State Department record telegrams) into typed, lossless records."""

from __future__ import annotations

from cablegram.cable import Cable
from cablegram.errors import CablegramError, UnreadableInput
from cablegram.interpret.reader import parse
from cablegram.reading import read

__version__ = "0.1.0"
__all__ = ["Cable", "CablegramError", "UnreadableInput", "__version__", "parse", "read"]
