"""Habits that no linter keeps: docstrings, sizes, translatable strings, and what the tree must not name."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for name in ("core", "tui") for path in (ROOT / name).rglob("*.py"))
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
TRANSLATORS = ("_", "N_", "ngettext")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def missing_docstrings(tree: ast.Module) -> Iterator[str]:
    if tree.body and ast.get_docstring(tree) is None:
        yield "the module"
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_") and ast.get_docstring(node) is None:
            yield node.name


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name}: {lines}"


def untranslatable(tree: ast.Module) -> Iterator[str]:
    """Calls of `_` and its kin whose text no catalogue can hold: put together at run time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATORS:
            for argument in node.args[: 2 if node.func.id == "ngettext" else 1]:
                if isinstance(argument, ast.JoinedStr | ast.BinOp) or _is_formatted(argument):
                    yield f"line {node.lineno}"


def _is_formatted(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_and_public_functions_and_types_have_docstrings(path: Path):
    assert list(missing_docstrings(tree_of(path))) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_is_longer_than_a_screen(path: Path):
    assert list(long_functions(tree_of(path))) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_is_longer_than_it_should_be(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_what_is_translated_is_a_literal(path: Path):
    assert list(untranslatable(tree_of(path))) == []


def slow_values(tree: ast.Module) -> Iterator[str]:
    """Frozen classes with slots that are not made by `core.values`, which costs every command less."""
    quick = any(isinstance(node, ast.ImportFrom) and node.module == "core.values" for node in tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and not quick:
            asked = [ast.unparse(decorator) for decorator in node.decorator_list]
            yield from (node.name for one in asked if one == "dataclass(frozen=True, slots=True)")


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_values_are_made_in_the_quick_way(path: Path):
    assert list(slow_values(tree_of(path))) == []


def test_the_checks_see_what_they_look_for():
    planted = ast.parse('def public():\n    return _(f"{1}")\n' + "\n" * 0)
    assert list(missing_docstrings(planted)) == ["the module", "public"]
    assert list(untranslatable(planted)) == ["line 2"]
    body = "\n".join("    x = 1" for _line in range(LONGEST_FUNCTION))
    assert list(long_functions(ast.parse(f"def long():\n{body}\n"))) == [f"long: {LONGEST_FUNCTION + 1}"]


REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
    )
)


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout: the list of files is not known")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_no_file_names_the_host_of_a_package_registry():
    named = [
        f"{path}: {host}"
        for path in tracked()
        if path.is_file()
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def test_the_version_is_the_same_everywhere():
    import tomllib

    from core import __version__

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def test_everything_that_is_installed_is_pinned():
    from importlib.metadata import distributions

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-").replace(".", "-") for line in lines}
    pinned |= {"pip", "setuptools", "wheel", "partagenda"}
    names = {d.metadata["Name"].lower().replace("_", "-").replace(".", "-") for d in distributions()}
    assert names - pinned == set()
    slow = "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass Slow:\n    a: int\n"
    assert list(slow_values(ast.parse(slow))) == ["Slow"]
