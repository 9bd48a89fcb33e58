"""Where recipes lie, and how their files are read; nothing here needs their types.

Recipes are found by a path that is given, in the user's ``./recipes``, and among those
that ship. Listing them goes through here, so this module loads little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from seqkit.errors import Mistake, RecipeError, UnknownNameError, UsageError
from seqkit.recipe.nodes import Node, merge, shown
from seqkit.recipe.yaml import read_file
from seqkit.registry import did_you_mean

SUFFIXES = (".yaml", ".yml")
MAX_CHAIN = 20
"""Recipes that may extend each other in a row."""

OWN_WORDS = ("description", "reference")
"""What a recipe says of its own data, and of no other."""

Compare = Callable[[Node, Node], bool]
Fit = Callable[[Node, Node], Node]


def recipe_files() -> dict[str, Path]:
    """All recipes that can be named, by name; ``./recipes`` goes before the shipped."""
    found: dict[str, Path] = {}
    for folder in (shipped_folder(), Path("recipes")):
        found |= {path.stem: path for path in folder.glob("*.yaml") if path.is_file()}
    return dict(sorted(found.items()))


def shipped_folder() -> Path:
    """The folder of the recipes that ship, wherever seqkit was installed from.

    A wheel has it inside the package (as ``seqkit._recipes``), a checkout beside it.
    """
    package = Path(__file__).parents[1]
    inside = package / "_recipes"
    return inside if inside.is_dir() else package.parent / "recipes"


def find_recipe(name: str | Path) -> Path:
    """The file of a recipe; what ends in .yaml or .yml is taken as a path.

    Raises:
        UnknownNameError: there is no recipe of that name; names the nearest.
        UsageError: it is neither a name nor a path.
    """
    if not isinstance(name, (str, Path)) or not str(name).strip():
        raise UsageError(
            f"A recipe is given by its name or its path, got {shown(name)}."
        )
    path, known = Path(name), recipe_files()
    if path.suffix in SUFFIXES:
        if str(path) == path.name and path.stem in known and not path.exists():
            raise UnknownNameError(
                f"No file {str(name)!r} here. Did you mean the recipe {path.stem!r}?",
                known=known,
            )
        return path
    if str(name) not in known:
        raise UnknownNameError(
            f"No recipe {str(name)!r}. Known: {', '.join(known)}; or give a path that "
            f"ends in .yaml. {did_you_mean(str(name), known)}".rstrip(),
            known=known,
        )
    return known[str(name)]


def same_data(one: Node, other: Node) -> bool:
    """Whether two recipes have the same task and ``data`` section, as written."""

    def written(tree: Node) -> list[Any]:
        return [node and node.plain() for node in map(tree.at, ("task", "data"))]

    return written(one) == written(other)


def as_it_is(base: Node, over: Node) -> Node:
    """``base``, whatever is laid upon it."""
    return base


def read_tree(
    path: Path,
    mistakes: list[Mistake],
    is_same: Compare = same_data,
    fitted: Fit = as_it_is,
) -> Node:
    """Read a recipe's file and lay it upon the recipe that it extends, if any.

    Args:
        path: the file.
        mistakes: takes the mistakes that do not stop the reading.
        is_same: whether two recipes measure the same, so that one may say of itself
            what the other says (``with_own_words``).
        fitted: gives a recipe without the keys that do not go with another, which is
            laid upon it.

    Raises:
        RecipeError: reading cannot go on; lists the mistakes noted before as well.
    """
    return _extended(path, [], mistakes, is_same, fitted)


def with_own_words(
    base: Node, changed: Node, own: Iterable[str], is_same: Compare
) -> Node:
    """``changed`` without what it takes over from ``base`` that is untrue of it.

    A description and a published figure hold for what their recipe measures: where
    the changed one measures something else, only its ``own`` sections stay.
    """
    untrue = {key for key in OWN_WORDS if key in base.value} - set(own)
    if not untrue or is_same(base, changed):
        return changed
    kept = {key: node for key, node in changed.value.items() if key not in untrue}
    return Node(kept, changed.where)


def read_raw(path: Path) -> dict[str, Any]:
    """A recipe's keys with ``extends`` followed, but neither typed nor completed.

    Raises:
        RecipeError: the file, or one that it extends, has mistakes.
    """
    mistakes: list[Mistake] = []
    plain: dict[str, Any] = read_tree(path, mistakes).plain()
    if mistakes:
        raise RecipeError(mistakes)
    return plain


def _extended(
    path: Path,
    below: list[Path],
    mistakes: list[Mistake],
    is_same: Compare,
    fitted: Fit,
) -> Node:
    tree = read_file(path, mistakes)
    if "extends" not in tree.value:
        return tree
    extends = tree.value.pop("extends")
    try:
        base = _base(path, extends.plain())
        if any(_same(base, other) for other in (path, *below)):
            chain = " -> ".join(file.stem for file in (*reversed(below), path, base))
            raise UsageError(f"goes in a circle: {chain}.")
        if len(below) == MAX_CHAIN:
            raise UsageError(f"makes a chain of more than {MAX_CHAIN + 1} recipes.")
    except UsageError as error:
        mistake = Mistake(extends.where, "extends", str(error))
        raise RecipeError([*mistakes, mistake]) from None
    # Sections merge key by key; the value of a key is replaced whole.
    extended = _extended(base, [path, *below], mistakes, is_same, fitted)
    merged = merge(fitted(extended, tree), tree, 2)
    return with_own_words(extended, merged, tree.value, is_same)


def _base(path: Path, name: Any) -> Path:
    """The file that ``path`` extends: a path or a name, both seen from its folder."""
    if not isinstance(name, str) or not name:
        raise UsageError(f"must name one recipe, got {shown(name)}.")
    if name.endswith(SUFFIXES):
        if not _is_file(path.parent / name):
            raise UsageError(f"names no file: {shown(str(path.parent / name))}.")
        return path.parent / name
    # Folders in the order of the search. A recipe may extend a shipped one of its own
    # name, so its own file is passed over.
    folders = (path.parent, Path("recipes"), shipped_folder())
    for base in (folder / f"{name}.yaml" for folder in folders):
        if _is_file(base) and not _same(base, path):
            return base
    if name == path.stem:
        raise UsageError(f"names the recipe itself, {name!r}.")
    known = {*recipe_files(), *(file.stem for file in path.parent.glob("*.yaml"))}
    hint = did_you_mean(name, known - {path.stem})
    raise UsageError(f"names no recipe: {name!r}. {hint}".rstrip())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long for the file system
        return False


def _same(one: Path, other: Path) -> bool:
    return one.samefile(other)
