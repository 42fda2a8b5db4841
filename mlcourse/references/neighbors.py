"""Writes the values that mlcourse/tests/{neighbors,polynomial_features}.rs compare with: scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/neighbors.py          (the environment of make_references.py)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_diabetes, load_iris
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import PolynomialFeatures

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def data_sets():
    rng = np.random.default_rng(4)
    iris = load_iris()
    order = rng.permutation(150)
    diabetes = load_diabetes(scaled=False)
    wide = np.round(rng.normal(size=(40, 12)), 2)
    return {
        "iris": (iris.data[order[:100]], iris.target[order[:100]], iris.data[order[100:]]),
        "diabetes": (diabetes.data[:90], diabetes.target[:90], diabetes.data[90:120]),
        "wide": (wide, np.r_[np.full(15, 3), np.full(25, 8)], np.round(rng.normal(size=(20, 12)), 2)),
        "one feature": (rng.normal(size=(30, 1)), rng.integers(0, 3, size=30), rng.normal(size=(15, 1))),
    }


def neighbor_cases():
    cases = []
    grid = [
        ({}, "iris"), ({"n_neighbors": 1}, "iris"), ({"n_neighbors": 17, "weights": "distance"}, "iris"),
        ({"p": 1.0}, "iris"), ({"p": 3.0, "weights": "distance"}, "iris"),
        ({"n_neighbors": 7, "weights": "distance"}, "diabetes"), ({"p": float("inf")}, "diabetes"),
        ({"n_neighbors": 4}, "wide"), ({"n_neighbors": 40}, "wide"), ({"n_neighbors": 3, "p": 1.5}, "wide"),
        ({"n_neighbors": 3, "weights": "distance"}, "one feature"), ({"n_neighbors": 6}, "one feature"),
    ]
    for parameters, name in grid:
        x, y, queries = data_sets()[name]
        # The tree's Euclidean distances are exact, those of `brute` lose digits; but `brute` keeps the order of ties.
        options = {**parameters, "algorithm": "brute" if "p" in parameters else "kd_tree"}
        classifier = KNeighborsClassifier(**options).fit(x, y)
        distances, indices = classifier.kneighbors(queries)
        case = {
            "data": name,
            "parameters": {key: ("inf" if value == float("inf") else value) for key, value in parameters.items()},
            "distances": lists(distances[:15]),
            "indices": lists(indices[:15]),
            "regression": lists(KNeighborsRegressor(**options).fit(x, y).predict(queries)),
        }
        if name != "diabetes":
            case["predictions"] = lists(classifier.predict(queries))
            case["probabilities"] = lists(classifier.predict_proba(queries))
        cases.append(case)
    return cases


def polynomial_cases():
    rng = np.random.default_rng(8)
    cases = []
    for n_features in (1, 2, 3, 5):
        x = np.round(rng.normal(size=(4, n_features)), 2)
        for degree in (0, 1, 2, 3, (2, 3), (0, 2), (3, 3)):
            for interaction_only in (False, True):
                for include_bias in (False, True):
                    model = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=include_bias)
                    try:
                        z = model.fit_transform(x)
                    except ValueError:
                        continue
                    if z.shape[1] == 0:
                        continue
                    low, high = degree if isinstance(degree, tuple) else (0, degree)
                    cases.append({
                        "x": lists(x), "min_degree": low, "degree": high, "interaction_only": interaction_only,
                        "include_bias": include_bias, "z": lists(z), "powers": lists(model.powers_),
                        "names": lists(model.get_feature_names_out()),
                    })
    return cases


if __name__ == "__main__":
    sets = data_sets()
    write("neighbors_data", {name: {"x": lists(x), "y": lists(y), "queries": lists(q)} for name, (x, y, q) in sets.items()})
    write("neighbors", neighbor_cases())
    write("polynomial_features", polynomial_cases())
