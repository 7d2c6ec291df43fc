"""Territory design: who should own which account, what that changes and why."""

from fieldsim.territory.design import DESIGNERS, Designer, design_territories
from fieldsim.territory.result import DesignResult, Move, explain_account, explain_design
from fieldsim.territory.rules import Lead, Owner, owner_of
from fieldsim.territory.specialists import add_specialists
from fieldsim.territory.units import Wishes

__all__ = [
    "DESIGNERS",
    "DesignResult",
    "Designer",
    "Lead",
    "Move",
    "Owner",
    "Wishes",
    "add_specialists",
    "design_territories",
    "explain_account",
    "explain_design",
    "owner_of",
]
