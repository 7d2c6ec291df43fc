"""Columns of numbers of one's own: named in [columns] amounts, read with the accounts, balanced like ours."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fieldsim.cli import main
from fieldsim.errors import DataError
from fieldsim.scenario import read_scenario

SMALL = Path(__file__).parents[1] / "data" / "small"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def with_beds(tmp_path: Path, named: str | None, first: str = "7", column: str = "beds") -> Path:
    """The small scenario with another column, `first` for one account and its row's number for the others."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "small"))
    rows = list(csv.reader((folder / "accounts.csv").read_text(encoding="utf-8").splitlines()))
    cells = [column, first, *(str(k) for k in range(2, len(rows)))]
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*row, cell] for row, cell in zip(rows, cells, strict=True))
    if named is not None:
        with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[columns]\namounts = {named}\n")
    return folder


def test_a_column_of_numbers_of_ones_own_is_read_by_account(tmp_path: Path) -> None:
    accounts = read_scenario(with_beds(tmp_path, '["beds"]', "")).accounts
    file = {row["account"]: row["beds"] for row in rows_of(tmp_path / "small" / "accounts.csv")}
    assert dict(zip(accounts.ids, accounts.amounts["beds"].tolist(), strict=True)) == {
        account: float(cell or 0) for account, cell in file.items()
    }


def test_its_numbers_decide_the_content_and_a_scenario_without_is_as_it_was(tmp_path: Path) -> None:
    one = read_scenario(with_beds(tmp_path / "a", '["beds"]'))
    other = read_scenario(with_beds(tmp_path / "b", '["beds"]', "8"))
    assert one.content != other.content != read_scenario(SMALL).content


@pytest.mark.parametrize(
    ("named", "first", "message"),
    [
        (None, "7", "unknown column"),
        ('["beds", "rooms"]', "7", "the column is missing"),
        ('["potential"]', "7", "'potential' is taken"),
        ('["workload"]', "7", "'workload' is taken"),
        ('["beds", "beds"]', "7", "'beds' is taken"),
        ('["beds"]', "-1", "'-1' is"),
        ('["beds"]', "many", "'many' is not a number"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, named: str | None, first: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_scenario(with_beds(tmp_path, named, first))
    assert message in str(caught.value)
    if named is None:
        assert "[columns] amounts" in str(caught.value)


def test_a_design_balances_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = with_beds(tmp_path, '["beds"]')
    words = ["design", str(folder), "--method", "fewest", "--metric", "beds", "--tolerance", "0.2", "--out", "next", "--json"]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    beds = {row["account"]: float(row["beds"]) for row in rows_of(folder / "accounts.csv")}
    sums: dict[str, float] = {}
    for row in rows_of(folder / "designs" / "next.csv"):
        sums[row["territory"]] = sums.get(row["territory"], 0.0) + beds[row["account"]]
    shares = {seat["territory"]: seat["beds"] for seat in answer["seats"]}
    target = {seat: beds_of / shares[seat] for seat, beds_of in sums.items()}
    assert answer["metrics"]["imbalance_beds"] == pytest.approx(max(abs(share - 1.0) for share in shares.values()))
    assert answer["metrics"]["imbalance_beds"] <= 0.2
    assert sum(target.values()) == pytest.approx(sum(beds.values()))
    assert np.all([target[seat] > 0.0 for seat in sums])
