"""Reports: lines for a terminal, and a page that stands alone."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Final

from cablegram.check.checking import Checked
from cablegram.check.results import AMBIGUOUS, GHOST, RIGHT, UNKNOWN, WRONG, Citation, Quotation

WORDS: Final = {RIGHT: "right", WRONG: "wrong", GHOST: "not held, but cited", UNKNOWN: "never seen", AMBIGUOUS: "ambiguous"}
RESULTS: Final = {
    "exact": "as in the cable",
    "differs": "differs",
    "elsewhere": "in another cable",
    "not found": "not in the cable",
}
_LONGEST: Final = 160
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "li{margin:0 0 1rem}code{font-size:.95em}.v{font-weight:600;padding:0 .4em;border:1px solid;border-radius:.3em}.p{margin:.2em 0}"
    "del{background:#fdd;color:#000}ins{background:#dfd;color:#000;text-decoration:none}.q{opacity:.8}table{border-collapse:collapse}td,th{padding:.1em 1em .1em 0;text-align:left}"
)


def shortened(text: str, longest: int = _LONGEST) -> str:
    """``text`` on one line, cut in the middle where it is long."""
    text = " ".join(text.split())
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half].rstrip()} ... {text[-half:].lstrip()}"


def told(one: Citation) -> str:
    """The verdict in a line: ``07PRAIA101: wrong``."""
    return f"{one.cable or 'cable not known'}: {WORDS[one.verdict]}"


def remarks(one: Citation) -> list[str]:
    """What there is to say of a citation beside its verdict: problems first."""
    return [*(problem.message for problem in one.problems), *one.notes]


def lines(checked: Checked, *, everything: bool) -> Iterator[str]:
    """The report as lines; ``everything``: also of the citations that are right."""
    for n, one in enumerate(checked.citations, 1):
        if one.verdict == RIGHT and not everything and one.written is None:
            continue
        place = f", {one.place}" if one.place else ""
        yield f"{n}. {shortened(one.text)}{place}"
        yield f"   {told(one)}"
        for remark in remarks(one):
            yield f"   - {remark}"
        for quoted in one.quotations:
            if everything:
                paragraph = f", paragraph {quoted.paragraph}" if quoted.paragraph else ""
                yield f"   “{shortened(quoted.text, 80)}” {RESULTS[quoted.result]}{paragraph}"
        if one.written is not None:
            yield from (f"   > {line}" for line in one.written.split("\n"))
        yield ""
    yield summary(checked)


def summary(checked: Checked) -> str:
    """The numbers in a line."""
    if not checked.citations:
        return "No citation of a cable was found."
    counts = ", ".join(f"{count} {WORDS[verdict]}" for verdict, count in checked.counts.items() if count)
    quoted = [quotation for one in checked.citations for quotation in one.quotations]
    exact = sum(quotation.result == "exact" for quotation in quoted)
    words = f"; {len(quoted)} quotation{'s' if len(quoted) != 1 else ''}, {exact} exact" if quoted else ""
    return f"{len(checked.citations)} citation{'s' if len(checked.citations) != 1 else ''}: {counts}{words}."


def page(checked: Checked) -> str:
    """The report as one HTML file that needs no other; all that comes from manuscript or cables is escaped."""
    e = html.escape
    name = e(checked.manuscript.name)
    out = [
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Citations in {name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Citations in {name}</h1>\n<p>{e(summary(checked))}</p>\n<ol>"
    ]
    for one in checked.citations:
        place = f' <span class="q">({e(one.place)})</span>' if one.place else ""
        out.append(
            f'<li><q>{e(shortened(one.text))}</q>{place}<br><code>{e(one.cable or "?")}</code> <span class="v">{e(WORDS[one.verdict])}</span>'
        )
        out += (f'<p class="p">{e(remark[:1].upper() + remark[1:])}.</p>' for remark in remarks(one))
        out += (f'<p class="p q">{_quotation(quoted)}</p>' for quoted in one.quotations)
        if one.written is not None:
            out.append(f'<p class="p">{e(one.written)}</p>')
        out.append("</li>")
    out.append("</ol>\n</body>\n</html>\n")
    return "\n".join(out)


def _quotation(quoted: Quotation) -> str:
    e = html.escape
    paragraph = f", paragraph {e(quoted.paragraph)}" if quoted.paragraph else ""
    where = f" {e(quoted.found_in)}" if quoted.result == "elsewhere" and quoted.found_in else ""
    changes = "; ".join(f"<del>{e(one.quoted)}</del> <ins>{e(one.cable)}</ins>" for one in quoted.changes)
    return f"“{e(shortened(quoted.text))}”: {e(RESULTS[quoted.result])}{where}{paragraph}{': ' + changes if changes else ''}"
