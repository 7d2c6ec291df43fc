"""The README is true: its Python runs and prints what it says, its commands end well, its KPI table is the code's."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from fieldsim.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """The fieldsim commands of the README's shell blocks, but for set-up lines."""
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.S)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    found = [shlex.split(line)[1:] for line in lines if line.startswith("fieldsim ")]
    return [
        words for words in found if words[0] != "serve"
    ]  # runs until it is stopped: tests/service starts it as a newcomer would


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the commands read, so that what they write stays out of the repository."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    shutil.copytree(ROOT / "tests" / "data", folder / "tests" / "data")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_of_the_readme_ends_well(
    words: list[str], clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clone)
    code = main(words)
    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert printed.out


@pytest.mark.slow
def test_the_python_examples_print_what_the_readme_says(monkeypatch: pytest.MonkeyPatch, clone: Path) -> None:
    monkeypatch.chdir(clone)
    examples = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    assert examples.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples).failed == 0


def test_the_kpi_table_is_the_one_of_the_code() -> None:
    from fieldsim.kpi import KPIS

    rows = dict(re.findall(r"^\| `(\w+)` \| .*? \| .*? \| (.*?) \|$", README, flags=re.M))
    assert rows == {name: kpi.formula for name, kpi in KPIS.items()}


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert not [target for target in targets if "://" not in target and not os.path.exists(ROOT / target)]  # noqa: PTH110
