"""Territory design: who should own which account, what that changes and why."""

from fieldsim.territory.asking import Designer
from fieldsim.territory.curves import (
    CURVES,
    Curve,
    CurvePoint,
    balance_curve,
    continuity_curve,
    cost_curve,
    moves_curve,
    sizing_curve,
)
from fieldsim.territory.design import DESIGNERS, JUDGED, design_by, design_territories
from fieldsim.territory.hires import hire, seat_hire, with_reps
from fieldsim.territory.locks import broken_locks
from fieldsim.territory.move_sheet import move_sheet
from fieldsim.territory.rebalance import budgeted
from fieldsim.territory.result import DesignResult, Move, explain_account, explain_design
from fieldsim.territory.rules import Lead, Owner, owner_of, rule_of
from fieldsim.territory.sizing import seats_needed
from fieldsim.territory.specialists import add_specialists
from fieldsim.territory.units import Brief, Wishes
from fieldsim.territory.what_if import merge_territories, pivot, split_territory

__all__ = [
    "CURVES",
    "DESIGNERS",
    "JUDGED",
    "Brief",
    "Curve",
    "CurvePoint",
    "DesignResult",
    "Designer",
    "Lead",
    "Move",
    "Owner",
    "Wishes",
    "add_specialists",
    "balance_curve",
    "broken_locks",
    "budgeted",
    "continuity_curve",
    "cost_curve",
    "design_by",
    "design_territories",
    "explain_account",
    "explain_design",
    "hire",
    "merge_territories",
    "move_sheet",
    "moves_curve",
    "owner_of",
    "pivot",
    "rule_of",
    "seat_hire",
    "seats_needed",
    "sizing_curve",
    "split_territory",
    "with_reps",
]
