"""A plain citation of a cable or one of its paragraphs, in the manner of the Chicago Manual for archival telegrams."""

from __future__ import annotations

from cablegram.present.page import Page, Section


def citation(page: Page, section: Section | None = None) -> str:
    """One sentence: sender, subject, message number, date, classification, the paragraph, and where the text is from.

    The surname at the end of a telegram is of whoever was in charge and is never made an author.
    """
    cable = page.cable
    sender = (cable.origin.name or cable.origin.address) if cable.origin is not None else None
    parts = [sender or "Unknown post", f"“{(cable.subject or 'no subject').rstrip('.')},” telegram {page.key}"]
    if cable.created is not None:
        parts.append(page.created_words)
    if page.level is not None:
        parts.append(page.level.title() if page.level.isupper() else page.level)
    if section is not None:
        parts.append(f"para. {section.name}" if section.name else f"unnumbered paragraph ({section.anchor})")
    told = ", ".join(parts)
    return f"{told}; text of {page.sources[0]}, SHA-256 {page.version.sha256[:12]}." if page.sources else f"{told}."
