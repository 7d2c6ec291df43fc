"""Text tables for the terminal, pure functions from answers to rich renderables that read well without colour."""

from fieldsim.report.text.checks import check_tables, doctor_tables, travel_table
from fieldsim.report.text.compare import compare_tables
from fieldsim.report.text.curves import curve_facts, curve_tables, owner_sentence
from fieldsim.report.text.design import design_facts, design_tables
from fieldsim.report.text.plan import plan_facts, plan_tables
from fieldsim.report.text.plan_notes import change_facts, change_lines, joint_facts, joint_lines, why_facts, why_lines
from fieldsim.report.text.stress import stress_tables

__all__ = [
    "change_facts",
    "change_lines",
    "check_tables",
    "compare_tables",
    "curve_facts",
    "curve_tables",
    "design_facts",
    "design_tables",
    "doctor_tables",
    "joint_facts",
    "joint_lines",
    "owner_sentence",
    "plan_facts",
    "plan_tables",
    "stress_tables",
    "travel_table",
    "why_facts",
    "why_lines",
]
