"""Cables set in type: a PDF to print, file and cite."""

from cablegram.typeset.pdf import PAPERS, cable_pdf

__all__ = ["PAPERS", "cable_pdf"]
