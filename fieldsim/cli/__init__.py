"""The command line: stdout carries the answer only, progress and warnings go to stderr, errors are one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from fieldsim.errors import FieldsimError, UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (design: 0 ok, 1 internal, 2 usage, 3 data, 4 infeasible, 5 no travel data)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except FieldsimError as error:
        return _say(error, "--json" in words)
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was finished is kept, the same command goes on from there\n")
        return 130
    except BrokenPipeError:
        # the reader of our output (head, less) has gone: not an error of ours
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return 0
    except Exception as error:
        if os.environ.get("FIELDSIM_DEBUG"):
            raise
        hint = "this is a bug in fieldsim; FIELDSIM_DEBUG=1 shows where"
        return _say(FieldsimError(f"internal error: {type(error).__name__}: {error}", hint=hint), "--json" in words)


def _run(words: list[str]) -> int:
    from typer.exceptions import TyperException
    from typer.main import get_command

    from fieldsim.cli.commands import app

    try:
        code = get_command(app).main(words, prog_name="fieldsim", standalone_mode=False)
    except TyperException as error:
        lines = (getattr(error, "format_message", error.__str__)() or "").split("\n")
        if not any(lines):
            return 2  # the help text has been printed: no command was given
        hint = f"see fieldsim {words[0]} --help" if words and not words[0].startswith("-") else "see fieldsim --help"
        raise UsageError(" ".join(line.strip() for line in lines).rstrip("."), hint=hint) from error
    return code if isinstance(code, int) else 0


def _say(error: FieldsimError, as_json: bool) -> int:
    """Print the error: one line for people, or the JSON object a script expects on stdout."""
    if as_json:
        import json

        sys.stdout.write(json.dumps(error.as_json()) + "\n")
    else:
        sys.stderr.write("error: " + " ".join(str(error).split("\n")) + "\n")
    return error.exit_code
