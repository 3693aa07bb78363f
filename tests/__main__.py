"""Everything that must hold before a change is handed over, in order: style, imports, templates, suite.

Run by `python3 run.py test`; arguments go to pytest. Knows the tools' command lines, no test.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

CHECKS = (
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("import-linter", ["-c", LINT_IMPORTS, "--no-logo"]),
    ("djlint", ["-m", "djlint", "app/templates", "--lint", "--quiet"]),
)
# Two cores, two workers, each with its own databases. Neighbouring tests stay together: so do dear fixtures.
WORKERS = ["-n", "2", "--dist", "worksteal"]


def main(pytest_arguments: list[str]) -> int:
    """Run all checks and the suite; a check that fails does not keep the rest from being seen."""
    failed = [name for name, arguments in CHECKS if not passes(name, arguments)]
    if failed:
        print("== failed: " + ", ".join(failed), flush=True)
    suite = subprocess.call([sys.executable, "-m", "pytest", *(pytest_arguments or WORKERS)], cwd=ROOT)
    if failed:
        print("测试前的检查未通过 · failed before the suite: " + ", ".join(failed), file=sys.stderr)
    return suite or int(bool(failed))


def passes(name: str, arguments: list[str]) -> bool:
    print("== " + name, flush=True)
    return subprocess.call([sys.executable, *arguments], cwd=ROOT) == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
