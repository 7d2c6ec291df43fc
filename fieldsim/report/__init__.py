"""The only writer for people: text tables, the HTML report, maps, calendar and GPS files."""

from fieldsim.report.html import report_html, write_report
from fieldsim.report.stress import stress_html, write_stress

__all__ = ["report_html", "stress_html", "write_report", "write_stress"]
