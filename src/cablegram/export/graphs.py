"""Forms in which the graph of citations leaves an archive: GraphML, GEXF, CSV. All are streamed, so that memory stays flat.

The libraries that know these forms (networkx, igraph) build the whole document or graph in memory, which a graph of millions forbids;
the forms are simple, and the standard library's XML generator escapes what is written. They are read back by networkx in the tests.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from cablegram.errors import CablegramError
from cablegram.present.cells import cell
from cablegram.study.graph import Edge, Graph, Node

#: What XML cannot hold, escaped or not.
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Names and types of what is told of a node beside its id, and of an edge beside its ends; lists are written as text.
_NODE: Final = {
    "held": "boolean", "created": "string", "post": "string", "classification": "string", "subject": "string", "cites": "int", "cited_by": "int",
}  # fmt: skip
_EDGE: Final = {"ref_line": "boolean", "labels": "string", "paragraphs": "string", "year_source": "string"}


class Written(NamedTuple):
    """How many nodes and edges were written, and to which files."""

    nodes: int
    edges: int
    files: tuple[Path, ...]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        value = ";".join(value)
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _told(one: Node | Edge, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names and values of what is known of a node or an edge."""
    for name in names:
        value = getattr(one, name)
        if value is not None and value != ():
            yield name, _value(value)


class _Xml:
    """An XML document that is written as it goes, each element on a line of its own."""

    def __init__(self, out: TextIOWrapper) -> None:
        self._xml = XMLGenerator(out, "utf-8", short_empty_elements=True)
        self._xml.startDocument()

    def open(self, name: str, **attributes: str) -> None:
        self._xml.startElement(
            name, AttributesImpl({key.rstrip("_").replace("_", "."): value for key, value in attributes.items()})
        )

    def close(self, name: str) -> None:
        self._xml.endElement(name)
        self._xml.ignorableWhitespace("\n")

    def leaf(self, name: str, text: str = "", **attributes: str) -> None:
        self.open(name, **attributes)
        if text:
            self._xml.characters(text)
        self.close(name)


def _graphml(graph: Graph, out: TextIOWrapper) -> tuple[int, int]:
    """GraphML 1.0; every edge is directed, from the citing cable to the cited."""
    xml = _Xml(out)
    xml.open("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for kind, names in (("node", _NODE), ("edge", _EDGE)):
        for name, form in names.items():
            xml.leaf("key", id=f"{kind[0]}-{name}", for_=kind, attr_name=name, attr_type=form)
    xml.open("graph", id="citations", edgedefault="directed")
    nodes = edges = 0
    for node in graph.nodes():
        xml.open("node", id=_value(node.id))
        for name, value in _told(node, _NODE):
            xml.leaf("data", value, key=f"n-{name}")
        xml.close("node")
        nodes += 1
    for edge in graph.edges():
        xml.open("edge", source=_value(edge.source), target=_value(edge.target))
        for name, value in _told(edge, _EDGE):
            xml.leaf("data", value, key=f"e-{name}")
        xml.close("edge")
        edges += 1
    xml.close("graph")
    xml.close("graphml")
    return nodes, edges


def _gexf(graph: Graph, out: TextIOWrapper) -> tuple[int, int]:
    """GEXF 1.2, as Gephi reads it."""
    xml = _Xml(out)
    xml.open("gexf", xmlns="http://www.gexf.net/1.2draft", version="1.2")
    xml.open("graph", defaultedgetype="directed", mode="static")
    for kind, names in (("node", _NODE), ("edge", _EDGE)):
        xml.open("attributes", class_=kind)
        for name, form in names.items():
            xml.leaf("attribute", id=f"{kind[0]}-{name}", title=name, type="integer" if form == "int" else form)
        xml.close("attributes")
    nodes = edges = 0
    xml.open("nodes")
    for node in graph.nodes():
        xml.open("node", id=_value(node.id), label=_value(node.id))
        _attributes(xml, "n", _told(node, _NODE))
        xml.close("node")
        nodes += 1
    xml.close("nodes")
    xml.open("edges")
    for edge in graph.edges():
        xml.open("edge", id=str(edges), source=_value(edge.source), target=_value(edge.target))
        _attributes(xml, "e", _told(edge, _EDGE))
        xml.close("edge")
        edges += 1
    xml.close("edges")
    xml.close("graph")
    xml.close("gexf")
    return nodes, edges


def _attributes(xml: _Xml, kind: str, told: Iterator[tuple[str, str]]) -> None:
    xml.open("attvalues")
    for name, value in told:
        xml.leaf("attvalue", for_=f"{kind}-{name}", value=value)
    xml.close("attvalues")


def _csv_edges(graph: Graph, out: TextIOWrapper) -> int:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Source", "Target", *_EDGE])
    count = 0
    for edge in graph.edges():
        told = dict(_told(edge, _EDGE))
        writer.writerow(map(cell, (_value(edge.source), _value(edge.target), *(told.get(name, "") for name in _EDGE))))
        count += 1
    return count


def _csv_nodes(graph: Graph, out: TextIOWrapper) -> int:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Id", *_NODE])
    count = 0
    for node in graph.nodes():
        told = dict(_told(node, _NODE))
        writer.writerow(map(cell, (_value(node.id), *(told.get(name, "") for name in _NODE))))
        count += 1
    return count


_XML: Final[dict[str, Callable[[Graph, TextIOWrapper], tuple[int, int]]]] = {"graphml": _graphml, "gexf": _gexf}
FORMATS: Final = (*_XML, "csv")


def export_graph(graph: Graph, path: str, wanted: str | None = None) -> Written:
    """Write the graph to ``path`` in the format ``wanted``, or that the file's ending tells; in CSV the nodes go to ``NAME.nodes.csv`` beside it.

    Files appear under their names when they are whole. ``CablegramError`` where they cannot be written.
    """
    place = Path(path)
    form = wanted or place.suffix.lower().lstrip(".")
    if form not in FORMATS:
        raise CablegramError(f"{path}: say which --format: {', '.join(FORMATS)}")
    if not place.name or place.is_dir():
        raise CablegramError(f"{path}: is a folder; give the name of a file in it")
    try:
        if form in _XML:
            with _whole(place) as out:
                nodes, edges = _XML[form](graph, out)
            return Written(nodes, edges, (place,))
        beside = place.with_name(f"{place.stem}.nodes.csv")
        with _whole(place) as out, _whole(beside) as other:
            return Written(_csv_nodes(graph, other), _csv_edges(graph, out), (place, beside))
    except OSError as error:
        raise CablegramError(f"{path}: cannot be written ({error.strerror})") from None


@contextmanager
def _whole(place: Path) -> Iterator[TextIOWrapper]:
    """A text file that appears under its name when the block has ended well."""
    part = place.with_name(place.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        os.replace(part, place)
    finally:
        with suppress(OSError):
            part.unlink()
