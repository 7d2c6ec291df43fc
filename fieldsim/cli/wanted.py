"""Options that hold more than one word: budgets, weights, pairs and shares, read into what they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from fieldsim.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from typer import Context

    from fieldsim.territory import Wishes


def one_at_most(asked: Mapping[str, str | None]) -> str | None:
    """The one option among those that exclude one another, None where none is given."""
    given = [name for name, value in asked.items() if value is not None]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} exclude each other", hint="one after the other: --from takes any design")
    return given[0] if given else None


BUILT = ("--territories", "--hire", "--without", "--pivot")
WEIGHED = ("--metric", "--tolerance", "--continuity", "--compactness", "--split-families")
GOES_WITH = {
    "--by": ("--method geographic", "--method segment"),
    "--key": ("--method overlay",),
    "--specialist": ("--method overlay",),
    "--shares": ("--method overlay",),
    "--policy": ("--vacate",),
}
"""Options that mean something to a few ways of making a design; those of BUILT and WEIGHED do to all that build one."""


def given_of(context: Context) -> list[str]:
    """The options that stand on the command line, by their long names."""
    typed = [param for param in context.command.params if _is_typed(context, str(param.name))]
    return [param.opts[0] for param in typed if param.opts[0] != "--method" or context.params["method"] != "balanced"]


def _is_typed(context: Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def check_idle(doing: str, given: Sequence[str]) -> None:
    """An option that says nothing to what is being done (`--vacate`, `--curve`, `--method balanced`, ...) is an error."""
    builds = doing.startswith("--method") and doing != "--method overlay"
    fitting = {
        **dict.fromkeys(BUILT, builds),
        **dict.fromkeys(WEIGHED, builds or doing == "--curve"),
        **{name: doing in ways for name, ways in GOES_WITH.items()},
        "--method": doing.startswith("--method") or doing == "--curve",
    }
    for name in given:
        if not fitting.get(name, True):
            hint = (
                f"{name} goes with {' and '.join(GOES_WITH[name])}" if name in GOES_WITH else "one after the other, with --from"
            )
            raise UsageError(f"{name} does nothing with {doing}", hint=hint)


def budget_of(text: str | None) -> tuple[int | None, float | None]:
    """`40` is accounts, `5%` a share of last year's revenue, `40,5%` both."""
    parts = [] if text is None else [part.strip() for part in text.split(",")]
    shares = [_share_of(part) for part in parts if part.endswith("%")]
    counts = [_count_of(part) for part in parts if not part.endswith("%")]
    if len(shares) > 1 or len(counts) > 1:
        raise UsageError(f"--budget '{text}' says one thing twice", hint="as 40, 5% or 40,5%")
    return (counts or [None])[0], (shares or [None])[0]


def _share_of(text: str) -> float | None:
    share = _number(text[:-1], f"--budget '{text}'") / 100.0
    if not 0.0 <= share <= 1.0:
        raise UsageError(f"--budget '{text}' is not between 0% and 100%")
    return share


def _count_of(text: str) -> int | None:
    number = _number(text, f"--budget '{text}'")
    if number < 0 or number % 1:
        raise UsageError(f"--budget '{text}' is neither a number of accounts, as 40, nor a share of revenue, as 5%")
    return int(number)


ONE_PIECE = (*(f"--method {name}" for name in ("balanced", "rebalance", "fewest", "hybrid")), "--vacate", "--split", "--merge")
"""What can keep territories in one piece; whole areas, trades and the nearest rep decide for themselves."""


def in_one_piece(wishes: Wishes, contiguity: str, doing: str) -> Wishes:
    """The wishes with territories in one piece where that is asked for and what is being done can do it."""
    if contiguity not in ("price", "strict"):
        raise UsageError(
            f"--contiguity '{contiguity}' is neither price nor strict", hint=did_you_mean(contiguity, ("price", "strict"))
        )
    if contiguity == "strict" and doing not in ONE_PIECE:
        hint = f"--contiguity strict goes with {', '.join(ONE_PIECE)}"
        raise UsageError(f"{doing} cannot keep territories in one piece", hint=hint)
    return replace(wishes, strict=contiguity == "strict")


def metrics_of(given: Sequence[str] | None) -> dict[str, float] | None:
    """`potential=2` weighs potential twice, `visits` once."""
    if not given:
        return None
    weights: dict[str, float] = {}
    for text in given:
        name, _, weight = text.partition("=")
        weights[name.strip()] = _number(weight, f"--metric '{text}'") if weight else 1.0
        if weights[name.strip()] < 0.0:
            raise UsageError(f"--metric '{text}': a weight is 0 or more")
    if not any(weights.values()):
        raise UsageError("no --metric has a weight above 0")
    return {name: weight for name, weight in weights.items() if weight > 0.0}


def number_of(text: str | None) -> int | Literal["auto"] | None:
    """A number of territories, or auto."""
    if text is None:
        return None
    if text == "auto":
        return "auto"
    if not text.isdigit() or int(text) < 1:
        raise UsageError(f"--territories '{text}' is neither a number above 0 nor auto")
    return int(text)


def two_of(text: str, option: str) -> tuple[str, str]:
    """`T1,T2`."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise UsageError(f"{option} '{text}' does not name two territories", hint="write T1,T2")
    return parts[0], parts[1]


def pivot_of(text: str | None) -> tuple[str, str, float] | None:
    """`industry=health:2`."""
    if text is None:
        return None
    column, equals, rest = text.partition("=")
    value, colon, factor = rest.rpartition(":")
    if not (equals and colon and column and value):
        raise UsageError(f"--pivot '{text}' is not COLUMN=VALUE:FACTOR", hint="as industry=health:2")
    return column.strip(), value.strip(), _number(factor, f"--pivot '{text}'")


def pairs_of(given: Sequence[str] | None, option: str) -> list[tuple[str, str]]:
    """`key=value` words; several in one, separated by blanks, are not split, because values may hold blanks."""
    pairs = []
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} '{text}' is not KEY=VALUE")
        pairs.append((name.strip(), value.strip()))
    return pairs


def shares_of(text: str) -> tuple[float, float, float]:
    """Three shares: revenue, quota credit, visits."""
    parts = text.split(",")
    if len(parts) != 3:
        raise UsageError(f"--shares '{text}' are not three: revenue, quota credit, visits", hint="as 0.5,1,0.3")
    revenue, credit, visits = (_number(part, f"--shares '{text}'") for part in parts)
    return revenue, credit, visits


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise UsageError(f"{what}: '{text}' is not a number") from error
    if not math.isfinite(value):
        raise UsageError(f"{what}: '{text}' is not a number")
    return value
