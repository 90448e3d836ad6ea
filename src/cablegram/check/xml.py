"""XML of office files, read so that nothing outside of the file is fetched and no entity is put in."""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

from lxml import etree

from cablegram.errors import UnreadableInput

#: Bytes of XML that are read at once: a thousand pages have about ten million.
LONGEST_MEMBER: Final = 80_000_000
_DAMAGED: Final = (
    zipfile.BadZipFile,
    etree.XMLSyntaxError,
    KeyError,
    OSError,
    ValueError,
    NotImplementedError,
    EOFError,
    RuntimeError,
)


def member(data: bytes, inner: str, name: str) -> Any:
    """The root element of the member ``inner`` of a zipped file, None where it has none. :class:`UnreadableInput` for a damaged one, and
    for one with a document type of its own, which no office program writes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if inner not in packed.namelist():
                return None
            if packed.getinfo(inner).file_size > LONGEST_MEMBER:
                raise UnreadableInput(f"{name}: has a text of more than {LONGEST_MEMBER // 1_000_000} MB; it was not read")
            raw = packed.read(inner)
        if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw:
            raise UnreadableInput(f"{name}: declares entities, as no office program does; it was not read")
        return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))
    except UnreadableInput:
        raise
    except _DAMAGED as error:
        raise UnreadableInput(f"{name}: is damaged ({type(error).__name__})") from None


def local(element: Any) -> str:
    """The name of an element without its namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """The value of an attribute by its name without namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None
