"""The command line: one verb a function, the same words as in Python."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import typer

from seqkit.cli.printing import fail, print_nothing_more, show_warning
from seqkit.cli.recipes import list_recipes, schema, show
from seqkit.cli.runs import backtest, compare, evaluate, export, predict
from seqkit.cli.training import fit
from seqkit.cli.tuning import tune
from seqkit.errors import SeqkitError
from seqkit.shared.escape import OutputLost, say
from seqkit.shared.terminal import open_streams

app = typer.Typer(
    name="seqkit",
    help="Sequences and a task in; a trustworthy recurrent model out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

VERBS: dict[str, Callable[..., None]] = {
    "list": list_recipes,
    "show": show,
    "schema": schema,
    "fit": fit,
    "tune": tune,
    "evaluate": evaluate,
    "compare": compare,
    "predict": predict,
    "backtest": backtest,
    "export": export,
}
for _name, _verb in VERBS.items():
    app.command(_name)(_verb)


def main() -> None:
    """Run the command line; exit status 0 done, 1 it failed, 2 called wrongly."""
    open_streams()
    warnings.showwarning = show_warning
    try:
        _run()
    except SeqkitError as error:
        fail(str(error), error.exit_status)
    except BrokenPipeError:
        # Who read the output has seen enough.
        print_nothing_more()
        sys.exit(1)
    except OutputLost as error:
        print_nothing_more()
        say(f"seqkit: The output cannot be written: {error}.", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        fail(f"{error.strerror or error}{place}.", 1)


def _run() -> None:
    """Run the verb; a full disk says so here, and not when Python has ended."""
    status: Any = 0
    try:
        app()
    except SystemExit as ended:
        status = ended.code
    say(end="", flush=True)
    sys.exit(status)
