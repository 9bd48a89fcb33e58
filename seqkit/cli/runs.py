"""Verbs about runs that are trained: evaluate, compare, predict, backtest, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from seqkit.cli.asked import DataFile, Decode, Json, Overwrite, RunFolder, asked_run
from seqkit.cli.printing import print_json
from seqkit.errors import UsageError
from seqkit.shared.escape import say as print
from seqkit.shared.terminal import json_text


def evaluate(
    run: RunFolder,
    data: DataFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.json and the pictures.")
    ] = None,
    decode: Decode = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Score a run on held-out rows, with its baselines beside it."""
    loaded = asked_run(run, decode)
    report = loaded.evaluate(data, out, overwrite)
    if as_json:
        print_json(report.to_dict())
        return
    print(report)
    print(f"The report and its pictures are in {out or loaded.report_folder}")


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
    decode: Decode = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Compare runs on held-out rows, over their seeds, with their baselines."""
    from seqkit.comparison.compare import compare as comparing

    options: dict[str, Any] = {"margin": margin, "overwrite": overwrite}
    loaded = [asked_run(run, decode) for run in runs or []]
    comparison = comparing(*loaded, data=data, out=out, **options)
    if as_json:
        print_json(comparison.to_dict())
        return
    print(comparison)
    if out:
        print(f"The comparison and its picture are in {out}")


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
    decode: Decode = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Answer raw inputs, typed in, from a file, or the recipe's own."""
    from seqkit.shared.outputs import check_output, save_picture

    if inputs and data:
        raise UsageError("predict takes either inputs or --data FILE, not both.")
    if picture and picture.suffix.lower() != ".png":
        raise UsageError(f"A picture is a PNG: name it {picture.stem}.png.")
    out = Path("/dev/stdout") if out == Path("-") else out
    for path in filter(None, (out, picture)):
        check_output(path, overwrite)
    loaded = asked_run(run, decode)
    raw = loaded.task.typed(inputs) if inputs else data and Path(data)
    if picture:
        save_picture(loaded.plot(raw), picture)
    answered = loaded.predict_chunks(raw)
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
        print_json(report.to_dict())
        return
    print(report)
    print(f"Every forecast is in {(out or run / 'backtest') / 'backtest.csv'}")


def export(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="The export's folder; else RUN/export/FORMAT.")
    ] = None,
    format: Annotated[
        str, typer.Option(help="savedmodel, keras, onnx or litert.")
    ] = "savedmodel",
    decode: Decode = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export that stands there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Ship a run as one artefact, loaded back and compared before it is called done."""
    loaded = asked_run(run, decode)
    folder = loaded.export(
        out or loaded.report_folder / "export" / format, format, overwrite
    )
    if as_json:
        from seqkit.shared.files import read_json

        print_json({"export": folder, **read_json(folder / "export.json")})
        return
    print(f"The export is in {folder}; its README.md says how to call it")
