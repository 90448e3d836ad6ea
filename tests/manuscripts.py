"""Manuscripts for tests: one text with notes in each form that is read."""

from __future__ import annotations

import io
import zipfile
from html import escape
from typing import Final

#: Paragraphs with the number of the note at their end, and the notes; a paragraph that begins with ">" is a block quotation.
BODY: Final = (
    ("The observatory's clock did not arrive.", 1),
    ("“Nobody has opened it,” the consul learned.", 2),
    (">A trader says that my post has been ended. I do not believe traders.", 3),
    ("The buoy had “not been heard since 0200 GMT September 9.”", 4),
)
NOTES: Final = (
    "Embassy Santiago to State, telegram 1207, February 12, 1996, “Observatory Clock Fails to Arrive in Antofagasta.”",
    "La Paz 1933, 21 February 1996, para. 2.",
    "09KATHMANDU706, para. 5; Kathmandu 812, 23 September 2009.",
    "Reykjavik 1118, September 11, 1974.",
)
#: What the checker must say of them: the cable, the verdict, kinds of problems, and results of quotations.
WANTED: Final = [
    ("96SANTIAGO1207", "right", [], []),
    ("96LAPAZ1933", "wrong", ["date"], ["exact"]),
    ("09KATHMANDU706", "right", [], ["exact"]),
    ("09KATHMANDU812", "right", [], []),
    ("74REYKJAVIK1118", "wrong", ["quotation"], ["differs"]),
]
_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def packed(members: dict[str, str | bytes]) -> bytes:
    """A zip file of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def markdown() -> str:
    """As Markdown."""
    body = "\n\n".join(f"{'> ' + text[1:] if text.startswith('>') else text}[^{n}]" for text, n in BODY)
    return body + "\n\n" + "\n".join(f"[^{n}]: {note}" for n, note in enumerate(NOTES, 1)) + "\n"


def plain() -> str:
    """As plain text with numbered notes."""
    body = "\n\n".join(f"{text.lstrip('>')}[{n}]" for text, n in BODY)
    return body + "\n\nNotes\n\n" + "\n".join(f"{n}. {note}" for n, note in enumerate(NOTES, 1)) + "\n"


def docx(extra: str = "") -> bytes:
    """As a Word file: notes 1 to 3 at the foot, the last at the end; a deletion and a table are in it. ``extra`` goes to the body."""
    kinds = ["footnote", "footnote", "footnote", "endnote"]
    paragraphs = ""
    for text, n in BODY:
        style = '<w:pPr><w:pStyle w:val="Q"/></w:pPr>' if text.startswith(">") else ""
        half = len(text) // 2
        runs = "".join(
            f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>'
            for part in (text.lstrip(">")[:half], text.lstrip(">")[half:])
        )
        gone = "<w:del><w:r><w:delText>Praia 101, May 3, 2007.</w:delText></w:r></w:del>"
        paragraphs += f'<w:p>{style}{runs}{gone}<w:r><w:{kinds[n - 1]}Reference w:id="{n}"/></w:r></w:p>'
    table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A table.</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    notes = {kind: "".join(f'<w:{kind} w:id="{n}"><w:p><w:r><w:{kind}Ref/></w:r><w:r><w:t xml:space="preserve"> {escape(note)}</w:t></w:r></w:p></w:{kind}>'
                           for n, note in enumerate(NOTES, 1) if kinds[n - 1] == kind) for kind in ("footnote", "endnote")}  # fmt: skip
    separator = '<w:footnote w:id="-1" w:type="separator"><w:p><w:r><w:t>State 1234, 5 May 1996</w:t></w:r></w:p></w:footnote>'
    overrides = "".join(f'<Override PartName="/word/{part}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in (
        ("document", "document.main"), ("footnotes", "footnotes"), ("endnotes", "endnotes"), ("styles", "styles")))  # fmt: skip
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_REL}/{part}" Target="{part}.xml"/>'
        for n, part in enumerate(("footnotes", "endnotes", "styles"))
    )
    namespace = "http://schemas.openxmlformats.org/package/2006"
    return packed({
        "[Content_Types].xml": f'<Types xmlns="{namespace}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        f'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{namespace}/relationships"><Relationship Id="r1" Type="{_REL}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{namespace}/relationships">{relations}</Relationships>',
        "word/document.xml": f"<w:document {_W}><w:body>{paragraphs}{table}{extra}</w:body></w:document>",
        "word/footnotes.xml": f"<w:footnotes {_W}>{separator}{notes['footnote']}</w:footnotes>",
        "word/endnotes.xml": f"<w:endnotes {_W}>{notes['endnote']}</w:endnotes>",
        "word/styles.xml": f'<w:styles {_W}><w:style w:type="paragraph" w:styleId="Q"><w:name w:val="Block Quote"/></w:style></w:styles>',
    })  # fmt: skip


def odt() -> bytes:
    """As an OpenDocument text."""
    ns = ('xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
          ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"')  # fmt: skip
    paragraphs = ""
    for text, n in BODY:
        style = "P1" if text.startswith(">") else "Standard"
        kind = "endnote" if n == 4 else "footnote"
        note = (f'<text:note text:note-class="{kind}"><text:note-citation>{n}</text:note-citation><text:note-body><text:p>{escape(NOTES[n - 1])}</text:p>'
                "</text:note-body></text:note>")  # fmt: skip
        words = escape(text.lstrip(">")).replace(" ", "<text:s/>", 1)
        paragraphs += f'<text:p text:style-name="{style}">{words}{note}</text:p>'
    styles = (
        '<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Quotations"/></office:automatic-styles>'
    )
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {ns}>{styles}<office:body><office:text>{paragraphs}</office:text></office:body></office:document-content>",
    })  # fmt: skip


def html() -> str:
    """As a page, with links between marks and notes, a script, and navigation."""
    body = "".join(
        f"<{'blockquote' if text.startswith('>') else 'p'}>{escape(text.lstrip('>'))}<sup id='b{n}'><a href='#n{n}'>[{n}]</a></sup></{'blockquote' if text.startswith('>') else 'p'}>"
        for text, n in BODY
    )
    notes = "".join(f"<li id='n{n}'><p>{escape(note)} <a href='#b{n}'>↩</a></p></li>" for n, note in enumerate(NOTES, 1))
    return f"<!DOCTYPE html><html><head><title>State 1234, 5 May 1996</title><script>var a='Praia 101, 3 May 2007';</script></head><body>{body}<ol>{notes}</ol></body></html>"


def pdf() -> bytes:
    """As a PDF with the notes at the foot of its pages, and a running head."""
    import typst

    def typed(text: str) -> str:
        return "".join(f"\\{c}" if c in "\\#*_$@<>[]`~=-+/'\"" else c for c in text)

    body = "\n\n".join(
        f"{typed(text.lstrip('>'))}#footnote[{typed(NOTES[n - 1])}]\n\n#lorem(120)\n\n#pagebreak()" for text, n in BODY
    )
    made = typst.compile(
        f"#set page(width: 12cm, height: 16cm, header: [A History of Clocks])\n#set text(size: 9pt)\n{body}".encode()
    )
    assert isinstance(made, bytes)
    return made
