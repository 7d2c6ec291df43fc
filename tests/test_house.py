"""The house: each module imports only from lower floors, files and names keep to the rules of the design."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "fieldsim"
FLOOR = {
    **dict.fromkeys(("model", "errors", "luck", "store", "extend", "parameters", "compiled"), 0),
    **dict.fromkeys(("travel", "scenario"), 1),
    "routing": 2,
    "planning": 3,
    "territory": 4,
    "turnover": 5,
    "simulation": 6,
    "kpi": 7,
    **dict.fromkeys(("experiment", "calibration"), 8),
    "report": 9,
    **dict.fromkeys(("api", "cli", "service"), 10),
}


def imports(tree: ast.AST) -> set[str]:
    """Rooms of the house that a module imports from, anywhere in it."""
    rooms: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("fieldsim."):
            rooms.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "fieldsim":
            rooms |= {alias.name for alias in node.names if alias.name in FLOOR}
        elif isinstance(node, ast.Import):
            rooms |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("fieldsim.")}
    return rooms


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_every_room_has_a_floor() -> None:
    assert {room(path) for path in modules()} <= set(FLOOR)


def test_modules_import_only_from_lower_floors() -> None:
    climbs = []
    for path in modules():
        here = room(path)
        for there in imports(ast.parse(path.read_text(encoding="utf-8"))) - {here}:
            if FLOOR[there] > FLOOR[here] or (FLOOR[there] == FLOOR[here] and FLOOR[here] not in (0, 10)):
                climbs.append(f"{path.relative_to(PACKAGE)} -> {there}")
    assert not climbs


def test_every_module_says_what_it_is_for() -> None:
    assert not [str(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


def test_routing_calls_to_ortools_stand_behind_one_module() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if any(line.lstrip().startswith(("import ortools", "from ortools")) for line in path.read_text("utf-8").splitlines())
    }
    assert len([user for user in users if user.startswith("routing/")]) <= 1
    assert all(user.startswith("routing/") for user in users)


def test_highspy_is_never_imported() -> None:
    assert not [path for path in modules() if "import highspy" in path.read_text(encoding="utf-8")]
