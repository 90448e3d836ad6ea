"""XML of office files, read so that nothing outside of the file is fetched and no entity is put in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
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
        root: Any = etree.fromstring(
            raw, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        )
        # Asked of the parser, as the bytes may be of any encoding.
        if root.getroottree().docinfo.doctype or b"<!ENTITY" in raw:
            raise UnreadableInput(f"{name}: declares entities, as no office program does; it was not read")
        return root
    except UnreadableInput:
        raise
    except _DAMAGED as error:
        # The stubs do not know the code.
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        raise UnreadableInput(f"{name}: is damaged ({type(error).__name__})") from None


def outside(root: Any, names: frozenset[str], skipped: frozenset[str]) -> Iterator[Any]:
    """The elements called one of ``names`` in order, without those in an element of ``skipped``. In a time that does not grow with the depth."""
    inside = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        kind = local(element)
        if kind in skipped:
            inside += 1 if event == "start" else -1
        elif kind in names and event == "start" and not inside:
            yield element


def cell_of(paragraph: Any, name: str) -> tuple[Any, Any]:
    """The row and the cell, an element called ``name``, in which a paragraph stands; both None where it is in no table."""
    cell = paragraph.getparent()
    return (cell.getparent(), cell) if cell is not None and local(cell) == name else (None, None)


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
