"""One rep's day in every format a phone, a calendar or a sat-nav reads."""

from fieldsim.report.day.calendar import days_ics
from fieldsim.report.day.formats import FORMATS, format_day
from fieldsim.report.day.links import Link, map_links
from fieldsim.report.day.noun import RepDay
from fieldsim.report.day.table import day_table

__all__ = ["FORMATS", "Link", "RepDay", "day_table", "days_ics", "format_day", "map_links"]
