"""Writes the values that mlcourse/tests/naive_bayes.rs compares with, computed by scikit-learn 1.9.1 (NumPy 2.4.6).

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python mlcourse/references/naive_bayes.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB, MultinomialNB

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    array = np.asarray(array)
    # JSON knows no infinity: a case with one leaves the table out.
    return array.tolist() if np.isfinite(array).all() else None


def gaussian(name, x, y, sample_weight=None, **parameters):
    model = GaussianNB(**parameters).fit(x, y, sample_weight)
    return {
        "name": name,
        "parameters": {key: lists(value) for key, value in parameters.items()},
        "x": lists(x),
        "y": lists(y),
        "sample_weight": None if sample_weight is None else lists(sample_weight),
        "theta": lists(model.theta_),
        "var": lists(model.var_),
        "class_prior": lists(model.class_prior_),
        "class_count": lists(model.class_count_),
        "epsilon": float(model.epsilon_),
        "classes": lists(model.classes_),
        "joint": lists(model.predict_joint_log_proba(x)),
        "log_proba": lists(model.predict_log_proba(x)),
        "proba": lists(model.predict_proba(x)),
        "predictions": lists(model.predict(x)),
    }


def gaussian_cases():
    rng = np.random.default_rng(2)
    iris = load_iris()
    few = np.arange(0, 150, 3)
    y = rng.choice([3, 8, 100], p=[0.7, 0.2, 0.1], size=40)
    x = rng.normal(size=(40, 9)) * (1 + y[:, None] % 4) + np.log(y)[:, None]
    far = np.column_stack([1e6 + 1e-2 * rng.normal(size=30), 1e-6 * rng.normal(size=30)])
    far_y = rng.integers(0, 2, 30)
    constant = np.column_stack([rng.normal(size=12), np.full(12, 7.0)])
    return [
        gaussian("iris", iris.data[few], iris.target[few]),
        gaussian("overlapping, unbalanced, labels far apart", x, y),
        gaussian("weights", x, y, sample_weight=rng.uniform(0.1, 3.0, size=40)),
        gaussian("priors by hand", x, y, priors=np.array([0.2, 0.3, 0.5])),
        gaussian("a prior of zero", x, y, priors=np.array([0.0, 0.5, 0.5])),
        gaussian("strong smoothing", x, y, var_smoothing=0.5),
        gaussian("far from zero", far, far_y),
        gaussian("a constant column", constant, np.arange(12) % 2),
        gaussian("one class", x[:10], np.full(10, 4)),
        gaussian("one sample a class", np.array([[0.0, 1.0], [2.0, 5.0]]), np.array([0, 1])),
        gaussian("one feature", x[:, :1], y),
    ]


def multinomial(name, x, y, sample_weight=None, **parameters):
    model = MultinomialNB(**parameters).fit(x, y, sample_weight)
    return {
        "name": name,
        "parameters": {key: lists(value) for key, value in parameters.items()},
        "x": lists(x),
        "y": lists(y),
        "sample_weight": None if sample_weight is None else lists(sample_weight),
        "feature_count": lists(model.feature_count_),
        "feature_log_prob": lists(model.feature_log_prob_),
        "class_count": lists(model.class_count_),
        "class_log_prior": lists(model.class_log_prior_),
        "classes": lists(model.classes_),
        "joint": lists(model.predict_joint_log_proba(x)),
        "log_proba": lists(model.predict_log_proba(x)),
        "proba": lists(model.predict_proba(x)),
        "predictions": lists(model.predict(x)),
    }


def multinomial_cases():
    rng = np.random.default_rng(3)
    y = rng.choice([1, 2, 5], p=[0.5, 0.3, 0.2], size=36)
    x = rng.poisson(1.0 + 2.0 * rng.random((6, 8))[y], size=(36, 8)).astype(float)
    x[:, 7] = 0.0
    fractions = rng.random((15, 4))
    return [
        multinomial("counts", x, y),
        multinomial("two classes", x[y != 5], y[y != 5]),
        multinomial("weights", x, y, sample_weight=rng.uniform(0.1, 3.0, size=36)),
        multinomial("hardly any smoothing", x, y, alpha=1e-3),
        multinomial("alpha raised", x, y, alpha=0.0, force_alpha=False),
        multinomial("uniform priors", x, y, fit_prior=False),
        multinomial("priors by hand", x, y, class_prior=[0.1, 0.2, 0.7]),
        multinomial("fractions", fractions, np.arange(15) % 2),
        multinomial("one class", x[:5], np.full(5, 9)),
    ]


if __name__ == "__main__":
    write("naive_bayes", {"gaussian": gaussian_cases(), "multinomial": multinomial_cases()})
