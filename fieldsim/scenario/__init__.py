"""Files <-> Scenario and Design: reads CRM exports as they are, checks them, writes designs back."""

from fieldsim.scenario.designs import design_names, read_design
from fieldsim.scenario.read import read_scenario
from fieldsim.scenario.write import write_design

__all__ = ["design_names", "read_design", "read_scenario", "write_design"]
