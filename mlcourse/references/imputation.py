"""Writes the values that mlcourse/tests/imputation.rs compares with, computed by scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/imputation.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
warnings.simplefilter("ignore")


def lists(array):
    """NaN is None."""
    array = np.asarray(array, dtype=float)
    return [lists(row) for row in array] if array.ndim > 1 else [None if np.isnan(v) else v for v in array.tolist()]


def tables():
    rng = np.random.default_rng(2)

    def holes(x, share):
        return np.where(rng.random(x.shape) < share, np.nan, x)

    normal = np.round(rng.normal(size=(40, 4)) * [1.0, 2.0, 5.0, 0.5], 4)
    ties = rng.integers(0, 3, size=(20, 3)).astype(float)
    empty = holes(rng.integers(0, 9, size=(12, 4)).astype(float), 0.2)
    empty[:, 2] = np.nan
    return {
        "normal": holes(normal, 0.15),
        "ties": holes(ties, 0.3),
        "an empty column": empty,
        "complete": normal[:6],
        "one row": np.array([[1.0, np.nan, 3.0]]),
    }


STEPS = [
    (SimpleImputer, [
        {}, {"strategy": "median"}, {"strategy": "most_frequent"}, {"strategy": "constant"},
        {"strategy": "constant", "fill_value": -1.5, "keep_empty_features": True},
        {"add_indicator": True}, {"strategy": "median", "keep_empty_features": True, "add_indicator": True},
    ]),
    (MissingIndicator, [{"error_on_new": False}, {"features": "all"}]),
    (KNNImputer, [
        {}, {"n_neighbors": 2}, {"weights": "distance", "n_neighbors": 3}, {"n_neighbors": 100},
        {"add_indicator": True, "keep_empty_features": True},
    ]),
]


def main():
    data = tables()
    cases = []
    for make, settings in STEPS:
        for parameters in settings:
            for name, x in data.items():
                # The distances of whole numbers tie, and ties fall at random there.
                if make is KNNImputer and name in ("ties", "an empty column") and parameters.get("n_neighbors") != 100:
                    continue
                new = x[::-1][:8].copy()
                new[0, 0] = np.nan
                new[-1, 1] = 7.25
                model = make(**parameters).fit(x)
                cases.append({
                    "step": make.__name__,
                    "table": name,
                    "parameters": parameters,
                    "new": lists(new),
                    "z": lists(model.transform(x)),
                    "z_new": lists(model.transform(new)),
                    "statistics": lists(model.statistics_) if make is SimpleImputer else None,
                })
    text = json.dumps({"tables": {name: lists(x) for name, x in data.items()}, "cases": cases}, separators=(",", ":"))
    (OUT / "imputation.json").write_text(text + "\n")


main()
