"""Links in the running text: every reference that is resolved, none through a mark of protection, and no character lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

import cablegram
from cablegram import Archive
from cablegram.interpret.mentions import citing_of
from cablegram.present.runs import Run, runs_of
from cablegram.protect.masking import masked
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

FORM = (
    "R 010203Z MAY 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 005000\n\nE.O. 12958: N/A\nTAGS: PGOV, PE\nSUBJECT: THE BELL\n\n"
    "REF: A. STATE 12345\nB. QUITO 700\nC. STATE 93410 THRU 93412\n\n1. (U) {body}\n\nFENWICK\n"
)


def runs(cable: cablegram.Cable) -> list[Run]:
    return runs_of(cable, cable.paragraphs[0], citing=citing_of(cable))


@pytest.mark.parametrize(
    ("body", "links", "why"),
    [
        ("See ref B, LIMA 4999 and USUN 1234.", {"ref B": "07QUITO700", "LIMA 4999": "07LIMA4999", "USUN 1234": "07USUNNEWYORK1234"}, "by label and by number; an acronym inside does not cut the link"),
        ("Refs A-C and reftel.", {"Refs A": "07STATE12345"}, "C is three cables and reftel five: no link to one of them"),
        ("STATE 12345-12347 and 12350 agree, STATE 1?345 does not.", {"STATE 12345": "07STATE12345", "12347": "07STATE12347"}, "the ends of a run; a damaged number is no link"),
        ("In PARIS 200 people heard it.", {}, "a place and a plain number"),
    ],
)  # fmt: skip
def test_references_are_links(body: str, links: dict[str, str], why: str) -> None:
    assert {run.text: run.cites for run in runs(cablegram.parse(FORM.format(body=body))) if run.cites} == links, why


@given(
    st.lists(
        st.sampled_from(
            [
                "ref",
                "A",
                "refs",
                "B-C",
                "STATE",
                "LIMA",
                "12345",
                "12345-12348",
                "and",
                ",",
                "USUN 1234",
                "our cable",
                "NATO",
                "XXXXXX",
                "(b)",
            ]
        ),
        max_size=25,
    )
)
def test_runs_join_to_the_text(words: list[str]) -> None:
    cable = cablegram.parse(FORM.format(body=f"Text {' '.join(words)}"))
    told = runs(cable)
    assert "".join(run.text for run in told) == cable.paragraphs[0].text
    assert not any(run.redacted and run.cites for run in told)


def test_no_link_goes_through_a_mark_of_protection(tmp_path: Path) -> None:
    """The name of a source stands where the post of a number would: masked, the number is of no post; other links stay, escaped."""
    body = "Esteban Quito (strictly protect) wrote '<b>' in LIMA 4999. Another one is by QUITO 4567, as ref A says."
    cable = cablegram.parse(FORM.format(body=body))
    assert {run.cites for run in runs(cable) if run.cites} == {"07LIMA4999", "07QUITO4567", "07STATE12345"}
    hidden = masked(cable)
    told = runs(hidden)
    assert "[protected name]" in hidden.paragraphs[0].text
    assert {run.text: run.cites for run in told if run.cites} == {"LIMA 4999": "07LIMA4999", "ref A": "07STATE12345"}
    with Archive(tmp_path / "a") as archive:
        archive.add([hidden])
    with TestClient(create_app(Settings(tmp_path / "a")), base_url="http://localhost") as client:
        page = client.get("/cables/07LIMA5000").text
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert '<a class="ref missing" href="/cables/07LIMA4999" title="07LIMA4999: not held in this archive">LIMA 4999<' in page
    assert '<a class="ref missing" href="/cables/07STATE12345" title="07STATE12345: not held in this archive">ref A<' in page
    assert "07QUITO4567" not in page
