"""The options of `design`, in the groups that its help shows."""

from __future__ import annotations

from typing import Annotated, Any

import typer

WEIGH, WHAT_IF, HAND_OVER, KEY, ASK = "What it weighs", "What if", "Hand-over", "Key accounts (--method overlay)", "Ask"


def _in(group: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, rich_help_panel=group, **{"show_default": False, **more})


Method = Annotated[str, typer.Option(help="balanced, rebalance, fewest, geographic, segment, nearest, hybrid or overlay.")]
From = Annotated[str | None, typer.Option("--from", help="The design to start from; the one in force by default.")]
OutName = Annotated[
    str | None,
    typer.Option("--out", help="Name of the design to write; it replaces one that this command wrote.", show_default=False),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace also a design that was edited or comes from elsewhere; never the one in force."),
]
Territories = Annotated[
    str | None,
    typer.Option(
        help="How many: more adds vacant seats, fewer leaves reps out; auto: as many as due visits need.", show_default=False
    ),
]
By = Annotated[str | None, typer.Option(help="The account column of a geographic or segment cut.", show_default=False)]
Metric = Annotated[
    list[str] | None,
    _in(
        WEIGH, help="What to balance, NAME or NAME=WEIGHT: potential, workload, accounts or a numeric account column; may repeat."
    ),
]
Tolerance = Annotated[float, _in(WEIGH, help="How far a seat may be from its share.", show_default=True)]
Continuity = Annotated[
    float | None,
    _in(
        WEIGH,
        help="Price of a moved account, hours an hour of its visits (0.15); half without activity, twice with open deals.",
        min=0.0,
    ),
]
Compactness = Annotated[
    float | None, _in(WEIGH, help="Price of near accounts in different territories (1); 0 lets them mix.", min=0.0)
]
Contiguity = Annotated[
    str, _in(WEIGH, help="price, or strict: every territory in one piece, as far as locks and rules allow.", show_default=True)
]
Families = Annotated[bool, _in(WEIGH, "--split-families", help="Accounts of one parent may go to different territories.")]
Budget = Annotated[
    str | None, _in(WEIGH, help="What a rebalance may move: accounts, as 40, a share of revenue, as 5%, or 40,5%.")
]
Hire = Annotated[int, _in(WHAT_IF, help="Seat so many new reps where that shortens ways most.", min=0)]
Without = Annotated[list[str] | None, _in(WHAT_IF, help="Take this rep's seat away; may repeat.")]
Split = Annotated[str | None, _in(WHAT_IF, help="Cut this territory into two; a hire takes the new half.")]
Merge = Annotated[str | None, _in(WHAT_IF, help="T1,T2: dissolve the second territory into the first.")]
Pivot = Annotated[str | None, _in(WHAT_IF, help="COLUMN=VALUE:FACTOR, as industry=health:2: multiply its potential first.")]
Vacate = Annotated[str | None, _in(HAND_OVER, help="A rep who leaves; the accounts are handed over.")]
Policy = Annotated[
    str | None,
    _in(HAND_OVER, help="balanced (the default), nearest, nearest_rep, reoptimise, similar, pool or vacant."),
]
Fill = Annotated[str | None, _in(HAND_OVER, help="A hire takes this vacant territory and gets a first patch.")]
Key = Annotated[list[str] | None, _in(KEY, help="COLUMN=VALUE the accounts have; potential=N is at least so much; may repeat.")]
Specialist = Annotated[list[str] | None, _in(KEY, help="A rep who shares these accounts; may repeat.")]
Shares = Annotated[str, _in(KEY, help="The specialist's part of revenue, quota credit and visits.", show_default=True)]
Plugins = Annotated[bool, _in(ASK, "--allow-plugins", help="Run a method or policy named module:function.")]
Explain = Annotated[str | None, _in(ASK, help="Say why this account moves, or that it stays.")]
Curve = Annotated[
    str | None, _in(ASK, help="Print what balance, continuity, moves or sizing (the number of seats) costs, as a table.")
]
