"""The documentation site: ``python3 run.py docs`` builds it with Sphinx into docs/_build/html, from where it opens without a network."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import cablegram

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

# The notebook's kernel keeps a history and the addresses that it listens on in the user's home, if it is not told otherwise.
_SCRATCH = tempfile.mkdtemp(prefix="cablegram-docs-")
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)
for _variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
    os.environ[_variable] = str(Path(_SCRATCH) / _variable.lower())
os.environ["TMPDIR"] = _SCRATCH  # where a notebook that fails half-way leaves what it made
# It warns that it is reached over TCP; that is on this machine, for fictional cables, and with a key.
_kernel = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "ipython_kernel_config.py"
_kernel.parent.mkdir(parents=True)
_kernel.write_text("c = get_config()\nc.IPKernelApp.log_level = 40\nc.HistoryManager.enabled = False\n", encoding="utf-8")
os.environ.pop("CABLEGRAM_ARCHIVE", None)

project = "cablegram"
author = "the authors of cablegram"
release = version = cablegram.__version__
language = "en"
exclude_patterns = ["_build", "extensions", "search.md"]  # that one as query-language: extensions/generated.py

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_click", "generated", "less", "self_contained"]

# Pages are read on code hosts too: what they have beyond plain Markdown is kept to what shows there as a quiet block.
myst_enable_extensions: list[str] = []
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 60
nb_merge_streams = True
# Widgets would be fetched from elsewhere.
nb_ipywidgets_js: dict[str, dict[str, str]] = {}

# Only what is ours must lead somewhere: the pages of Python and of other packages are not here.
nitpick_ignore_regex = [(r"py:.*", r"(?!cablegram\b).*"), (r"py:(mod|data)", r"cablegram\..+")]
# What is handed on and not looked into; of rows, pages tell the columns.
_HANDED_ON = (
    "archive.archive.Masked",
    "archive.codec.Stored",
    "archive.store.Store",
    "study.sides.Side",
    "study.summed.Claim",
    "study.summed.Row",
)
nitpick_ignore = [("py:class", f"cablegram.{name}") for name in _HANDED_ON]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

smartquotes = False  # quotation marks and dashes are the subject of these pages
highlight_language = "none"
pygments_style = "default"
pygments_dark_style = "github-dark"

html_theme = "furo"
html_title = f"cablegram {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_domain_indices = False
html_show_sourcelink = False
html_show_search_summary = False  # read by requests, which a browser refuses in a folder
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#8c2f22", "color-brand-content": "#8c2f22", "color-brand-visited": "#6d3a31"},
    "dark_css_variables": {"color-brand-primary": "#e58b6c", "color-brand-content": "#e58b6c", "color-brand-visited": "#d3a08e"},
}
