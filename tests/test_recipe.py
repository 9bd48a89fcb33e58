"""Recipes: what is accepted, every mistake with its place, overrides, round trips."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import Mistake, RecipeError, UnknownNameError, UsageError
from seqkit.recipe import Recipe, load_recipe, parse_overrides, recipe_files

HEAD = "task: classify_text\ndata: {source: sample:reviews}\n"


def load(text: str, overrides: dict[str, Any] | None = None) -> Recipe:
    """Load a recipe from its text, as from the file ``r.yaml``."""
    Path("r.yaml").write_text(text, encoding="utf-8")
    return load_recipe("r.yaml", overrides)


def mistakes(text: str, overrides: dict[str, Any] | None = None) -> list[str]:
    """All mistakes of a recipe that must have some."""
    with pytest.raises(RecipeError) as refusal:
        load(text, overrides)
    return str(refusal.value).splitlines()


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_smallest_recipe_takes_every_default() -> None:
    recipe = load(HEAD)
    assert recipe.name == "r"
    assert recipe.model.model_dump() == type(recipe.model)().model_dump()
    assert (recipe.tune, recipe.reference, recipe.description) == ({}, None, "")


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ("train: {learning_rate: 1e-3}", "train.learning_rate", 0.001),
        ("train: {learning_rate: 1}", "train.learning_rate", 1.0),
        ("train: {clip_norm: 5}", "train.clip_norm", 5.0),
        ("train: {patience: null}", "train.patience", None),
        ("train: {patience: ~}", "train.patience", None),
        ("model: {units: [64, 32]}", "model.units", (64, 32)),
        ("model: {bidirectional: none}", "model.bidirectional", "none"),
        ("model: {layer_norm: True}", "model.layer_norm", True),
        ("description: no", "description", "no"),
        ("description: 12:30", "description", "12:30"),
        ("description: 2024-01-31", "description", "2024-01-31"),
    ],
)
def test_value_arrives_with_its_type(line: str, path: str, value: Any) -> None:
    found: Any = load(HEAD + line)
    for part in path.split("."):
        found = getattr(found, part)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        (
            "train: {epochs: 1_000}",
            "train.epochs must be a whole number, got '1_000': wri",
        ),
        ("train: {epochs: 0x10}", "train.epochs must be a whole number, got '0x10'."),
        (
            "train: {epochs: 010}",
            "train.epochs must be a whole number, got '010': write 10",
        ),
        ("train: {epochs: 12:30}", "train.epochs must be a whole number, got '12:30'."),
        (
            "train: {epochs: 2.0}",
            "train.epochs must be a whole number, got 2.0: write 2.",
        ),
        (
            "train: {epochs: '2'}",
            "train.epochs must be a whole number, got '2': write 2.",
        ),
        ("train: {epochs: true}", "train.epochs must be a whole number, got true."),
        ("train: {epochs: }", "train.epochs must be a whole number, got null."),
        ("train: {epochs: 0}", "train.epochs must be greater than 0, got 0."),
        (
            "train: {epochs: 3000000000}",
            "train.epochs must be less than 2147483648, got",
        ),
        ("train: {epochs: [3]}", "train.epochs must be a whole number, got [3]."),
        (
            "train: {learning_rate: .nan}",
            "train.learning_rate must be a finite number, go",
        ),
        (
            "train: {learning_rate: .inf}",
            "train.learning_rate must be a finite number, go",
        ),
        (
            "train: {learning_rate: 0}",
            "train.learning_rate must be greater than 0, got 0.",
        ),
        (
            "train: {learning_rate: true}",
            "train.learning_rate must be a number, got true.",
        ),
        (
            "train: {learning_rate: nan}",
            "train.learning_rate must be a number, got 'nan'.",
        ),
        (
            "train: {clip_norm: abc}",
            "train.clip_norm must be a number or null, got 'abc'.",
        ),
        ("train: {warmup: 1}", "train.warmup must be less than 1, got 1."),
        ("train: {seed: -1}", "train.seed must be at least 0, got -1."),
        (
            "train: {clip_norm: 1, clip_value: 2}",
            "train sets both clip_norm (1.0) and clip_value (2.0). Set one of them to",
        ),
        ("train: 5", "train must hold keys and values, got 5."),
        ("train:", "train must hold keys and values, got null."),
        ("train: [epochs]", "train must hold keys and values, got ['epochs']."),
        ("model: {units: 64}", "model.units must be a list, got 64: write [64]."),
        ("model: {units: '64'}", "model.units must be a list, got '64': write [64]."),
        ("model: {units: []}", "model.units must hold at least 1 value(s), got []."),
        ("model: {units: [0]}", "model.units[0] must be greater than 0, got 0."),
        (
            "model: {units: [64, yes]}",
            "model.units[1] must be a whole number, got 'yes'.",
        ),
        (
            "model: {residual: no}",
            "model.residual must be true or false, got 'no': write f",
        ),
        (
            "model: {residual: On}",
            "model.residual must be true or false, got 'On': write t",
        ),
        ("model: {residual: 1}", "model.residual must be true or false, got 1."),
        (
            "model: {cell: lsmt}",
            "model.cell must be one of simple_rnn, lstm, gru, got 'lsmt'. "
            "Did you mean 'lstm'?",
        ),
        (
            "model: {cell: GRU}",
            "model.cell must be one of simple_rnn, lstm, gru, got 'GRU'. "
            "Did you mean 'gru'?",
        ),
        ("model: {cell: 3}", "model.cell must be text, got 3: write '3'."),
        (
            "model: {bidirectional: cocnat}",
            "model.bidirectional must be one of none, concat, sum, mean, multiply, got "
            "'cocnat'. Did you mean 'concat'?",
        ),
        (
            "model: {bidirectional: no}",
            "model.bidirectional must be one of none, concat, ",
        ),
        ("model: {lr: 3}", "model.lr is not a known key. Allowed: cell, units, "),
        ("model: {x-y: 3}", "model.x-y is not a known key. Allowed: cell, units, "),
        ("model: {'': 3}", "model.'' is not a known key. Allowed: cell, units, "),
        ("model: {int: 3}", "model.int is not a known key. Allowed: cell, units, "),
        (
            "cell: lstm",
            "cell is not a known key. Allowed: extends, task, description, dat",
        ),
        ("description: 3", "description must be text, got 3."),
        ("description: [a]", "description must be text, got ['a']."),
        ("reference: {metric: a, value: 1}", "reference.source is missing."),
        ("reference: 0.9", "reference must hold keys and values, got 0.9."),
        (
            "tune: [model.cell]",
            "tune must map dotted keys to searches, got ['model.cell'].",
        ),
        (
            "name: mine",
            "name is not a known key. Allowed: extends, task, description, dat",
        ),
    ],
)
def test_mistake_is_told_in_one_sentence(line: str, mistake: str) -> None:
    (told,) = mistakes(HEAD + line)
    assert told.startswith(f"r.yaml:3: {mistake}")


def test_unknown_key_says_where_it_belongs_or_what_is_nearest() -> None:
    told = mistakes(HEAD + "model:\n  epochs: 3\n  unit: [3]\npooling: mean\n")
    assert [line.rpartition(". ")[2] for line in told] == [
        "It belongs in 'train'.",
        "Did you mean 'units'?",
        "It belongs in 'model'.",
    ]


def test_missing_key_says_what_it_takes() -> None:
    assert mistakes("task: classify_text\ndata:\n  text: review\n") == [
        "r.yaml:2: data.source is missing: tfds:NAME, csv:PATH, parquet:PATH, "
        "jsonl:PATH or sample:NAME."
    ]
    assert mistakes("task: classify_text")[0].startswith(
        "r.yaml:1: data.source is miss"
    )


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "train: {}",
            "r.yaml:1: task is missing. Every recipe names one of: classify_text",
        ),
        (
            "\ntask: clasify_text",
            "r.yaml:2: task must be one of classify_text, got 'clasify_text'. "
            "Did you mean 'classify_text'?",
        ),
        ("task: [a]", "r.yaml:1: task must be one of classify_text, got ['a']."),
        ("task:", "r.yaml:1: task must be one of classify_text, got null."),
    ],
)
def test_recipe_without_a_known_task_is_refused(text: str, mistake: str) -> None:
    (told,) = mistakes(text)
    assert told.startswith(mistake)


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    told = mistakes(
        """\
task: classify_text
data:
  source: sample:reviews
  lable: stars
  validation: 2
  validation: 0.1
model:
  cell: lsmt
  units: 64
train: {epochs: no, learning_rate: 1e-3}
tune:
  model.cell: {choice: [gru, grru]}
  modle.cell: {choice: [gru]}
reference: {metric: accuracy, value: high, source: paper}
colour: red
""",
        {"train.batch_size": "many", "trian.epochs": 3},
    )
    assert [" ".join(line.split()[:2]) for line in told] == [
        "r.yaml:4: data.lable",
        "r.yaml:5: data.validation",
        "r.yaml:6: data.validation",
        "r.yaml:8: model.cell",
        "r.yaml:9: model.units",
        "r.yaml:10: train.epochs",
        "r.yaml:12: tune.model.cell",
        "r.yaml:13: tune.modle.cell",
        "r.yaml:14: reference.value",
        "r.yaml:15: colour",
        "override: 'trian.epochs'",
        "override: train.batch_size",
    ]


def test_unknown_task_does_not_hide_the_mistakes_of_shared_sections() -> None:
    told = mistakes("task: x\ndata: {a: 1}\ntrain: {epochs: 0}\ntune: {train.x: 3}\n")
    assert [line.split()[1] for line in told] == [
        "task",
        "train.epochs",
        "tune.train.x",
    ]


def test_recipe_error_keeps_its_mistakes_when_pickled() -> None:
    error = RecipeError(
        [Mistake("r.yaml:1", "task", "is  missing."), Mistake("b", "", "c")]
    )
    again = pickle.loads(pickle.dumps(error))
    assert again.mistakes == error.mistakes
    assert str(again) == "r.yaml:1: task is  missing.\nb: c"
    assert again.exit_status == 2


def test_recipe_cannot_be_changed_in_place() -> None:
    recipe = load(HEAD + "tune: {model.units: {choice: [[64], [32, 32]]}}\n")
    with pytest.raises(ValueError, match="frozen"):
        recipe.name = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        recipe.train.epochs = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match="A recipe is frozen: recipe.with_"):
        recipe.tune["model.cell"] = recipe.train
    with pytest.raises(TypeError, match="frozen"):
        recipe.tune.update({})
    with pytest.raises(TypeError, match="frozen"):
        recipe.tune |= {}  # type: ignore[misc]
    assert recipe.tune["model.units"].model_dump() == {"choice": ((64,), (32, 32))}


def test_equal_recipes_are_equal_and_hash_alike() -> None:
    text = HEAD + "tune: {model.units: {choice: [[64], [32, 32]]}}\n"
    one, other = load(text), load(text + "train: {epochs: 10}\n")
    assert one == other and hash(one) == hash(other)
    assert one != load(text, {"train.epochs": 11})


def test_copied_and_pickled_recipe_is_equal() -> None:
    recipe = load(HEAD + "tune: {model.units: {choice: [[64], [32, 32]]}}\n")
    assert copy.deepcopy(recipe) == recipe
    assert pickle.loads(pickle.dumps(recipe)) == recipe


@pytest.mark.parametrize(
    ("overrides", "path", "value"),
    [
        ({"model.cell": "gru"}, "model.cell", "gru"),
        ({"model.units": [128, 64]}, "model.units", (128, 64)),
        ({"model.units": (128,)}, "model.units", (128,)),
        ({"train.patience": None}, "train.patience", None),
        ({"train": {"epochs": 2}}, "train.epochs", 2),
        ({"train": {"epochs": 2}}, "train.seed", 0),
        ({"train": {"epochs": 2}, "train.epochs": 4}, "train.epochs", 4),
        ({"description": "new"}, "description", "new"),
        ({"reference": None}, "reference", None),
        ({"tune": {}}, "tune", {}),
        ({"tune.model.cell": None}, "tune", {}),
    ],
)
def test_override_replaces_a_value_whole(
    overrides: dict[str, Any], path: str, value: Any
) -> None:
    text = HEAD + (
        "train: {seed: 7, patience: 3}\ntune: {model.cell: {choice: [lstm, gru]}}\n"
        "reference: {metric: accuracy, value: 0.9, source: paper}\n"
    )
    for recipe in (load(text, overrides), load(text).with_(overrides)):
        found: Any = recipe
        for part in path.split("."):
            found = getattr(found, part)
        assert found == value


def test_override_of_a_search_takes_the_place_of_the_old_one() -> None:
    text = HEAD + "tune: {train.learning_rate: {choice: [0.1, 0.2]}}\n"
    recipe = load(text, {"tune.train.learning_rate": {"log": [1e-4, 1e-2]}})
    assert recipe.to_dict()["tune"] == {"train.learning_rate": {"log": [1e-4, 1e-2]}}


@pytest.mark.parametrize(
    ("overrides", "mistake"),
    [
        ({"model.units": 64}, "model.units must be a list, got 64: write [64]."),
        ({"model.cel": "gru"}, "model.cel is not a known key. Allowed: cell"),
        ({"train.epochs.x": 3}, "train.epochs must be a whole number, got {x: 3}."),
        ({"model": "gru"}, "model must hold keys and values, got 'gru'."),
        ({"extends": "x"}, "'extends' is not a key of a recipe. An override names"),
        ({"": 3}, "'' is not a key of a recipe."),
        ({"model.": 3}, "'model.' is not a key of a recipe."),
        ({"model..cell": 3}, "'model..cell' is not a key of a recipe."),
        ({".model": 3}, "'.model' is not a key of a recipe."),
        ({3: 3}, "'3' is not a key of a recipe."),
        (
            {"cell": "gru"},
            "'cell' is not a key of a recipe. An override names a section",
        ),
        ({"train.epochs": float("nan")}, "train.epochs must be a"),
        (
            {"train.epochs": 10**5000},
            "train.epochs must be less than 2147483648, got a n",
        ),
        ({"train.epochs": object}, "train.epochs must be a whole number, got <class"),
        ({"model.units": {64}}, "model.units must be a list, got {64}."),
        ({"data.text": "\ud800"}, "data.text must be Unicode text, got '\\ud800'."),
        ({"description": "\ud800"}, "description must be Unicode text, got '\\ud800'."),
        ({"data.\ud800": 1}, "data.\\ud800 must be Unicode text, got 1."),
        (
            {"tune.model.cell": "gru"},
            "tune.model.cell must be one of {choice: [...]}, {lo",
        ),
        ({"tune.model.cel": None}, "tune.model.cel is not a key of this recipe."),
        ({"tune.": 3}, "'tune.' is not a key of a recipe."),
        ({"task": "x"}, "task must be one of classify_text, got 'x'."),
    ],
)
def test_wrong_override_is_refused(overrides: dict[str, Any], mistake: str) -> None:
    (told,) = mistakes(HEAD, overrides)
    assert told.startswith(f"override: {mistake}")
    with pytest.raises(RecipeError) as refusal:
        load(HEAD).with_(overrides)
    assert str(refusal.value) == told


@pytest.mark.parametrize("overrides", ["train.epochs=3", ["train.epochs=3"], 3])
def test_overrides_that_are_no_mapping_are_refused(overrides: Any) -> None:
    with pytest.raises(UsageError, match="Overrides are a mapping such as"):
        load(HEAD, overrides)


def test_words_of_the_command_line_become_overrides() -> None:
    words = ["model.cell=gru", "model.units=[64, 64]", "train.learning_rate=1e-3"]
    words += ["data.source=csv:a=b.csv", "data.text=no", "train.patience=null"]
    assert parse_overrides(words) == {
        "model.cell": "gru",
        "model.units": [64, 64],
        "train.learning_rate": 0.001,
        "data.source": "csv:a=b.csv",
        "data.text": "no",
        "train.patience": None,
    }


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["train.epochs"], "An override is written KEY=VALUE, got 'train.epochs'."),
        (["=3"], "An override is written KEY=VALUE, got '=3'."),
        ([""], "An override is written KEY=VALUE, got ''."),
        (["a=1", "a=2"], "The override a is given twice."),
        (["a=[1"], "override 'a=[1': is not valid YAML: "),
        (
            ["a=@b"],
            "override 'a=@b': is not valid YAML: found character '@' that cannot",
        ),
    ],
)
def test_word_that_is_no_override_is_refused(words: list[str], text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_overrides(words)
    assert str(refusal.value).startswith(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", list(recipe_files()))
def test_shipped_recipe_reads_back_from_its_resolved_form(name: str) -> None:
    recipe = load_recipe(name)
    Path(f"{name}.yaml").write_text(recipe.to_yaml(), encoding="utf-8")
    again = load_recipe(f"{name}.yaml")
    assert again == recipe
    assert again.to_yaml() == recipe.to_yaml()
    assert recipe.name == name and recipe.description


def test_resolved_recipe_holds_every_key() -> None:
    plain = load(HEAD).to_dict()
    assert list(plain) == [
        "task",
        "description",
        "data",
        "model",
        "train",
        "tune",
        "reference",
    ]
    assert plain["train"]["epochs"] == 10
    assert plain["model"]["units"] == [64]
    assert json.loads(json.dumps(plain)) == plain


TRICKY = st.sampled_from(
    ["no", "1e-3", "12:30", "~", "null", " a", "a: b", "#", "'", "\n"]
)


@given(TRICKY | st.text(), TRICKY | st.text(min_size=1), st.floats(1e-300, 1e300))
def test_any_text_in_a_recipe_survives_its_resolved_form(
    tmp_path_factory: pytest.TempPathFactory, said: str, label: str, rate: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "base.yaml"
    path.write_text(HEAD, encoding="utf-8")
    changes = {
        "description": said,
        "data.text": said,
        "data.class_names": [label, "b"],
        "train.learning_rate": rate,
        "tune.train.learning_rate": {"choice": [rate, 0.5 * rate]},
    }
    try:
        recipe = load_recipe(path, changes)
    except RecipeError as error:  # U+D800 and its like are no text
        assert "Unicode" in str(error) or "lists" in str(error)
        return
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    assert load_recipe(path) == recipe


def test_recipe_shows_itself_escaped_in_a_notebook() -> None:
    shown = load(HEAD + "description: <script>alert(1)</script>\n")._repr_html_()
    assert "<b>Recipe r</b>" in shown and "&lt;script&gt;" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("recipe", [None, 3, "", "  ", ["a"], b"a"])
def test_what_is_no_recipe_is_refused(recipe: Any) -> None:
    with pytest.raises(UsageError, match="A recipe is given by its name or its path"):
        load_recipe(recipe)


def test_loaded_recipe_passes_through() -> None:
    recipe = load(HEAD)
    assert load_recipe(recipe) is recipe
    assert load_recipe(recipe, {"train.epochs": 3}).train.epochs == 3
    assert recipe.train.epochs == 10


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 3, 2**40, 1e-3, -0.5, float("nan")])
    | st.sampled_from(["", "gru", "no", "lsmt", "tfds:x", "accuracy", "[", "\x00"])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choice", "log", "int", "cell", "epochs"])
            | st.text(max_size=3),
            inner,
            max_size=2,
        )
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [f"data.{key}" for key in ("source", "text", "class_names", "validation", "x")]
    + [f"model.{key}" for key in ("cell", "units", "residual", "dropout", "x")]
    + [f"train.{key}" for key in ("epochs", "clip_norm", "clip_value", "seed", "x")]
    + [
        f"tune.{key}"
        for key in ("model.cell", "model.units", "train.epochs", "x", "a.b.c")
    ]
    + ["task", "description", "data", "model", "train", "tune", "reference", "x", "a.b"]
)


@given(st.dictionaries(KEYS | st.text(max_size=4), VALUES, max_size=4))
def test_any_override_gives_a_recipe_or_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, overrides: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "base.yaml"
    path.write_text(HEAD, encoding="utf-8")
    try:
        recipe = load_recipe(path, overrides)
    except RecipeError as error:
        assert all(mistake.text for mistake in error.mistakes)
        assert len(str(error).splitlines()) == len(error.mistakes)
        return
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    assert load_recipe(path) == recipe


@given(st.lists(st.sampled_from(HEAD.split("\n")) | st.text(max_size=30), max_size=6))
def test_any_file_gives_a_recipe_or_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(load_recipe(path), Recipe)
    except RecipeError as error:
        assert all(mistake.where.startswith(str(path)) for mistake in error.mistakes)


def test_loading_runs_no_code_and_writes_nothing(python: Callable[[str], str]) -> None:
    told = python(
        """
import sys
from pathlib import Path
import seqkit.recipe, seqkit.tasks.classify_text
Path("evil.yaml").write_text(
    "task: !!python/object/apply:os.system ['touch owned']\\n"
    "data: {source: 'csv:$(touch owned)', text: !!python/name:os.system }\\n"
    "extends: ../../../../../../etc/passwd\\n"
)
seqkit.recipe.load_recipe("sample_sentiment")  # imports what loading needs
seen = []
sys.addaudithook(lambda event, args: seen.append((event, args)))
try:
    seqkit.recipe.load_recipe("evil.yaml")
except seqkit.errors.RecipeError as error:
    print(len(error.mistakes))
watched = {"os.system", "subprocess.Popen", "socket.connect", "exec", "os.remove"}
print(sorted({event for event, _ in seen} & watched))
opened = [args for event, args in seen if event == "open"]
print([args for args in opened if args[1] not in (None, "r", "rb")])
print(sorted(path.name for path in Path().iterdir()))
"""
    ).splitlines()
    assert told == ["3", "[]", "[]", "['evil.yaml']"]


def test_loading_a_recipe_loads_no_tensorflow(python: Callable[[str], str]) -> None:
    heavy = python(
        "import sys, seqkit\n"
        "seqkit.load_recipe('sample_sentiment').to_yaml()\n"
        "print({'tensorflow', 'keras', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    assert heavy == "set()"


def test_unknown_name_error_keeps_what_is_known() -> None:
    with pytest.raises(UnknownNameError) as refusal:
        load_recipe("bilstm_sentimnt")
    assert "bilstm_sentiment" in refusal.value.known
    assert str(refusal.value).endswith("Did you mean 'bilstm_sentiment'?")
