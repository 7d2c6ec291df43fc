"""Simulates one design's quarter: reps walk their plans, accounts answer, money is booked; a SimPy clock and compiled days."""

from fieldsim.simulation.books import tier_curves
from fieldsim.simulation.clock import simulate_quarter
from fieldsim.simulation.leavers import ANY, Departures
from fieldsim.simulation.market import assumptions, parameters, unbelieved
from fieldsim.simulation.stage import Stage, restage, stage

__all__ = [
    "ANY",
    "Departures",
    "Stage",
    "assumptions",
    "parameters",
    "restage",
    "simulate_quarter",
    "stage",
    "tier_curves",
    "unbelieved",
]
