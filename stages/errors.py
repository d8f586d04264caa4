"""What a user sees when something is wrong: one message, an exit status, no traceback."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from stages.terminal import plain, plain_line

# Faults of the machine that its user can mend.
_REMEDIES = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some of your quota on that disk",
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`)",
    errno.EROFS: "make that disk writable",
    errno.EACCES: "allow this user to read and write there",
    errno.EPERM: "allow this user to read and write there",
    errno.ENOTDIR: "have a folder there",
    errno.EISDIR: "have a file there",
    errno.EEXIST: "move what is there out of the way",
    errno.ELOOP: "mend the link there",
}
_NOWHERE = "No usable temporary directory"
_LONGEST = 300  # characters of a fault
DONE, FAILED, USER, INTERRUPTED = 0, 1, 2, 130


class UserError(Exception):
    """The user's input or machine must change first (exit 2): what, where, value found, remedy."""


class RunFailed(Exception):  # noqa: N818 (it names an outcome, as the contract does)
    """The run was tried and failed (exit 1)."""


def run(main: Callable[[list[str]], int | None], argv: list[str] | None = None) -> NoReturn:
    """Call ``main`` with the command line and leave the process with the contract's exit status.

    ``--debug`` anywhere on the command line, up to a ``--``, shows tracebacks. SIGTERM and a closed
    terminal unwind like Ctrl-C, so that whatever the stage started is stopped.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    own = arguments.index("--") if "--" in arguments else len(arguments)
    debug = "--debug" in arguments[:own]
    ours = [argument for argument in arguments[:own] if argument != "--debug"]
    arguments = ours + arguments[own:]
    signal.signal(signal.SIGTERM, _unwind)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _unwind)  # a closed terminal; nohup has it ignored
    try:
        status = main(arguments) or DONE
        if sys.stdout:
            sys.stdout.flush()  # now, while what goes wrong with it is told as anything else is
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = INTERRUPTED
    except (UserError, RunFailed) as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        status = USER if isinstance(error, UserError) else FAILED
        if debug:
            traceback.print_exc()
    except BrokenPipeError:
        status = FAILED  # the reader of our output has left: nothing is wrong on our side
    except Exception as error:  # noqa: BLE001 (the last line of defence is here)
        remedy = _remedy(error) if isinstance(error, OSError) else None
        if debug:
            traceback.print_exc()
        elif remedy and isinstance(error, OSError):
            place = f" ({plain(str(error.filename))})" if error.filename else ""
            print(
                f"error: {error.strerror}{place}; {remedy}, then run the same command again",
                file=sys.stderr,
            )
        else:
            where = traceback.extract_tb(error.__traceback__)[-1]
            print(
                f"error: a fault of Overthink's own, {type(error).__name__}: {_brief(error)} "
                f"({where.name}, line {where.lineno}); --debug shows the traceback, "
                "please report it",
                file=sys.stderr,
            )
        status = USER if remedy else FAILED
    _forget_unwritten()
    sys.exit(status)


def _brief(error: Exception) -> str:
    """What it says, in one line and short: a fault may quote all that it was given."""
    text = plain_line(str(error))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _remedy(error: OSError) -> str | None:
    if str(error.strerror).startswith(_NOWHERE):  # tempfile tells it as a file that isn't there
        return "free some space there, or have TMPDIR name a folder that has some"
    return _REMEDIES.get(error.errno or 0)


def only_argument(argv: list[str], name: str) -> str:
    """The one argument of a stage that runs for each ``name``. Raises ``UserError``."""
    if len(argv) != 1:
        found = " ".join(argv) or "nothing"
        raise UserError(f"found {found} where one {name} is wanted; `dvc dag` lists the stages")
    return argv[0]


def _forget_unwritten() -> None:
    """Drop what can't be written: at its end Python would try again, and complain in its words."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream and not stream.closed:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unwind(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
