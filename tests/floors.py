"""The floors of the house and of each room in it, from the ground up.

Files and folders on one floor do not import each other, and imports go only downward;
those under ``if TYPE_CHECKING`` count as well. The package itself, ``""``, stands
first. Rooms of which no file imports another need no floors.
"""

FLOORS = {
    "": [
        ["shortened", "signature", "version"],
        ["errors"],
        ["pictures", "registry", "shared"],
        ["frequency", "recipe", "scores"],
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
        ["forecast", "series", "text"],
    ],
    "data.sources": [
        ["base", "paths", "sample_adding", "sample_airline", "sample_reviews"],
        ["files", "frame", "tfds", "ts"],
        ["given", "samples"],
    ],
    "data.stores": [
        ["store"],
        ["feed"],
    ],
    "data.rows": [
        ["kept", "labels", "missing", "number_stamps", "numbers", "seen", "splits"],
        ["column_choice", "label_look", "parted"],
    ],
    "data.text": [
        ["spec"],
        ["rows", "vocabulary"],
        ["labelled"],
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
        ["classes", "forecast", "needed", "numbers", "speed"],
        ["contest"],
    ],
    "pictures": [
        ["shared"],
        ["forecast", "forest", "scores", "search", "training"],
        ["svg"],
    ],
    "pictures.search": [
        ["shared"],
        ["cost", "curves"],
        ["effects"],
    ],
    "tasks.baselines": [
        ["nearest_series", "text", "tree_arrays"],
        ["series"],
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
        ["jobs", "match", "models", "page", "ready", "rule"],
        ["arms", "checked", "job_files", "verdict", "watch"],
        ["hints", "study"],
        ["timing"],
        ["judge", "trial"],
        ["worker_task"],
        ["cluster"],
        ["local_cluster", "scheduler"],
        ["search"],
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
