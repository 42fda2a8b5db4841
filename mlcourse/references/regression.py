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


def data_sets():
    """Small tables that ask for every solver. Rounded, so that the file stays small and the numbers are exact."""
    rng = np.random.default_rng(11)
    diabetes = load_diabetes(scaled=False)
    few = np.arange(0, 442, 6)
    tall = np.round(rng.normal(size=(60, 5)) * [1.0, 2.0, 0.5, 1.0, 3.0] + [0.0, 5.0, -1.0, 2.0, 0.0], 3)
    tall_y = np.round(tall @ [1.0, -2.0, 0.0, 0.5, 0.0] + 3.0 + 0.3 * rng.normal(size=60), 3)
    wide = np.round(rng.normal(size=(12, 30)), 2)
    wide_y = np.round(2.0 * wide[:, 3] - wide[:, 7] + 0.1 * rng.normal(size=12), 2)
    constant = tall.copy()
    constant[:, 2] = 0.1
    twice = np.column_stack([tall, tall[:, 1], tall[:, 0] + tall[:, 3]])
    near = np.column_stack([tall, tall[:, 1] + np.round(1e-3 * rng.normal(size=60), 6)])
    nearer = np.column_stack([tall, tall[:, 1] + np.round(1e-5 * rng.normal(size=60), 8)])
    far = tall + [1e6, 0.0, 0.0, -1e5, 0.0]
    sorted_far = np.column_stack([np.r_[np.zeros(59), 1e6], tall[:, 0]])
    return {
        "tall": (tall, tall_y),
        "diabetes": (diabetes.data[few], diabetes.target[few]),
        "wide": (wide, wide_y),
        "square": (tall[:5], tall_y[:5]),
        "one more sample than features": (tall[:6], tall_y[:6]),
        "a constant column": (constant, tall_y),
        "columns that depend on others": (twice, tall_y),
        "columns nearly the same": (near, tall_y),
        "columns very nearly the same": (nearer, tall_y),
        "means far from 0": (far, tall_y),
        "one value far from the others": (sorted_far, tall_y),
        "one feature": (tall[:, :1], tall_y),
        "one sample": (tall[:1], tall_y[:1]),
        "two samples": (tall[:2], tall_y[:2]),
        "constant target": (tall, np.full(60, 2.5)),
    }


def weights(n_samples):
    weight = np.round(np.random.default_rng(2).uniform(0, 3, size=n_samples), 2)
    weight[::4] = 0.0
    return weight if weight.any() else np.ones(n_samples)


def fitted(case, model, x, y, weight):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, y, sample_weight=weight)
    case.update(coef=lists(model.coef_), intercept=float(model.intercept_), predictions=lists(model.predict(x)[:6]))
    return [str(warning.message) for warning in caught]


def cases_of(make, grid, names):
    sets = data_sets()
    cases = []
    for name in names:
        x, y = sets[name]
        for parameters, weighted in grid:
            case = {"data": name, "parameters": parameters, "weighted": weighted}
            model = make(**parameters)
            messages = fitted(case, model, x, y, weights(len(y)) if weighted else None)
            for attribute in ("n_iter_", "dual_gap_", "rank_"):
                if getattr(model, attribute, None) is not None:
                    case[attribute[:-1]] = float(getattr(model, attribute))
            if hasattr(model, "singular_"):
                case["singular"] = lists(model.singular_)
            case["converged"] = not any("did not converge" in message for message in messages)
            cases.append(case)
    return cases


def linear_cases():
    grid = [({}, False), ({}, True), ({"fit_intercept": False}, False), ({"positive": True}, False), ({"positive": True}, True)]
    return cases_of(LinearRegression, grid, data_sets())


def ridge_cases():
    grid = [
        ({}, False), ({}, True), ({"alpha": 0.01}, False), ({"alpha": 100.0}, True),
        ({"alpha": 10.0, "fit_intercept": False}, False), ({"alpha": 1e-9}, False),
    ]
    cases = []
    for parameters, weighted in grid:
        # Singular values are the most exact; `auto` takes Cholesky.
        cases += cases_of(lambda **p: Ridge(solver="svd", **p), [(parameters, weighted)], data_sets())
    names = ["tall", "diabetes", "wide"]
    return cases + cases_of(lambda **p: Ridge(tol=1e-14, max_iter=100000, **p), [({"alpha": 2.0, "positive": True}, False)], names)


NAMES = ["tall", "diabetes", "wide", "a constant column", "columns that depend on others", "means far from 0", "one feature", "two samples", "constant target"]


def lasso_cases():
    grid = [
        ({"alpha": 0.1}, False), ({"alpha": 0.1}, True), ({}, False), ({"alpha": 0.01, "positive": True}, False),
        ({"alpha": 0.1, "fit_intercept": False}, False), ({"alpha": 0.001, "max_iter": 3}, False),
        ({"alpha": 0.05, "tol": 1e-8}, False),
    ]
    return cases_of(Lasso, grid, NAMES)


def elastic_net_cases():
    grid = [
        ({"alpha": 0.1}, False), ({"alpha": 0.1, "l1_ratio": 0.9}, True), ({"l1_ratio": 0.2}, False),
        ({"alpha": 0.01, "l1_ratio": 0.7, "positive": True}, False), ({"alpha": 0.5, "l1_ratio": 0.0}, False),
        ({"alpha": 0.05, "tol": 1e-8, "fit_intercept": False}, False),
    ]
    return cases_of(ElasticNet, grid, NAMES)


def path_cases():
    cases = []
    for name in ("tall", "diabetes", "wide"):
        x, y = data_sets()[name]
        x, y = x - x.mean(0), y - y.mean()
        for l1_ratio, options in [(1.0, {"alphas": 12}), (0.5, {"alphas": 10, "eps": 0.01}), (1.0, {"alphas": [1.0, 0.01, 0.1], "tol": 1e-8}), (1.0, {"alphas": 6, "positive": True})]:
            if l1_ratio == 1.0:
                alphas, coefs, gaps, n_iters = lasso_path(x, y, return_n_iter=True, **options)
            else:
                alphas, coefs, gaps, n_iters = enet_path(x, y, l1_ratio=l1_ratio, return_n_iter=True, **options)
            cases.append({"data": name, "l1_ratio": l1_ratio, "options": options, "alphas": lists(alphas), "coefs": lists(coefs), "dual_gaps": lists(gaps), "n_iters": lists(n_iters)})
    return cases


def lasso_cv_cases():
    grid = [
        ({"n_alphas": 15}, False), ({"n_alphas": 8, "cv": 3, "eps": 0.01}, True),
        ({"n_alphas": 6, "cv": 7, "positive": True}, False), ({"n_alphas": 6, "fit_intercept": False}, False),
    ]
    cases = []
    for name in ("tall", "diabetes", "wide", "means far from 0"):
        x, y = data_sets()[name]
        weight = np.arange(len(y)) % 3 + 0.5
        for parameters, weighted in grid:
            options = {("alphas" if key == "n_alphas" else key): value for key, value in parameters.items()}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = LassoCV(**options).fit(x, y, sample_weight=weight if weighted else None)
            cases.append({
                "data": name, "parameters": parameters, "weighted": weighted, "alpha": float(model.alpha_),
                "alphas": lists(model.alphas_), "mse_path": lists(model.mse_path_), "coef": lists(model.coef_),
                "intercept": float(model.intercept_), "n_iter": int(model.n_iter_),
            })
    return cases


if __name__ == "__main__":
    write("regression_metrics", metric_cases())
    sets = data_sets()
    write("regression_data", {name: {"x": lists(x), "y": lists(y), "weight": lists(weights(len(y)))} for name, (x, y) in sets.items()})
    write("linear_regression", linear_cases())
    write("ridge", ridge_cases())
    write("lasso", lasso_cases())
    write("elastic_net", elastic_net_cases())
    write("regularization_path", path_cases())
    write("lasso_cv", lasso_cv_cases())
