#!/usr/bin/env python3
"""Set up and run, with nothing but Python 3.11 and pip: ``python3 run.py test``, ``python3 run.py parse FILE``.

The first call makes ``.venv`` beside this file and installs the package there, with the versions of constraints.txt.
``test [ARGS]``, ``lint``, ``types`` and ``docs`` (the documentation as a site) are for who works on cablegram; every other word goes to the
``cablegram`` command.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".venv"
BIN = HOME / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
SITE = Path("docs") / "_build" / "html"
TASKS = {
    "test": [["-m", "pytest", "-n", "auto", "--dist", "loadfile"]],
    "lint": [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."]],
    "types": [["-m", "mypy"]],
    # A warning is an error, and so is a name that leads nowhere.
    "docs": [["-m", "sphinx", "-q", "-n", "-W", "--keep-going", "-d", SITE.parent / "doctrees", "docs", SITE]],
}
#: What is said when a task is done.
TOLD = {"docs": f"the site is in {ROOT / SITE}: open its index.html in a browser"}


def set_up() -> None:
    """Make the environment, or bring it up to date where the project's requirements have changed."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + (ROOT / "constraints.txt").read_bytes()).hexdigest()
    stamp = HOME / "installed"
    if stamp.is_file() and stamp.read_text() == wanted and PYTHON.exists():
        return
    print("setting up .venv (once) ...", file=sys.stderr, flush=True)
    venv.EnvBuilder(with_pip=True, clear=True).create(HOME)
    install = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    constraints = ROOT / "constraints.txt"
    environment = {**os.environ, "PIP_CONSTRAINT": str(constraints)}
    subprocess.run([*install, "-e", f"{ROOT}[dev]"], check=True, stdout=sys.stderr, env=environment)
    stamp.write_text(wanted)


def main() -> int:
    """Run the task that the command line names."""
    if sys.version_info < (3, 11):  # noqa: UP036 (run before anything is installed)
        print("cablegram needs Python 3.11 or later", file=sys.stderr)
        return 2
    arguments = sys.argv[1:]
    set_up()
    if arguments and arguments[0] in TASKS:
        for task in TASKS[arguments[0]]:
            code = subprocess.run([PYTHON, *task, *arguments[1:]], cwd=ROOT).returncode
            if code:
                return code
        if arguments[0] in TOLD:
            print(TOLD[arguments[0]], file=sys.stderr)
        return 0
    called_as = f"{Path(sys.executable).name} {sys.argv[0]}"
    return subprocess.run([BIN / "cablegram", *arguments], env={**os.environ, "CABLEGRAM_CALLED_AS": called_as}).returncode


if __name__ == "__main__":
    sys.exit(main())
