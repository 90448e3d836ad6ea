"""Tables of the reference, made from the program's own registries and data files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from markdown import code, codes, marked, plain, table

from cablegram.archive.lint import RULES
from cablegram.cite.formats import FORMS
from cablegram.cite.styles import STYLES
from cablegram.present.explain import LINES, PRECEDENCES
from cablegram.query.fields import FIELDS, SCOPES
from cablegram.vocabulary.collectives import Member, all_collectives
from cablegram.vocabulary.countries import country_name
from cablegram.vocabulary.levels import LEVELS
from cablegram.vocabulary.orders import all_rules
from cablegram.vocabulary.posts import all_posts
from cablegram.vocabulary.tables import read_table
from cablegram.vocabulary.tags import all_tags
from cablegram.vocabulary.terms import all_terms

_GROUPS: Final = {
    "caption": "Handling captions", "precedence": "Precedences", "order": "Executive orders on classification",
    "declassification": "Codes of the E.O. line", "prosign": "Prosigns and operating signals", "acronym": "Acronyms",
}  # fmt: skip


def _years(since: int | None, until: int | None) -> str:
    return "" if since is None and until is None else f"{since or ''}–{until or ''}"


def query_fields() -> str:
    """Fields of the query language."""
    rows = (
        (code(f"{one.name}:"), codes(f"{name}:" for name in one.aliases), ("**scope**: " if one.name in SCOPES else "") + marked(one.help),
         codes(one.values), code(one.example))
        for one in FIELDS
    )  # fmt: skip
    return table(("field", "also", "finds", "values", "example"), rows)


def levels() -> str:
    """Levels of classification, the lowest first."""
    return table(("level", "code"), ((code(one.name), code(one.code)) for one in LEVELS))


def precedences() -> str:
    """Precedences."""
    return table(("precedence", "means"), ((code(name), plain(means)) for name, means in PRECEDENCES.items()))


def lint_rules() -> str:
    """What lint questions, besides the warnings and errors of the reader."""
    return table(("rule", "finds"), ((code(name), plain(finds)) for name, finds in RULES.items()))


def line_kinds() -> str:
    """Kinds of leaves of the tree."""
    return table(("kind", "what it is"), ((code(kind), plain(what)) for kind, what in LINES.items()))


def citation_styles() -> str:
    """Styles of citation, and formats for reference managers."""
    rows = [
        (code(one.name), plain(one.title), "entry of a list" if one.entry else "note", code(f"{one.file}.csl"))
        for one in STYLES.values()
    ]
    rows += [(code(name), f"format ({plain(form.media)})", f"{code('.' + form.ending)} file", "") for name, form in FORMS.items()]
    return table(("`--style`", "title", "makes", "style file"), rows)


def posts() -> str:
    """The table of posts."""
    rows = (
        (code(one.code), plain(one.name), plain(one.kind), plain(country_name(one.country)), plain(one.address), plain(", ".join(one.routing)),
         plain(", ".join(one.aliases)), _years(one.since, one.until), code(one.renamed or ""))
        for one in all_posts()
    )  # fmt: skip
    return table(("code", "name", "kind", "country", "address", "routing", "also spelled", "years", "later"), rows)


def tags() -> str:
    """The table of TAGS."""
    rows = ((code(one.code), plain(one.kind), plain(one.meaning), _years(one.since, one.until)) for one in all_tags())
    return table(("code", "kind", "stands for", "years"), rows)


def terms() -> str:
    """Small vocabularies, one section each."""
    parts = []
    for group in dict.fromkeys(one.group for one in all_terms()):
        rows = (
            (code(one.code), plain(one.meaning), _years(one.since, one.until), plain(one.rule))
            for one in all_terms()
            if one.group == group
        )
        parts.append(f"### {_GROUPS[group]}\n\n{table(('code', 'meaning', 'years', 'rule'), rows)}")
    return "\n".join(parts)


def orders() -> str:
    """Schedules of the executive orders, one row a rule."""
    rows = (
        (plain(one.order), code(one.mark), code(one.level), plain(one.effect), plain(one.years or ""), plain(one.counted), plain(one.rule), plain(one.words))
        for one in all_rules()
    )  # fmt: skip
    return table(("order", "mark", "level", "effect", "years", "counted", "section", "what it says"), rows)


def _member(one: Member) -> str:
    years = _years(one.since, one.until)
    return f"{one.country} {years}".strip()


def collectives() -> str:
    """Collective addresses with their members."""
    rows = (
        (plain(one.name), plain("; ".join(one.aliases)), plain(", ".join(one.kinds)), plain(", ".join(map(_member, one.members))))
        for one in all_collectives()
    )
    return table(("name", "also spelled", "reaches", "members, with the years in which they belong"), rows)


def bodies() -> str:
    """Bodies that are no posts, with their spellings on address lines."""
    rows = (
        (plain(row["name"]), plain(row["aliases"].replace(";", "; ")), plain(row["evidence"])) for row in read_table("bodies")
    )
    return table(("name", "also spelled", "evidence"), rows)


def variants() -> str:
    """Families of spellings that a search takes for one word."""
    return table(
        ("spellings", "kind"),
        ((plain(row["spellings"].replace(";", ", ")), plain(row["kind"])) for row in read_table("variants")),
    )


PARTS: Final[dict[str, Callable[[], str]]] = {
    "query-fields": query_fields, "levels": levels, "precedences": precedences, "lint-rules": lint_rules, "line-kinds": line_kinds,
    "citation-styles": citation_styles, "posts": posts, "tags": tags, "terms": terms, "orders": orders, "collectives": collectives, "bodies": bodies, "variants": variants,
}  # fmt: skip
