"""The floors of the house and of each room in it, from the ground up.

Files and folders on one floor do not import each other, and imports go only downward;
those under ``if TYPE_CHECKING`` count as well. The package itself, ``""``, stands
first. Rooms of which no file imports another need no floors.
"""

FLOORS = {
    "": [
        ["shortened", "signature", "version"],
        ["errors"],
        ["registry", "shared"],
        ["frequency", "pictures", "recipe", "scores"],
        ["layers"],
        ["data", "export", "models"],
        ["tasks"],
        ["training"],
        ["runs"],
        ["comparison"],
        ["tuning"],
        ["cli"],
        ["__main__"],
    ],
    "shared": [
        ["bar", "escape", "locks", "quiet", "terminal"],
        ["files"],
        ["contents", "outputs"],
    ],
    "recipe": [
        ["nodes"],
        ["spec", "yaml"],
        ["files", "messages", "search"],
        ["catalog", "measured", "search_space"],
        ["schema"],
        ["recipe"],
        ["data_paths"],
    ],
    "layers": [
        ["decode", "dropout", "forecast", "one_step", "pooling", "segments"],
        ["series_padding", "text"],
    ],
    "layers.forecast": [
        ["calendar", "formulas", "gaussian", "roll_out", "streaming", "window_norm"],
        ["quantiles", "window"],
    ],
    "data": [
        ["sources", "stores"],
        ["rows"],
        ["forecast", "series", "text", "tokens"],
    ],
    "data.sources": [
        [
            "base",
            "paths",
            "sample_adding",
            "sample_airline",
            "sample_reviews",
            "sample_tags",
        ],
        ["files", "frame", "tfds", "ts"],
        ["given", "samples"],
        ["parts_by_name"],
        ["conll"],
    ],
    "data.stores": [
        ["store"],
        ["feed"],
    ],
    "data.rows": [
        ["kept", "missing", "number_stamps", "reading", "seen", "splits"],
        ["labels", "numbers", "parted"],
        ["column_choice", "label_look"],
        ["scans"],
    ],
    "data.text": [
        ["spec"],
        ["rows", "vocabulary"],
    ],
    "data.series": [
        ["groups", "spec"],
        ["rows"],
        ["whole"],
    ],
    "data.forecast": [
        ["frequency_finding", "series", "spec", "timestamps"],
        [
            "covariates",
            "origins",
            "preparation",
            "seen",
            "static",
            "step_rows",
            "time_zones",
            "uneven_steps",
            "windows",
        ],
        ["gaps"],
        ["grid"],
        ["steps"],
        ["frames"],
    ],
    "data.tokens": [
        ["pieces", "schemes", "spec"],
        ["codes", "rows", "scheme_look"],
        ["scan"],
    ],
    "models": [
        ["cores", "optimizer"],
        ["forecast", "specs"],
        ["series", "text"],
    ],
    "models.cores": [
        ["cells", "spec"],
        ["stack"],
    ],
    "models.forecast": [
        ["spec"],
        ["decoders", "losses"],
        ["build"],
    ],
    "scores": [
        ["class_sums", "intervals"],
        ["clusters", "metric", "seeds"],
        ["classes", "forecast", "needed", "numbers", "spans", "speed"],
        ["contest"],
    ],
    "pictures": [
        ["shared"],
        ["forecast", "forest", "scores", "search", "training"],
        ["svg", "tags"],
    ],
    "pictures.search": [
        ["shared"],
        ["cost", "curves"],
        ["effects"],
    ],
    "tasks": [
        ["answers", "compiled", "names", "remarks"],
        ["base", "inputs"],
        ["baselines", "rows"],
        ["classify_text", "forecast", "series"],
        ["classify_series", "regress_series"],
    ],
    "tasks.answers": [
        ["base"],
        ["classes", "numbers"],
    ],
    "tasks.inputs": [
        ["base"],
        ["series", "text"],
    ],
    "tasks.baselines": [
        ["constant", "nearest_series", "tags", "tree_arrays"],
        ["crfsuite", "series", "text"],
    ],
    "tasks.forecast": [
        ["conformal_parts", "remarks", "serving", "theta"],
        ["conformal"],
        ["calibration", "naive_baselines"],
        ["fitted", "lag_features"],
        ["answers", "learned_baselines"],
        ["baselines"],
        ["data"],
        ["task"],
    ],
    "training": [
        ["build", "checkpoints", "prepared", "progress"],
        ["learning", "loop"],
    ],
    "export": [
        [
            "check_keras",
            "check_litert",
            "check_onnx",
            "check_savedmodel",
            "place",
            "shipment",
        ],
        ["base", "tokens"],
        ["keras_file", "litert", "onnx", "savedmodel", "verify"],
        ["ship"],
    ],
    "export.tokens": [
        ["characters", "encode"],
        ["core"],
    ],
    "tuning": [
        [
            "address",
            "frames",
            "jobs",
            "match",
            "models",
            "page",
            "protocol",
            "ready",
            "rule",
        ],
        ["arms", "checked", "desk", "line", "verdict", "watch"],
        ["chief", "hints", "study", "worker"],
        ["local", "timing"],
        ["judge", "trial"],
        ["search", "worker_process"],
    ],
    "tuning.arms": [
        ["space"],
        ["oracles"],
        ["arm"],
        ["arms"],
    ],
    "tuning.page": [
        ["words"],
        ["bars", "figures", "prose"],
        ["tables"],
        ["document"],
    ],
}
