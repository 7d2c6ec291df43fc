"""Bytes of a CSV file -> records of cells: its encoding, its separator, its quoted line breaks."""

from __future__ import annotations

import csv
import io
import re

from fieldsim.errors import DataError

_SEPARATORS = (",", ";", "\t")


def decode(data: bytes, file: str) -> str:
    """Text of a CSV file: UTF-8 with or without a mark, or UTF-16 (Salesforce and Excel call that CSV too)."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode_as(data, encoding, file)
    odd, even = data[1:200:2].count(0), data[0:200:2].count(0)
    if max(odd, even) > min(len(data), 200) // 4:
        return _decode_as(data, "utf-16-le" if odd > even else "utf-16-be", file)
    return _decode_as(data, "utf-8", file)


def _decode_as(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        around = data[max(0, error.start - 12) : error.end + 12].split(b"\n")
        seen = next((part for part in around if data[error.start : error.end] in part), b"").decode("latin-1").strip("\r")
        raise DataError(
            f"not {encoding.upper()} text: byte {data[error.start]:#04x} in '{seen}'",
            file=file,
            row=row,
            hint="save it as 'CSV UTF-8'",
        ) from error


def separator_of(text: str) -> str:
    """The separator that occurs most outside quotes in the first line that has one: titles of a report have none."""
    lines = (re.sub(r'"[^"]*"', "", line) for line in text.split("\n", 20) if not line.startswith("sep="))
    header = next((line for line in lines if any(separator in line for separator in _SEPARATORS)), "")
    return max(_SEPARATORS, key=header.count)


def split(text: str, separator: str, file: str) -> list[tuple[int, list[str]]]:
    """Records with their number; a quoted cell may hold line breaks, as addresses in exports do."""
    if "\0" in text:
        raise DataError("the file holds a NUL byte", file=file, row=text[: text.index("\0")].count("\n") + 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    try:
        records.extend(enumerate(reader, 1))
    except csv.Error as error:
        raise DataError(f"not readable as CSV: {error}", file=file, row=len(records) + 1) from error
    return records
