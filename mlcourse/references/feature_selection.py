"""Writes the values that mlcourse/tests/feature_selection.rs compares with, computed by scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/feature_selection.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.feature_selection import (
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
    chi2,
    f_classif,
    f_regression,
    mutual_info_classif,
)

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
warnings.simplefilter("ignore")
FUNCTIONS = {f.__name__: f for f in (f_classif, chi2, f_regression, mutual_info_classif)}


def lists(array):
    """NaN is None."""
    array = np.asarray(array, dtype=float)
    return [lists(row) for row in array] if array.ndim > 1 else [None if np.isnan(v) else v for v in array.tolist()]


def main():
    rng = np.random.default_rng(5)
    iris = load_iris()
    wide = rng.normal(size=(30, 12))
    wide[:, 3] = wide[:, 7]
    y_wide = (wide[:, 0] + wide[:, 3] + rng.normal(size=30) > 0).astype(int) * 2
    counts = rng.poisson(2.0, size=(40, 8)).astype(float)
    counts[:, 5] = 0.0
    constant = np.column_stack([np.full(20, 3.0), rng.normal(size=20)])
    numbers = wide[:, 0] * 2 - wide[:, 5] + rng.normal(size=30)
    data = [
        ("f_classif", iris.data[::2], iris.target[::2]),
        ("f_classif", wide, y_wide),
        ("f_classif", constant, np.arange(20) % 2),
        ("chi2", iris.data[::2], iris.target[::2]),
        ("chi2", counts, np.arange(40) % 3),
        ("f_regression", wide, numbers),
        ("f_regression", constant, numbers[:20]),
        ("f_regression", np.column_stack([np.arange(5.0), [1.0, 0, 2, 0, 1]]), np.arange(5.0) * 3),
        ("f_regression", wide[:6], np.full(6, 2.0)),
        ("mutual_info_classif", wide, y_wide),
        ("mutual_info_classif", rng.normal(size=(80, 2)), rng.integers(0, 3, size=80)),
    ]
    cases = []
    for name, x, y in data:
        function = FUNCTIONS[name] if name != "mutual_info_classif" else (lambda a, b: mutual_info_classif(a, b, random_state=0))
        result = function(x, y)
        scores, p_values = result if isinstance(result, tuple) else (result, None)
        supports = []
        for k in (1, 3, "all"):
            if k == "all" or k <= x.shape[1]:
                supports.append(["k", k, SelectKBest(function, k=k).fit(x, y).get_support().tolist()])
        for percentile in (10, 33, 50, 100):
            supports.append(["percentile", percentile, SelectPercentile(function, percentile=percentile).fit(x, y).get_support().tolist()])
        cases.append({
            "function": name, "x": lists(x), "y": np.asarray(y).tolist(), "scores": lists(scores),
            "p_values": lists(p_values) if p_values is not None else None, "supports": supports,
        })
    variances = []
    for x in (iris.data[::5], counts, constant, np.column_stack([np.full(10, 0.1), np.arange(10.0)])):
        for threshold in (0.0, 0.5):
            model = VarianceThreshold(threshold).fit(x)
            variances.append({
                "x": lists(x), "threshold": threshold,
                "variances": lists(model.variances_), "support": model.get_support().tolist(),
            })
    value = {"cases": cases, "variances": variances}
    (OUT / "feature_selection.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


main()
