"""Files as people have them: encodings, separators, footers and titles of reports, and the row numbers of their own file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from fieldsim.errors import DataError
from fieldsim.scenario.cells import Sheet
from fieldsim.scenario.tables import Table, read_table

TEXT = 'account,name\nA1,"Müller, Sohn"\nA2,Õ\n'
LINES = (
    "Grand Totals (2 records)",
    "Confidential Information - Do Not Distribute",
    "Copyright (c) 2000-2026 salesforce.com, inc.",
)
FOOTER = "\n\n" + "".join(f'"{line}"\n' for line in LINES)


def table(folder: Path, content: str | bytes, name: str = "t.csv") -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_reads_every_encoding_of_an_export(tmp_path: Path, encoding: str, newline: str) -> None:
    read = table(tmp_path, TEXT.replace("\n", newline).encode(encoding))
    assert read.columns == {"account": ["A1", "A2"], "name": ["Müller, Sohn", "Õ"]}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_finds_the_separator(tmp_path: Path, separator: str) -> None:
    text = TEXT.replace("account,name", separator.join(("account", "name"))).replace("A1,", f"A1{separator}")
    read = table(tmp_path, text.replace("A2,", f"A2{separator}"))
    assert read.columns["name"] == ["Müller, Sohn", "Õ"]


def test_a_separator_inside_a_quoted_header_does_not_count(tmp_path: Path) -> None:
    assert list(table(tmp_path, '"a,b,c";d\n1;2\n').columns) == ["a,b,c", "d"]


def test_titles_of_a_report_do_not_hide_its_separator(tmp_path: Path) -> None:
    text = '"My report, 2026"\n""\naccount\tname\nA1\t"Smith, Sons"\n\n"Copyright (c) 2000-2026 salesforce.com, inc."\n'
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode("utf-16"))
    assert read_table(path, "t.csv").columns == {"account": ["A1"], "name": ["Smith, Sons"]}


def test_skips_the_line_that_tells_excel_the_separator(tmp_path: Path) -> None:
    read = table(tmp_path, "sep=;\naccount;lat\nA1;1\n")
    assert (read.columns["account"], read.rows, read.header_row) == (["A1"], [3], 2)


def test_drops_the_footer_of_a_report(tmp_path: Path) -> None:
    assert table(tmp_path, TEXT + FOOTER).columns == table(tmp_path, TEXT).columns


def test_keeps_a_row_with_one_cell_before_the_footer(tmp_path: Path) -> None:
    assert table(tmp_path, TEXT + "A3,\n" + FOOTER).columns["account"] == ["A1", "A2", "A3"]


def test_an_account_may_be_called_like_a_footer(tmp_path: Path) -> None:
    read = table(tmp_path, "account,name\nA1,Copyright (c) Studio\nA2,Grand Totals (5) Bar\n")
    assert len(read) == 2


def test_drops_the_titles_above_the_header(tmp_path: Path) -> None:
    read = table(tmp_path, "Accounts by owner,\n,\nAs of 2026-11-20,\naccount,name\nA1,x\n")
    assert (read.columns["account"], read.rows, read.header_row) == (["A1"], [5], 4)


def test_counts_rows_as_a_spreadsheet_does(tmp_path: Path) -> None:
    """Blank lines count, line breaks within a cell do not."""
    read = table(tmp_path, 'account,name\n\nA1,"two\nlines"\n,\nA2,x\n')
    assert read.rows == [3, 5]


def test_drops_the_empty_column_of_a_trailing_separator(tmp_path: Path) -> None:
    assert list(table(tmp_path, "account;name;\nA1;x;\n").columns) == ["account", "name"]


def test_strips_blanks_but_never_folds_case(tmp_path: Path) -> None:
    assert table(tmp_path, "account,name\n aQx , x\naQX,y\n").columns["account"] == ["aQx", "aQX"]


def numbers(folder: Path, content: str) -> list[float]:
    return Sheet(table(folder, content)).numbers("x", -1e9).tolist()


def test_reads_decimal_commas_of_semicolon_files(tmp_path: Path) -> None:
    assert numbers(tmp_path, "account;x\nA;1.234,5\nB;-29,75\nC;7\n") == [1234.5, -29.75, 7.0]
    assert numbers(tmp_path, "account;x\nA;1.5\nB;-29.75\n") == [1.5, -29.75]


def test_reads_thousands_commas_of_comma_files(tmp_path: Path) -> None:
    assert numbers(tmp_path, 'account,x\nA,"1,234,567.5"\nB,12\n') == [1_234_567.5, 12.0]


def test_a_decimal_comma_in_a_comma_file_is_no_number(tmp_path: Path) -> None:
    sheet = Sheet(table(tmp_path, 'account,x\nA,"29,75"\n'))
    sheet.numbers("x")
    assert str(sheet.errors[0]) == "t.csv, row 2, column x: '29,75' is not a number"


def test_parquet_gives_the_same_text_as_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "account": ["A1", None, "A3 "],
            "id": [1001.0, None, 1003.0],
            "x": [0.1, None, 1e-7],
            "day": [date(2026, 1, 1), None, date(2026, 1, 2)],
            "yes": [True, False, None],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet", "t.parquet")
    assert read.columns["account"] == ["A1", "", "A3"]
    assert read.columns["id"] == ["1001", "", "1003"]
    assert [float(cell) for cell in read.columns["x"] if cell] == [0.1, 1e-7]
    assert read.columns["day"] == ["2026-01-01", "", "2026-01-02"]
    assert read.columns["yes"] == ["true", "false", ""]
    assert read.rows == [2, 3, 4]


def workbook(path: Path, cells: dict[tuple[int, int], object], hidden: str | None = None) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("First")
        for (row, column), value in cells.items():
            sheet.write(row, column, value)
        book.add_worksheet("Second").write_row(0, 0, ["rep", "lat"])
        book.get_worksheet_by_name("Second").write_row(1, 0, ["R1", 1.5])
        if hidden:
            extra = book.add_worksheet("hiddenSheet")
            extra.write(0, 0, hidden)
            extra.very_hidden()
    return path


def test_workbook_rows_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(2, 1): "account", (2, 2): "lat", (4, 1): 7, (4, 2): -29.5, (5, 1): "007", (5, 2): 3})
    read = read_table(path, "t.xlsx")
    assert read.columns == {"account": ["7", "007"], "lat": ["-29.5", "3"]}
    assert (read.header_row, read.rows) == (3, [5, 6])


def test_a_sheet_is_named_after_a_hash(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "account", (1, 0): "A"})
    assert read_table(path.with_name("t.xlsx#Second"), "t.xlsx#Second").columns == {"rep": ["R1"], "lat": ["1.5"]}
    with pytest.raises(DataError, match=r"no sheet 'Secnd'.*did you mean 'Second'"):
        read_table(path.with_name("t.xlsx#Secnd"), "t.xlsx#Secnd")


def test_dates_and_times_of_a_workbook_are_plain(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["start", "shift_start"])
        sheet.write_datetime(1, 0, datetime(2026, 3, 1), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_datetime(1, 1, datetime(1899, 12, 31, 8, 30), book.add_format({"num_format": "hh:mm"}))
    sheet_read = Sheet(read_table(tmp_path / "t.xlsx", "t.xlsx"))
    assert sheet_read.dates("start") == [date(2026, 3, 1)]
    assert sheet_read.times("shift_start") == [8 * 3600 + 1800]
    assert not sheet_read.errors


def test_a_dynamics_workbook_tells_its_titles(tmp_path: Path) -> None:
    hidden = "account:Xb7%2bQ:accountid=%28Nicht%20%C3%A4ndern%29%20Firma&name=Firmenname"
    path = workbook(tmp_path / "t.xlsx", {(0, 0): "Firmenname", (0, 1): "x", (1, 0): "A", (1, 1): "b"}, hidden)
    assert read_table(path, "t.xlsx").titles == {"accountid": "(Nicht ändern) Firma", "name": "Firmenname"}
