"""The rules of the house that no linter knows: who reads the environment, who may import what, what is committed."""

import ast
import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import config

ROOT = Path(__file__).resolve().parent.parent
KEPT_APART = {"instance", "__pycache__"}  # and every folder with a dot in front, but .ci
TEXTS = {".py", ".toml", ".txt", ".md", ".html", ".css", ".js", ".po", ".ini", ".mako", ".cfg", ".json", ""}


def files(*suffixes: str) -> list[Path]:
    found = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [
            name for name in below if name == ".ci" or not (name.startswith(".") or name in KEPT_APART)
        ]
        found += [Path(folder, name) for name in names if Path(name).suffix in suffixes]
    return sorted(found)


def named(paths) -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


def imported(path: Path) -> set[str]:
    """The modules that a file imports, by their full names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def reads_environment(path: Path) -> bool:
    source = path.read_text(encoding="utf-8")
    return bool(
        re.search(r"\bos\.(environ|getenv)\b", source) or {"os.environ", "os.getenv"} & imported(path)
    )


def test_run_is_imported_by_nothing():
    assert named(path for path in files(".py") if "run" in imported(path)) == []


# Who touches the environment besides config.py, and why it may.
READERS = {
    "config.py": "makes settings of it",
    "exports/reading.py": "hands PATH and the like on to its child process, and keeps our secrets from it",
    "tests/test_house.py": "names it, here",
}


def test_settings_are_read_by_config_alone():
    assert named(path for path in files(".py") if reads_environment(path)) == sorted(READERS)


def test_run_needs_the_standard_library_only():
    outside = {name.partition(".")[0] for name in imported(ROOT / "run.py")} - sys.stdlib_module_names
    assert outside == {"__future__"} - sys.stdlib_module_names


def test_run_stays_small():
    assert len((ROOT / "run.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_run_lists_every_command_without_the_environment():
    listed = subprocess.run(
        [sys.executable, "-S", "-E", "run.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  ([a-z-]+)\s{2,}\S", listed, re.MULTILINE)
    assert " ".join(commands) == (
        "start serve work migrate admin seed import export-month backup restore history bench translate drill test"
    )


def test_run_refuses_an_unknown_command():
    refused = subprocess.run([sys.executable, "run.py", "sevre"], cwd=ROOT, capture_output=True, text=True)
    assert (refused.returncode, "sevre" in refused.stderr, refused.stdout) == (2, True, "")


def contract(name: str) -> dict:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return next(each for each in project["tool"]["importlinter"]["contracts"] if each["id"] == name)


def test_rules_in_every_domain_are_pure_by_contract():
    assert "app.*.rules" in contract("pure")["source_modules"]


def test_every_domain_has_its_place_in_the_layers():
    placed = set(re.findall(r"[a-z_]+", " ".join(contract("layers")["layers"])))
    packages = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert packages - placed == set()


# What must not be committed, and why.
FOREIGN = (
    (re.escape(f"{ROOT}/"), "the folder of this machine"),
    (re.escape(f"{ROOT.parent / 'shared'}"), "the folder beside it, but for ../shared"),
    (
        r"--(extra-)?index-url|--find-links|--trusted-host",
        "where packages come from is the reader's own choice",
    ),
)


@pytest.mark.parametrize(
    "pattern", [pattern for pattern, _ in FOREIGN], ids=[reason for _, reason in FOREIGN]
)
def test_committed_files_are_free_of(pattern):
    texts = [path for path in files(*TEXTS) if path != Path(__file__).resolve()]
    found = [path for path in texts if re.search(pattern, path.read_text(encoding="utf-8", errors="replace"))]
    assert named(found) == []


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "pyproject.toml", "run.py", ".ci/run"]
)
def test_installation_names_no_host(name):
    assert re.findall(r"\w+://\S+", (ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes(name):
    pins = re.split(r"\n(?=[a-z])", (ROOT / name).read_text(encoding="utf-8"))[1:]
    assert [pin.partition(" ")[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_pins_shared_by_both_files_are_equal():
    def pins(name):
        return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    runtime, tests = pins("requirements.txt"), pins("requirements-dev.txt")
    names = {pin.partition("==")[0] for pin in runtime} & {pin.partition("==")[0] for pin in tests}
    assert {pin for pin in tests if pin.partition("==")[0] in names} - runtime == set()


def test_every_file_ends_with_one_newline():
    ends = [path for path in files(".html", ".css", ".js", ".toml", ".txt", ".md") if path.stat().st_size]
    assert named(path for path in ends if not re.search(rb"[^\n]\n\Z", path.read_bytes())) == []


def test_readme_lists_every_setting():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name, _, _ in config.VARIABLES if f"`{name}`" not in readme] == []


def test_ci_runs_what_the_readme_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith(("apt-get", "python3"))]
    assert (len(commands), [line for line in commands if line not in readme]) == (2, [])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_ci_script_is_executable():
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR == stat.S_IXUSR
