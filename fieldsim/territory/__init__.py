"""Territory design: who should own which account, what that changes and why."""

from fieldsim.territory.curves import CurvePoint, balance_curve, continuity_curve, moves_curve, sizing_curve
from fieldsim.territory.design import DESIGNERS, Designer, design_territories
from fieldsim.territory.result import DesignResult, Move, explain_account, explain_design
from fieldsim.territory.rules import Lead, Owner, owner_of
from fieldsim.territory.specialists import add_specialists
from fieldsim.territory.units import Brief, Wishes
from fieldsim.territory.what_if import merge_territories, pivot, split_territory

__all__ = [
    "DESIGNERS",
    "Brief",
    "CurvePoint",
    "DesignResult",
    "Designer",
    "Lead",
    "Move",
    "Owner",
    "Wishes",
    "add_specialists",
    "balance_curve",
    "continuity_curve",
    "design_territories",
    "explain_account",
    "explain_design",
    "merge_territories",
    "moves_curve",
    "owner_of",
    "pivot",
    "sizing_curve",
    "split_territory",
]
