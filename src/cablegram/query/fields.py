"""The fields of the query language: one table, from which the checks, the completion and the documentation are made."""

from __future__ import annotations

import difflib
from typing import Final, NamedTuple

from cablegram.query.errors import QueryError


class FieldInfo(NamedTuple):
    """One field: its ``kind`` says how values are read, ``asks`` what it asks of the index, ``values`` what it can take."""

    name: str
    kind: str
    asks: str
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


FIELDS: Final = (
    FieldInfo("id", "id", "id", "canonical message number; `*` is wild", "id:07NOUAKCHOTT1143", ("mrn",)),
    FieldInfo("from", "post", "from", "the sending post, by name, code or address", "from:NOUAKCHOTT", ("origin",)),
    FieldInfo("to", "post", "to", "an action or info addressee", 'to:"AMEMBASSY DAKAR"'),
    FieldInfo("action", "post", "action", "an action addressee (TO line)", "action:STATE"),
    FieldInfo("info", "post", "info", "an info addressee (INFO line)", "info:RABAT"),
    FieldInfo("country", "country", "country", "country of the sending post, by name or ISO 3166 code", "country:MR"),
    FieldInfo("tags", "code", "tags", "a TAGS code, or a person named in the TAGS line", "tags:EFIS", ("tag",)),
    FieldInfo("class", "level", "class", "classification; also `>=`, `<`", "class:>=SECRET", ("classification", "level")),
    FieldInfo("caption", "code", "captions", "handling caption", "caption:EXDIS", ("captions",)),
    FieldInfo("caveat", "code", "caveats", "dissemination control of the whole message", "caveat:NOFORN", ("caveats",)),
    FieldInfo("precedence", "precedence", "precedence", "precedence; also `>=`, `<`", "precedence:>=IMMEDIATE"),
    FieldInfo("subject", "text", "subject", "words of the subject line", "subject:octopus", ("title",)),
    FieldInfo("signed", "text", "signed", "surname at the end", "signed:MCALLISTER", ("signature",)),
    FieldInfo("classifiedby", "text", "classifiedby", "who classified: name or title", "classifiedby:Pettibone"),
    FieldInfo("date", "date", "date", "day, month or year sent; a range with `..`", "date:2007-10..2008-02", ("created",)),
    FieldInfo("before", "date", "date", "sent before a day, month or year", "before:2008"),
    FieldInfo("after", "date", "date", "sent after a day, month or year", "after:2007-10-18"),
    FieldInfo("year", "date", "date", "year sent; a range with `..`", "year:1975..1976"),
    FieldInfo("decl", "date", "decl", "date of declassification; also `<`, `>=`, a range", "decl:<2020", ("declassify",)),
    FieldInfo("para", "para", "", "the words beside it inside paragraphs with this portion marking", "para:(S) uranium", ("paragraph",)),
    FieldInfo(
        "section", "section", "", "the words beside it inside this part of the text", "section:comment ice",
        values=("summary", "comment", "action", "note", "participants", "quoted", "heading"),
    ),
    FieldInfo("cites", "id", "cites", "cites this cable", "cites:07DAKAR2044"),
    FieldInfo("citedby", "citedby", "", "is cited by this cable", "citedby:07NOUAKCHOTT1143"),
    FieldInfo("refs", "flag", "flags", "references to cables that are held or missing", "refs:missing", values=("missing", "held")),
    FieldInfo(
        "has", "flag", "flags", "the record has this", "has:redactions",
        values=("text", "date", "redactions", "garbles", "summary", "comment", "references", "classifiedby"),
    ),
    FieldInfo(
        "is", "flag", "flags", "the cable is this", "is:partial",
        values=("partial", "corrected", "sections", "incomplete", "joined", "versions", "alike"),
    ),
    FieldInfo("diag", "code-lower", "diagnostics", "a diagnostic of the reader, by its code", "diag:number-skipped"),
    FieldInfo("source", "text", "source", "words of the name of a source", "source:cables.csv"),
)  # fmt: skip
BY_NAME: Final = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
SCOPES: Final = frozenset(("para", "section"))


def check(query: str, name: str, start: int, end: int) -> str:
    """The proper name of the field ``name``. :class:`QueryError` where there is none."""
    found = BY_NAME.get(name.lower())
    if found is None:
        near = difflib.get_close_matches(name.lower(), BY_NAME, 1, 0.6)
        suggestion = f"{near[0]}:" if near else f'"{query[start:end]}"'
        raise QueryError(
            f"there is no field `{name}`", query, start, end, "one of " + ", ".join(f.name for f in FIELDS), suggestion
        )
    return found.name
