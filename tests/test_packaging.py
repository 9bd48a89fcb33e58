"""Recipes are found from a wheel, an editable install and a plain checkout.

Each kind is made in an environment of its own. What seqkit needs is lent to it from the
environment that runs the tests, by links, so that nothing is downloaded twice; seqkit
itself is not lent.
"""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from seqkit.recipe.catalog import catalog_rows

SOURCES = (
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "recipes",
    "seqkit",
    "setup.cfg",
    "setup.py",
)
LIST = (
    "import json, seqkit, seqkit.recipe.catalog, seqkit.recipe.files\n"
    "rows = seqkit.recipe.catalog.catalog_rows()\n"
    "for row in rows: seqkit.load_recipe(row['name'])\n"
    "shipped = seqkit.recipe.files.shipped_folder()\n"
    "print(json.dumps([seqkit.__file__, str(shipped.resolve()), rows]))"
)

SUFFIXES = {".py", ".yaml", ".typed", ".css", ".html", ".json"}
"""Of the files that a wheel holds."""


def run(*words: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command outside the checkout; gives what it printed."""
    unset = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    variables |= {key: value for key, value in os.environ.items() if key not in unset}
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def listed(
    python: str | Path, cwd: Path, **variables: str
) -> tuple[Path, Path, list[dict[str, str]]]:
    """Where an interpreter finds seqkit, its recipes, and what it lists."""
    package, shipped, rows = json.loads(run(python, "-c", LIST, cwd=cwd, **variables))
    return Path(package).parent, Path(shipped), rows


@pytest.fixture(scope="module")
def expected(root: Path) -> list[dict[str, str]]:
    """What must be listed everywhere; the tests run from the checkout."""
    rows = catalog_rows()
    assert {row["name"] for row in rows} == {
        p.stem for p in root.glob("recipes/*.yaml")
    }
    return rows


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, so that building leaves nothing in the real one."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        if (root / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / name, folder / name, ignore=ignore)
        else:
            shutil.copy(root / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of links to all that is installed here, but not to seqkit."""
    folder = tmp_path_factory.mktemp("lent")
    for key in ("platlib", "purelib"):
        for path in Path(sysconfig.get_path(key)).iterdir():
            ours = path.name.startswith(("seqkit", "__editable__"))
            if not ours and path.suffix != ".pth" and not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
    return folder


def environment(folder: Path, lent: Path) -> Path:
    """Make an environment that holds what is lent to it; gives its interpreter."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    site = run(
        python, "-c", "import sysconfig as s; print(s.get_path('purelib'))", cwd=folder
    )
    (Path(site.strip()) / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    return python


def install(python: Path, *words: str | Path) -> None:
    """Install into an environment, from this machine alone."""
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    alone = ("--no-deps", "--no-index", "--no-build-isolation")
    run(*pip, *alone, *words, cwd=python.parent)


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    # The build's own requirements are those of the extra `test`.
    options = ("--wheel", "--no-isolation", "--skip-dependency-check")
    run(sys.executable, "-m", "build", *options, "--outdir", out, checkout, cwd=out)
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_every_file_and_nothing_else(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {
        path.relative_to(root)
        for folder in ("seqkit", "recipes")
        for path in (root / folder).rglob("*")
        if path.is_file() and path.suffix in SUFFIXES
    }
    recipes = {f"seqkit/_{file}" for file in files if file.parts[0] == "recipes"}
    modules = {str(file) for file in files if file.parts[0] == "seqkit"}
    assert held == modules | recipes


def test_recipes_are_found_from_a_wheel(
    wheel: Path, lent: Path, tmp_path: Path, expected: list[dict[str, str]]
) -> None:
    python = environment(tmp_path / "env", lent)
    install(python, wheel)
    package, shipped, rows = listed(python, tmp_path)
    assert package.is_relative_to(tmp_path / "env")
    assert shipped == package.resolve() / "_recipes"
    assert rows == expected
    command = run(python.parent / "seqkit", "list", "--json", cwd=tmp_path)
    assert json.loads(command) == expected


def test_recipes_are_found_from_an_editable_install(
    checkout: Path, lent: Path, tmp_path: Path, expected: list[dict[str, str]]
) -> None:
    python = environment(tmp_path / "env", lent)
    install(python, "--editable", checkout)
    package, shipped, rows = listed(python, tmp_path)
    assert package.resolve() == checkout.resolve() / "seqkit"
    assert shipped == checkout.resolve() / "recipes"
    assert rows == expected


def test_recipes_are_found_from_a_checkout_that_was_never_installed(
    checkout: Path, lent: Path, tmp_path: Path, expected: list[dict[str, str]]
) -> None:
    python = environment(tmp_path / "env", lent)
    package, shipped, rows = listed(python, tmp_path, PYTHONPATH=str(checkout))
    assert package == checkout / "seqkit"
    assert shipped == checkout.resolve() / "recipes"
    assert rows == expected


def test_source_archive_holds_the_recipes_and_their_scripts(
    checkout: Path, tmp_path: Path
) -> None:
    options = ("--sdist", "--no-isolation", "--skip-dependency-check")
    run(
        sys.executable,
        "-m",
        "build",
        *options,
        "--outdir",
        tmp_path,
        checkout,
        cwd=tmp_path,
    )
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        # Python has had filters since 3.11.4.
        if hasattr(tarfile, "data_filter"):
            files.extraction_filter = staticmethod(tarfile.data_filter)
        files.extractall(tmp_path / "unpacked")
    (top,) = (tmp_path / "unpacked").iterdir()
    held = {path.name for path in (top / "recipes").iterdir()}
    assert held >= {
        path.name for path in (checkout / "recipes").iterdir() if path.is_file()
    }
    assert (top / "LICENSE").is_file()


def test_pyproject_leaves_the_metadata_to_setup_cfg(root: Path) -> None:
    import tomllib

    with open(root / "pyproject.toml", "rb") as file:
        tables = tomllib.load(file)
    assert set(tables) == {"build-system", "tool"}
    assert set(tables["tool"]) == {"ruff"}


def test_every_declared_library_is_used_and_every_used_one_declared(root: Path) -> None:
    """Compares the imports of the package with ``install_requires`` and the extras."""
    import ast

    config = configparser.ConfigParser(interpolation=None)
    config.read(root / "setup.cfg")
    lines = config["options"]["install_requires"].splitlines()
    for extra in ("onnx", "subword"):
        lines += config["options.extras_require"][extra].splitlines()
    declared = {line.split(">=")[0].lower().replace("-", "_") for line in lines if line}
    names = {"pyyaml": "yaml", "scikit_learn": "sklearn", "absl_py": "absl"}
    names["python_dateutil"] = "dateutil"
    declared = {names.get(name, name) for name in declared if not name.startswith("#")}
    used: set[str] = set()
    for path in (root / "seqkit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module.split(".")[0])
    used -= {*sys.stdlib_module_names, "seqkit", "__future__"}
    # Wanted by libraries that we import, and required by none of them.
    for_others = {"cryptography", "importlib_resources", "onnx", "tensorboard"}
    assert used <= declared
    assert declared - used <= for_others
