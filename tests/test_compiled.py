"""An inner kernel has no door: called from Python it crashes, so nothing but kernels may call one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILED = {"maker", "kernel", "inner"}


def _decorators(node: ast.stmt) -> set[str]:
    named = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return {one.id for one in named if isinstance(one, ast.Name)}


def _inner(module: str) -> set[str]:
    """The inner kernels a module of fieldsim defines."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and "inner" in _decorators(node)}


def _called_from_python(path: Path) -> Iterator[str]:
    """The inner kernels that a file's Python mentions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and "inner" in _decorators(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("fieldsim"):
            inner |= {name.asname or name.name for name in node.names if name.name in _inner(node.module)}
    for node in tree.body:
        if inner and not _decorators(node) & COMPILED:
            yield from (f"{path.name}: {part.id}" for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in inner)


def test_only_kernels_call_inner_kernels() -> None:
    rooms = [path for room in ("fieldsim", "tests", "benchmarks") for path in sorted((ROOT / room).rglob("*.py"))]
    assert [told for path in rooms for told in _called_from_python(path)] == []
    assert _inner("fieldsim.routing.steps")
