"""Files <-> Scenario and Design: reads CRM exports as they are, checks them, writes designs back."""

from fieldsim.scenario.cells import seconds_of_day
from fieldsim.scenario.check import ScenarioCheck, check_scenario
from fieldsim.scenario.designs import design_names, offered_designs, read_design
from fieldsim.scenario.places import find_place
from fieldsim.scenario.read import read_scenario
from fieldsim.scenario.rules import RULE_COLUMNS, deciding_rules
from fieldsim.scenario.write import check_design_name, write_design, write_hires, write_moves
from fieldsim.scenario.written import note_written

__all__ = [
    "RULE_COLUMNS",
    "ScenarioCheck",
    "check_design_name",
    "check_scenario",
    "deciding_rules",
    "design_names",
    "find_place",
    "note_written",
    "offered_designs",
    "read_design",
    "read_scenario",
    "seconds_of_day",
    "write_design",
    "write_hires",
    "write_moves",
]
