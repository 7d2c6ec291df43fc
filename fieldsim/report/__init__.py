"""The only writer for people: text tables, the HTML report, maps, calendar and GPS files."""

from fieldsim.report.html import report_html, write_report

__all__ = ["report_html", "write_report"]
