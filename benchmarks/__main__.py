"""`python -m benchmarks NAME [...]` runs one benchmark; without a name it lists them."""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path


def questions() -> dict[str, str]:
    """Name and first docstring line of each benchmark."""
    files = sorted(file for file in Path(__file__).parent.glob("*.py") if not file.name.startswith("_"))
    texts = {file.stem: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "" for file in files}
    return {name: text.split("\n", 1)[0] for name, text in texts.items()}


def run(arguments: list[str]) -> int:
    """Run the benchmark named first; its own arguments follow."""
    known = questions()
    if not arguments or arguments[0] not in known:
        for name, question in known.items():
            print(f"{name:12} {question}")
        return 0 if not arguments else 2
    import_module(f"benchmarks.{arguments[0]}").main(arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
