"""What hangs together in a graph of citations: components, cycles, chains. The algorithms are rustworkx's (``cablegram[graph]``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cablegram.errors import CablegramError
from cablegram.study.graph import Graph

if TYPE_CHECKING:
    from rustworkx import PyDiGraph

#: Edges that are given to the library at once: as Python's tuples they take more memory than there.
_CHUNK: Final = 200_000
_SHOWN: Final = 20


class Shape(NamedTuple):
    """The shape of a graph, in numbers of nodes: ``components`` their sizes, largest first; ``cycles`` the groups of cables each of which
    leads to each other; ``mutual`` pairs that cite each other; ``chains`` longest ones, each from the latest cable to what it rests on."""

    components: list[int]
    cycles: list[list[int]]
    mutual: list[tuple[int, int]]
    chains: list[list[int]]


def shape(count: int, edges: Iterable[tuple[int, int]], chains: int = 5) -> Shape:
    """The shape of the graph of ``count`` nodes, numbered from 0, and ``edges`` from the citing to the cited; edges to itself are left out.

    The chains have no cable in common, and use no edge within a cycle. ``CablegramError`` where rustworkx is not installed.
    """
    try:
        import rustworkx as rx
    except ImportError:
        raise CablegramError("this wants rustworkx: install `cablegram[graph]`") from None
    graph: PyDiGraph[None, None] = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from([None] * count)
    rest = (edge for edge in edges if edge[0] != edge[1])
    while some := list(islice(rest, _CHUNK)):
        graph.add_edges_from_no_data(some)
    components = sorted(map(len, rx.weakly_connected_components(graph)), reverse=True)
    cycles = [sorted(one) for one in rx.strongly_connected_components(graph) if len(one) > 1]
    cycles.sort(key=lambda one: (-len(one), one))
    group = {node: n for n, members in enumerate(cycles) for node in members}
    inner = [(node, other) for node in group for other in graph.successor_indices(node) if group.get(other) == group[node]]
    known = set(inner)
    mutual = sorted((a, b) for a, b in inner if a < b and (b, a) in known)
    graph.remove_edges_from(inner)
    order = list(rx.topological_sort(graph))
    taken: set[int] = set()
    found: list[list[int]] = []
    while len(found) < chains and len(chain := _longest(graph, order, taken)) > 1:
        taken.update(chain)
        found.append(chain)
    return Shape(components, cycles, mutual, found)


def _longest(graph: PyDiGraph[None, None], order: Sequence[int], taken: set[int]) -> list[int]:
    """The longest chain without nodes that are ``taken``. Of chains as long always the same: the library's own may give any of them."""
    length = [0] * len(order)
    before = [-1] * len(order)
    for node in order:
        if node not in taken:
            for other in graph.predecessor_indices(node):
                if other not in taken and (length[other] + 1, -other) > (length[node], -before[node]):
                    length[node], before[node] = length[other] + 1, other
    last = max(range(len(order)), key=lambda node: (length[node], -node), default=-1)
    chain: list[int] = []
    while last >= 0:
        chain.append(last)
        last = before[last]
    return chain[::-1]


def summary(graph: Graph, limit: int = _SHOWN) -> dict[str, Any]:
    """All that ``graph --summary --json`` prints, as plain data; lists have at most ``limit`` members, counts count all."""
    numbers: dict[str, int] = {}
    edges = [(numbers.setdefault(a, len(numbers)), numbers.setdefault(b, len(numbers))) for a, b in graph.pairs()]
    found = shape(len(numbers), edges)
    ids = list(numbers)
    itself, future = graph.to_itself(), graph.future()
    sizes = Counter(found.components)
    return {
        "query": graph.query,
        **graph.counts(),
        "components": {"count": len(found.components), "largest": found.components[:limit], "pairs": sizes[2]},
        "most_cited": [{"cable": key, "cited_by": count, "held": held} for key, count, held in graph.most_cited(limit)],
        "chains": [_named(chain, ids) for chain in found.chains],
        "mutual": {"count": len(found.mutual), "pairs": [_named(pair, ids) for pair in found.mutual[:limit]]},
        "cycles": {"count": len(found.cycles), "groups": [_named(one[:limit], ids) for one in found.cycles[:limit]]},
        "itself": {"count": len(itself), "cables": itself[:limit]},
        "future": {
            "count": len(future),
            "citations": [
                {"cable": a, "created": when, "cites": b, "which_was_sent": later} for a, when, b, later in future[:limit]
            ],
        },
    }  # fmt: skip


def _named(nodes: Sequence[int], ids: Sequence[str]) -> list[str]:
    return [ids[node] for node in nodes]
