"""The command line: stdout carries the answer only, progress and warnings go to stderr, errors are one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from fieldsim.errors import FieldsimError, UsageError

_STOPPED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the signal's number."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (design: 0 ok, 1 internal, 2 usage, 3 data, 4 infeasible, 5 no travel data)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except FieldsimError as error:
        return _say(error, "--json" in words)
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was finished is kept, the same command goes on from there\n")
        return _STOPPED
    except BrokenPipeError:
        # the reader of our output (head, less) has gone: not an error of ours, nor of Python's when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        # files to read are opened, and their errors named, by the rooms; what is left are files to write
        where = error.filename2 or error.filename
        return _say(UsageError(f"cannot write '{where}': {error.strerror}"), "--json" in words)
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
        sys.stdout.flush()
    except SystemExit as stop:  # typer's answer to a closed pipe
        raise BrokenPipeError from stop
    except TyperException as error:
        lines = (getattr(error, "format_message", error.__str__)() or "").split("\n")
        if type(error).__name__ == "NoArgsIsHelpError":  # no command was given: the message is the help text
            sys.stderr.write("\n".join(lines) + "\n")
            return 2
        known = words and words[0] in get_command(app).commands  # type: ignore[attr-defined]
        hint = f"see fieldsim {words[0]} --help" if known else "see fieldsim --help"
        raise UsageError(" ".join(line.strip() for line in lines).rstrip("."), hint=hint) from error
    if code == _STOPPED:  # typer has made Ctrl-C an exit code
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _say(error: FieldsimError, as_json: bool) -> int:
    """Print the error: one line for people, or the JSON object a script expects on stdout."""
    if as_json:
        import json

        sys.stdout.write(json.dumps(error.as_json()) + "\n")
    else:
        # ids and cells of a file may hold anything, escape sequences of a terminal too
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"error: {line}\n")
    return error.exit_code
