"""Writes the values that mlcourse/tests/encoders.rs compares with, computed by scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/encoders.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
warnings.simplefilter("ignore")


def lists(array):
    """NaN is None."""
    array = np.asarray(array, dtype=float)
    return [lists(row) for row in array] if array.ndim > 1 else [None if np.isnan(v) else v for v in array.tolist()]


def words(values):
    return [None if isinstance(v, float) else str(v) for v in values]


def tables():
    rng = np.random.default_rng(3)
    towns = rng.choice(["Lyon", "Nice", "Paris", "Brest", "Évry", "nice"], size=40, p=[0.3, 0.3, 0.2, 0.1, 0.05, 0.05])
    sexes = rng.choice(["male", "female"], size=40)
    ports = np.where(rng.random(40) < 0.2, "", rng.choice(["S", "C", "Q"], size=40))
    x = np.empty((40, 3), dtype=object)
    x[:, 0], x[:, 1] = towns, sexes
    x[:, 2] = [np.nan if port == "" else port for port in ports]
    one = np.array([["a"], ["a"], ["a"]], dtype=object)
    return {"passengers": x, "one category": one}


def columns(x):
    return [words(x[:, j]) for j in range(x.shape[1])]


ONE_HOT = [
    {}, {"drop": "first"}, {"drop": "if_binary"}, {"handle_unknown": "ignore"},
    {"handle_unknown": "infrequent_if_exist", "min_frequency": 5},
    {"handle_unknown": "ignore", "min_frequency": 0.15, "drop": "first"},
    {"max_categories": 3}, {"max_categories": 1}, {"max_categories": 2, "min_frequency": 3, "handle_unknown": "infrequent_if_exist"},
]
ORDINAL = [
    {}, {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2},
    {"max_categories": 3}, {"min_frequency": 6},
    {"handle_unknown": "use_encoded_value", "unknown_value": 99, "min_frequency": 0.2},
]


def new_rows(x):
    new = x[::-3].copy()
    new[0, 0] = "Rome"
    return new


def main():
    data = tables()
    cases = []
    for make, settings, attributes in ((OneHotEncoder, ONE_HOT, {"sparse_output": False}), (OrdinalEncoder, ORDINAL, {})):
        for parameters in settings:
            for name, x in data.items():
                model = make(**parameters, **attributes).fit(x)
                new = new_rows(x) if parameters.get("handle_unknown", "error") != "error" else x[::-3]
                z = model.transform(x)
                # No column is left where the only category has none.
                back = columns(np.asarray(model.inverse_transform(z.copy()), dtype=object)) if z.shape[1] else None
                if "drop" in parameters and "min_frequency" in parameters:
                    # scikit-learn 1.9.1 names a category of another group here: it indexes ungrouped categories.
                    back = None
                if make is OrdinalEncoder and name == "passengers" and ("min_frequency" in parameters or "max_categories" in parameters):
                    # And here it counts "missing" among the categories and takes it for the infrequent ones.
                    back = None
                cases.append({
                    "step": make.__name__,
                    "table": name,
                    "parameters": parameters,
                    "new": columns(new),
                    "z": lists(z),
                    "z_new": lists(model.transform(new)),
                    "names": list(model.get_feature_names_out([f"x{j}" for j in range(x.shape[1])])),
                    "back": back,
                    "infrequent": [words(c) if c is not None else [] for c in model.infrequent_categories_]
                    if "min_frequency" in parameters or "max_categories" in parameters else None,
                })
    rng = np.random.default_rng(4)
    x = data["passengers"]
    numbers = np.round(rng.normal(size=40) + (x[:, 0] == "Paris") * 2, 3)
    targets = {
        "numbers": numbers,
        "two classes": (numbers > 0.4).astype(int) * 3,
        "three classes": np.digitize(numbers, [-0.3, 0.9]),
        "constant": np.full(40, 2.5),
    }
    target_cases = []
    for target, y in targets.items():
        for parameters in ({}, {"smooth": 0.0}, {"smooth": 7.5}, {"cv": 3}):
            model = TargetEncoder(shuffle=False, **parameters, target_type="continuous" if target in ("numbers", "constant") else "auto")
            z = model.fit_transform(x, y)
            target_cases.append({
                "target": target,
                "parameters": parameters,
                "y": y.tolist(),
                "z": lists(z),
                "new": columns(new_rows(x)),
                "z_new": lists(model.transform(new_rows(x))),
                "encodings": [lists(e) for e in model.encodings_],
                "target_mean": np.atleast_1d(model.target_mean_).tolist(),
                "names": list(model.get_feature_names_out(["x0", "x1", "x2"])),
            })
    value = {"tables": {name: columns(x) for name, x in data.items()}, "cases": cases, "target_cases": target_cases}
    (OUT / "encoders.json").write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


main()
