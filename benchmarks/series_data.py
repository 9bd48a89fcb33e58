"""The series of the literature, as the recipes read them.

Everything comes from the folder that SEQKIT_DATA names; what has to be rewritten goes
to a folder of the caller's.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

STEPS = {"MONTHLY": "MS", "QUARTERLY": "QS", "YEARLY": "YS"}


def data_folder() -> Path:
    """The folder that SEQKIT_DATA names."""
    folder = Path(os.environ.get("SEQKIT_DATA", ""))
    if not (folder / "m4").is_dir():
        raise SystemExit("Set SEQKIT_DATA to the folder that holds m4/.")
    return folder


def ett() -> str:
    """ETTh1: 17,420 hours of 7 columns."""
    return str(data_folder() / "ett" / "ETTh1.csv.gz")


def m4_hourly(folder: Path) -> str:
    """414 hourly series, a row each; the 48 hours of the official test are the last."""
    source = data_folder() / "m4"
    train = pd.read_csv(source / "Hourly-train.csv.gz", dtype=str).set_index("V1")
    test = pd.read_csv(source / "Hourly-test.csv.gz", dtype=str).set_index("V1")
    rows = [
        [name, *train.loc[name].dropna(), *test.loc[name].dropna()]
        for name in train.index
    ]
    path = folder / "m4_hourly.csv"
    pd.DataFrame(rows).to_csv(path, index=False, header=_header(rows))
    return str(path)


def _header(rows: list[list[str]]) -> list[str]:
    return ["id", *(f"h{step}" for step in range(1, max(map(len, rows))))]


def tourism(folder: Path, period: str) -> str:
    """The series of one period (MONTHLY, QUARTERLY, YEARLY), long, test steps last."""
    table = pd.read_csv(data_folder() / "tourism" / "tourism.csv.gz")
    frames = []
    for row in table[table["period"] == period].itertuples():
        values = np.array(f"{row.train} {row.test}".split(), float)
        year, share = divmod(row.start, 1)
        first = pd.Timestamp(int(year), 1 + round(share * 12), 1)
        stamps = pd.date_range(first, periods=len(values), freq=STEPS[period])
        named = {"id": row.series, "timestamp": stamps, "value": values}
        frames.append(pd.DataFrame(named))
    path = folder / f"tourism_{period.lower()}.csv"
    pd.concat(frames).to_csv(path, index=False)
    return str(path)


def classic(name: str) -> str:
    """A file of the classic series, e.g. ``daily-min-temperatures.csv``."""
    return str(data_folder() / "classic_ts" / name)


def pollution(folder: Path) -> str:
    """Beijing's hourly PM2.5 with the weather, its four time columns made one."""
    table = pd.read_csv(classic("pollution.csv.gz"))
    stamps = pd.to_datetime(table[["year", "month", "day", "hour"]])
    kept = table.drop(columns=["No", "year", "month", "day", "hour", "cbwd"])
    kept.insert(0, "timestamp", stamps)
    path = folder / "pollution.csv"
    kept.to_csv(path, index=False)
    return str(path)


def stocks() -> str:
    """Shiller's S&P 500, monthly."""
    return str(data_folder() / "stocks" / "sp500_monthly_shiller.csv")


def suite(name: str, most: int = 0) -> pd.DataFrame:
    """A set of the development suite, long; at most so many series, evenly spread."""
    frame = pd.read_csv(data_folder() / "suite" / "forecasting" / f"{name}.csv.gz")
    if not most:
        return frame
    names = list(dict.fromkeys(frame["id"]))
    return frame[frame["id"].isin(names[:: -(-len(names) // most)])]
