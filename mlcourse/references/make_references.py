"""Writes the values that mlcourse/tests/ compares with, computed by scikit-learn 1.9.1 (NumPy 2.4.6, SciPy 1.17.1).

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python mlcourse/references/make_references.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    classification_report,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def scaler_cases():
    rng = np.random.default_rng(0)
    skewed = rng.normal(size=(40, 4)) * [1e-6, 1.0, 1e6, 3.0] + [0.0, 5.0, -2e6, 1e8]
    constant = np.column_stack([np.full(10, 0.1), np.arange(10.0), np.full(10, 1e6 + 0.1)])
    cases = []
    for name, x in [("iris", load_iris().data), ("skewed", skewed), ("constant columns", constant), ("one row", np.array([[1.5, -2.0]]))]:
        for with_mean, with_std in [(True, True), (False, True), (True, False)]:
            scaler = StandardScaler(with_mean=with_mean, with_std=with_std).fit(x)
            cases.append({
                "name": name,
                "with_mean": with_mean,
                "with_std": with_std,
                "x": lists(x),
                "mean": lists(scaler.mean_) if scaler.mean_ is not None else None,
                "scale": lists(scaler.scale_) if scaler.scale_ is not None else None,
                "z": lists(scaler.transform(x)),
            })
    return cases


def logistic_case(name, x, y, **parameters):
    model = LogisticRegression(**parameters)
    # Another algorithm, run to the minimum itself.
    exact = LogisticRegression(**{**parameters, "solver": "newton-cholesky", "tol": 1e-12, "max_iter": 1000})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact.fit(x, y)
    return {
        "name": name,
        "parameters": {key: ("inf" if value == np.inf else value) for key, value in parameters.items()},
        "x": lists(x),
        "y": lists(y),
        "classes": lists(model.classes_),
        "coef": lists(model.coef_),
        "intercept": lists(model.intercept_),
        "n_iter": int(model.n_iter_[0]),
        "converged": not caught,
        "exact_coef": lists(exact.coef_),
        "exact_intercept": lists(exact.intercept_),
        "probabilities": lists(model.predict_proba(x)),
        "predictions": lists(model.predict(x)),
        "score": model.score(x, y),
    }


def logistic_cases():
    iris = load_iris()
    z = StandardScaler().fit_transform(iris.data)
    two = iris.target != 0
    rng = np.random.default_rng(7)
    # Four overlapping, unbalanced classes with labels that are not 0..4; correlated features on different scales.
    y = rng.choice([2, 3, 7, 40], p=[0.5, 0.3, 0.15, 0.05], size=300)
    centre = {2: 0.0, 3: 0.7, 7: -0.8, 40: 1.5}
    hard = rng.normal(size=(300, 6)) + np.array([centre[label] for label in y])[:, None] * rng.normal(size=6)
    hard[:, 5] = hard[:, 0] + 0.05 * rng.normal(size=300)
    hard *= [1.0, 2.0, 0.5, 1.0, 3.0, 1.0]
    wide = rng.normal(size=(20, 60))
    wide_y = (wide[:, 0] + 0.3 * rng.normal(size=20) > 0).astype(int)
    ill = hard * [1.0, 1e3, 1e-3, 1.0, 1e2, 1.0]
    digits = load_digits()
    few = np.arange(0, 1797, 6)
    digits_z = digits.data[few] / 16.0
    return [
        logistic_case("iris, three classes", z, iris.target),
        logistic_case("iris, three classes, centimetres", iris.data, iris.target),
        logistic_case("iris, two classes", z[two], iris.target[two]),
        logistic_case("iris, weak regularisation", z, iris.target, C=100.0, max_iter=1000),
        logistic_case("iris, two classes, no intercept", z[two], iris.target[two], fit_intercept=False),
        logistic_case("iris, no regularisation, two overlapping classes", z[two][:, :2], iris.target[two], C=np.inf),
        logistic_case("overlapping, unbalanced, correlated", hard, y),
        logistic_case("more features than samples", wide, wide_y),
        logistic_case("scales from 1e-3 to 1e3", ill, y),
        logistic_case("digits, ten classes", digits_z, digits.target[few]),
    ]


def report_cases():
    rng = np.random.default_rng(3)
    iris = load_iris()
    truth = rng.integers(0, 4, size=200)
    noisy = np.where(rng.random(200) < 0.7, truth, rng.integers(0, 4, size=200))
    pairs = [
        ("scikit-learn's own example", [0, 1, 2, 2, 2], [0, 0, 2, 2, 1], ["class 0", "class 1", "class 2"]),
        ("binary", [0, 1, 1, 0, 1, 1, 0], [0, 1, 0, 0, 1, 1, 1], None),
        ("a class is never predicted", [0, 1, 2, 0, 1, 2], [0, 1, 1, 0, 1, 0], None),
        ("a predicted class is never true", [0, 1, 0, 1], [0, 1, 2, 1], None),
        ("nothing is right", [0, 0, 1], [1, 1, 0], None),
        ("one class", [1, 1, 1], [1, 1, 1], None),
        ("labels far apart", [3, 1000, 70000, 3, 70000], [3, 1000, 3, 3, 70000], None),
        ("eighths round to even", [0] * 8 + [1] * 8, [0] + [1] * 7 + [1] * 3 + [0] * 5, None),
        ("thirds and eighths", [0] * 8 + [1] * 8 + [2] * 3, [0] * 5 + [1] * 3 + [1] * 7 + [2] + [2] * 2 + [0], None),
        ("long and accented names", [0, 1, 2, 2], [0, 1, 2, 1], ["forêt d'épicéas", "hêtraie-sapinière", "<lac>"]),
        ("noisy, four classes", lists(truth), lists(noisy), None),
        ("iris by petal width", lists(iris.target), lists((iris.data[:, 3] > 0.8).astype(int) + (iris.data[:, 3] > 1.7)), list(map(str, iris.target_names))),
    ]
    cases = []
    for name, y_true, y_pred, names in pairs:
        options = {"target_names": names} if names else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cases.append({
                "name": name,
                "y_true": y_true,
                "y_pred": y_pred,
                "target_names": names,
                "text": classification_report(y_true, y_pred, **options),
                "text_4": classification_report(y_true, y_pred, digits=4, **options),
                "labels": lists(np.union1d(y_true, y_pred)),
                "confusion": lists(confusion_matrix(y_true, y_pred)),
                "accuracy": accuracy_score(y_true, y_pred),
                "averages": {
                    average: [float(score(y_true, y_pred, average=average)) for score in (precision_score, recall_score, f1_score)]
                    for average in ("macro", "micro", "weighted")
                },
                "classes": [lists(score(y_true, y_pred, average=None)) for score in (precision_score, recall_score, f1_score)],
            })
    return cases


def split_cases():
    cases = []
    for counts, test_size in [([50, 33, 18], 0.2), ([50, 50, 50], 0.2), ([50, 50, 50], 0.25), ([2, 2], 0.5), ([97, 11, 5, 3], 0.3), ([10, 1000], 0.1), ([7, 5, 4], 0.33), ([1], 0.5), ([10], 0.01)]:
        y = np.repeat(np.arange(len(counts)), counts)
        case = {"counts": counts, "test_size": test_size}
        try:
            seen = set()
            for seed in range(50):
                _, test = train_test_split(y, test_size=test_size, random_state=seed, stratify=y)
                seen.add(tuple(np.bincount(test, minlength=len(counts)).tolist()))
            case["stratified"] = sorted(seen)
        except ValueError as error:
            case["stratified"] = None
            case["error"] = str(error)
        try:
            case["n_test"] = len(train_test_split(y, test_size=test_size, random_state=0)[1])
        except ValueError:
            case["n_test"] = None
        cases.append(case)
    return cases


if __name__ == "__main__":
    iris = load_iris()
    write("iris", {"features": lists(iris.data), "target": lists(iris.target), "feature_names": iris.feature_names, "target_names": lists(iris.target_names)})
    write("standard_scaler", scaler_cases())
    write("logistic_regression", logistic_cases())
    write("classification_metrics", report_cases())
    write("train_test_split", split_cases())
