"""Writes the values that mlcourse/tests/{regression_metrics,regression}.rs compare with: scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/regression.py          (the environment of make_references.py)
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, Lasso, LassoCV, LinearRegression, Ridge, enet_path, lasso_path

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def metric_cases():
    rng = np.random.default_rng(5)
    truth = rng.normal(size=41) * 3 + 1
    pairs = [
        ("scikit-learn's own example", [3, -0.5, 2, 7], [2.5, 0.0, 2, 8]),
        ("odd number, noisy", lists(truth), lists(truth + rng.normal(size=41))),
        ("even number, noisy", lists(truth[:40]), lists(truth[:40] * 0.5 + rng.normal(size=40))),
        ("constant truth, perfect", [2.0, 2.0, 2.0], [2.0, 2.0, 2.0]),
        ("constant truth, constant error", [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]),
        ("constant truth, varying error", [2.0, 2.0, 2.0], [3.0, 2.0, 2.5]),
        ("constant error", [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
        ("one sample", [1.5], [1.0]),
        ("one sample, perfect", [1.5], [1.5]),
        ("a true zero that is missed", [1.0, 0.0, 2.4, 7.0], [1.2, 0.1, 2.4, 8.0]),
        ("worse than the mean", [1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]),
        ("large offset", lists(truth + 1e8), lists(truth + 1e8 + rng.normal(size=41))),
    ]
    functions = {
        "mean_squared_error": metrics.mean_squared_error,
        "root_mean_squared_error": metrics.root_mean_squared_error,
        "mean_absolute_error": metrics.mean_absolute_error,
        "median_absolute_error": metrics.median_absolute_error,
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error,
        "explained_variance": metrics.explained_variance_score,
        "max_error": metrics.max_error,
        "r2_score": metrics.r2_score,
    }
    cases = []
    for name, y_true, y_pred in pairs:
        case = {"name": name, "y_true": y_true, "y_pred": y_pred, "scores": {}}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for metric, function in functions.items():
                # R² of one sample is NaN in scikit-learn; here it follows the rule for constant targets.
                value = float(function(y_true, y_pred))
                case["scores"][metric] = None if np.isnan(value) else value
        cases.append(case)
    return cases


if __name__ == "__main__":
    write("regression_metrics", metric_cases())
