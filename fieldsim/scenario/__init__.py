"""Files <-> Scenario and Design: reads CRM exports as they are, checks them, writes designs back."""

from fieldsim.scenario.cells import seconds_of_day
from fieldsim.scenario.check import ScenarioCheck, check_scenario
from fieldsim.scenario.designs import design_names, offered_designs, read_design
from fieldsim.scenario.read import read_scenario
from fieldsim.scenario.write import write_design

__all__ = [
    "ScenarioCheck",
    "check_scenario",
    "design_names",
    "offered_designs",
    "read_design",
    "read_scenario",
    "seconds_of_day",
    "write_design",
]
