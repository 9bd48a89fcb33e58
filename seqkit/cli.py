"""The command line: one verb a function, the same words as in Python."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from seqkit.errors import (
    DataWarning,
    Interrupted,
    SeqkitError,
    TrainingError,
    UsageError,
)

# Whatever a verb prints may hold what others wrote: labels, ids, names of columns.
from seqkit.shared.escape import OutputLost, say
from seqkit.shared.escape import say as print
from seqkit.shared.terminal import json_text, open_streams

app = typer.Typer(
    name="seqkit",
    help="Sequences and a task in; a trustworthy recurrent model out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
RecipeName = Annotated[str | None, typer.Argument(help="A recipe's name or path.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Dotted keys, e.g. model.cell=gru."),
]
DataFile = Annotated[
    str | None,
    typer.Option("--data", metavar="FILE", help="csv, parquet or jsonl (packed too)."),
]
DataDir = Annotated[str | None, typer.Option(help="Folder of prepared TFDS data sets.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that are there already.")
]
Seed = Annotated[int | None, typer.Option(help="In place of train.seed.")]


def main() -> None:
    """Run the command line; exit status 0 done, 1 it failed, 2 called wrongly."""
    open_streams()
    warnings.showwarning = _show_warning
    try:
        _run()
    except SeqkitError as error:
        _fail(str(error), error.exit_status)
    except BrokenPipeError:
        # Who read the output has seen enough.
        _print_nothing_more()
        sys.exit(1)
    except OutputLost as error:
        _print_nothing_more()
        print(f"seqkit: The output cannot be written: {error}.", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        _fail(f"{error.strerror or error}{place}.", 1)


def _run() -> None:
    """Run the verb; a full disk says so here, and not when Python has ended."""
    status: Any = 0
    try:
        app()
    except SystemExit as ended:
        status = ended.code
    say(end="", flush=True)
    sys.exit(status)


def _print_nothing_more() -> None:
    """What could not be written would fail once more when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _fail(text: str, status: int) -> None:
    if "--json" in sys.argv:
        _print_json({"error": text})
    else:
        print(f"seqkit: {text}", file=sys.stderr)
    sys.exit(status)


def _show_warning(message: Any, category: Any, *place: Any, **options: Any) -> None:
    if issubclass(category, DataWarning):
        print(f"note: {message}", file=sys.stderr)


def _print_json(plain: Any) -> None:
    print(json_text(plain, indent=2))


def _asked(
    name: str | None, overrides: list[str] | None, data_dir: str | None
) -> tuple[str | None, dict[str, Any]]:
    """A recipe's name and what is changed in it; beside --resume no name is needed."""
    from seqkit.recipe.recipe import parse_overrides

    words = list(overrides or [])
    if name is not None and "=" in name and not name.endswith(".yaml"):
        words.insert(0, name)
        name = None
    changes = parse_overrides(words)
    return name, changes | ({"data.data_dir": data_dir} if data_dir else {})


@contextmanager
def _interruptible() -> Iterator[None]:
    """Keep the sentence of Ctrl-C: as a KeyboardInterrupt it would lose it outside."""
    try:
        yield
    except Interrupted as stopped:
        raise TrainingError(str(stopped)) from None


@app.command("list")
def list_recipes(as_json: Json = False) -> None:
    """List the recipes: ./recipes and those that ship."""
    from seqkit.recipe.catalog import catalog_rows

    rows = catalog_rows()
    if as_json:
        _print_json(rows)
        return
    if not rows:
        print("There are no recipes here. Write one in ./recipes: NAME.yaml")
        return
    table = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


@app.command()
def show(
    name: RecipeName = None,
    overrides: Overrides = None,
    cells: Annotated[bool, typer.Option("--cells", help="List the cells.")] = False,
    tasks: Annotated[bool, typer.Option("--tasks", help="List the tasks.")] = False,
    as_json: Json = False,
) -> None:
    """Show a recipe with every key resolved, or the names that recipes may use."""
    from seqkit.recipe.recipe import load_recipe, parse_overrides
    from seqkit.registry import CELLS, TASKS

    if cells or tasks:
        names = list(CELLS if cells else TASKS)
        print(json.dumps(names) if as_json else "\n".join(names))
        return
    if name is None:
        raise UsageError("show needs a recipe, --cells or --tasks: seqkit show NAME.")
    recipe = load_recipe(name, parse_overrides(overrides or []))
    if as_json:
        _print_json({"name": recipe.name, **recipe.to_dict()})
    else:
        print(recipe.to_yaml(), end="")


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON is what it prints anyway.")
    ] = True,
    overwrite: Overwrite = False,
) -> None:
    """Print the JSON Schema of recipes, from which editors complete."""
    from seqkit.recipe.recipe import recipe_schema
    from seqkit.shared.files import write_json
    from seqkit.shared.outputs import check_output

    if out:
        check_output(out, overwrite)
        write_json(out, recipe_schema())
    else:
        _print_json(recipe_schema())


@app.command()
def fit(
    name: RecipeName = None,
    overrides: Overrides = None,
    data: DataFile = None,
    data_dir: DataDir = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder.")] = None,
    seed: Seed = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Continue this unfinished run.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a recipe; gives a run's folder."""
    from seqkit.runs.fit import fit as train

    name, changes = _asked(name, overrides, data_dir)
    options: dict[str, Any] = {"data": data, "out": out, "seed": seed, "resume": resume}
    with _interruptible():
        run = train(name, changes, progress=not as_json, **options)
    if as_json:
        history = run.history.to_dict(orient="records")
        _print_json({"run": run.path, **run.facts, "history": history})
        return
    for note in run.notes:
        print(f"note: {note}", file=sys.stderr)
    columns = run.preprocessing.value_columns
    if len(columns) > 1:
        more = f" and {len(columns) - 8:,} more" if columns[8:] else ""
        print(f"Values were read from {', '.join(columns[:8])}{more}")
    print(f"The run is in {run.path}")
    print(f"Next: seqkit evaluate {run.path}")


@app.command()
def tune(
    name: RecipeName = None,
    overrides: Overrides = None,
    data: DataFile = None,
    data_dir: DataDir = None,
    out: Annotated[Path | None, typer.Option(help="The search's folder.")] = None,
    search: Annotated[
        str | None, typer.Option(help="random, hyperband, bayesian or grid.")
    ] = None,
    seed: Seed = None,
    workers: Annotated[int, typer.Option(help="Trials side by side.")] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="tls://HOST:PORT", help="A Dask scheduler to work on."),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Take a cluster that nothing protects.")
    ] = False,
    chief: Annotated[str | None, typer.Option(hidden=True)] = None,
    worker: Annotated[str | None, typer.Option(hidden=True)] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="SEARCH", help="Continue this search.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search a recipe's space; gives a verdict: which cell, by how much, how sure."""
    from seqkit.tuning import search as searching

    name, changes = _asked(name, overrides, data_dir)
    if chief or worker:
        raise UsageError(
            "--chief and --worker are gone: searches run on Dask. Start a scheduler "
            "and workers by its own commands, then: seqkit tune NAME --cluster "
            "tls://HOST:PORT. docs/tune_cluster.md shows how."
        )
    options: dict[str, Any] = {
        "data": data,
        "out": out,
        "search": search,
        "seed": seed,
        "workers": workers,
        "cluster": cluster,
        "insecure": insecure,
        "resume": resume,
    }
    with _interruptible():
        verdict = searching.tune(name, changes, progress=not as_json, **options)
    if as_json:
        _print_json({"search": verdict.path, **verdict.to_dict()})
        return
    print(verdict)
    if verdict.path:
        print(f"The page is {verdict.path / 'verdict.html'}")
        print(f"Next: {verdict.next_step}")


@app.command()
def evaluate(
    run: RunFolder,
    data: DataFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.json and the pictures.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Score a run on held-out rows, with its baselines beside it."""
    from seqkit.runs.run import load

    report = load(run).evaluate(data, out, overwrite)
    if as_json:
        _print_json(report.to_dict())
        return
    print(report)
    print(f"The report and its pictures are in {out or run}")


@app.command()
def compare(
    runs: Annotated[
        list[Path] | None, typer.Argument(metavar="RUN RUN...", help="Runs' folders.")
    ] = None,
    data: DataFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for comparison.json and its picture.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Within what two runs are equivalent.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Compare runs on held-out rows, over their seeds, with their baselines."""
    from seqkit.comparison.compare import compare as comparing

    options: dict[str, Any] = {"margin": margin, "overwrite": overwrite}
    comparison = comparing(*(runs or []), data=data, out=out, **options)
    if as_json:
        _print_json(comparison.to_dict())
        return
    print(comparison)
    if out:
        print(f"The comparison and its picture are in {out}")


@app.command()
def predict(
    run: RunFolder,
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="[INPUT]...", help="Raw inputs.")
    ] = None,
    data: DataFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a CSV there; - is the output.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Write a forecast's picture there (PNG).")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Answer raw inputs, typed in, from a file, or the recipe's own."""
    from seqkit.runs.run import load
    from seqkit.shared.outputs import check_output, save_picture

    if inputs and data:
        raise UsageError("predict takes either inputs or --data FILE, not both.")
    if picture and picture.suffix.lower() != ".png":
        raise UsageError(f"A picture is a PNG: name it {picture.stem}.png.")
    out = Path("/dev/stdout") if out == Path("-") else out
    for path in filter(None, (out, picture)):
        check_output(path, overwrite)
    loaded = load(run)
    given = loaded.task.typed(inputs) if inputs else data and Path(data)
    if picture:
        save_picture(loaded.plot(given), picture)
    answered = loaded.predict_chunks(given)
    if out:
        from seqkit.shared.files import appended_csv, is_stream

        rows = 0
        with appended_csv(out) as append:
            for _, answers in answered:
                append(answers)
                rows += len(answers)
        if not is_stream(out):
            print(json.dumps({"rows": rows, "out": str(out)}) if as_json else out)
        return
    for chunk, answers in answered:
        if as_json:
            for record in answers.to_dict("records"):
                print(json_text(record))
        else:
            print("\n".join(loaded.task.lines(chunk, answers)))


@app.command()
def backtest(
    run: RunFolder,
    data: DataFile = None,
    stride: Annotated[
        int | None, typer.Option(help="Steps from one origin to the next.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The backtest's folder; else RUN/backtest.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Forecast a run's test part from one origin after another, and score it."""
    from seqkit.runs.run import load

    report = load(run).backtest(data, stride, out, overwrite)
    if as_json:
        _print_json(report.to_dict())
        return
    print(report)
    print(f"Every forecast is in {(out or run / 'backtest') / 'backtest.csv'}")


@app.command()
def export(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="The export's folder; else RUN/export/FORMAT.")
    ] = None,
    format: Annotated[
        str, typer.Option(help="savedmodel, keras, onnx or litert.")
    ] = "savedmodel",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export that stands there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Ship a run as one artefact, loaded back and compared before it is called done."""
    from seqkit.runs.run import load

    folder = load(run).export(out or run / "export" / format, format, overwrite)
    if as_json:
        from seqkit.shared.files import read_json

        _print_json({"export": folder, **read_json(folder / "export.json")})
        return
    print(f"The export is in {folder}; its README.md says how to call it")
