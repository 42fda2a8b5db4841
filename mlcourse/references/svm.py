"""Writes tests/data/svm.json: support vector machines by scikit-learn 1.9.1.

    python mlcourse/references/svm.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.utils.class_weight import compute_class_weight

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data" / "svm.json"
warnings.simplefilter("ignore")

rng = np.random.default_rng(3)
x = np.round(rng.normal(size=(80, 3)), 4)
score = x[:, 0] * x[:, 1] + 0.7 * x[:, 2] + 0.4 * rng.normal(size=80)
y2 = np.where(score > 0, 8, 3)
y3 = np.digitize(score, [-0.5, 0.6])
number = np.round(np.sin(x[:, 0] * 2) + 0.3 * x[:, 1] + 0.2 * rng.normal(size=80), 4)
weight = np.round(rng.gamma(1.0, size=80), 3)
weight[::8] = 0.0
new = np.round(rng.normal(size=(20, 3)), 4)


def rows(support, weighted):
    """LIBSVM leaves out rows of weight 0 and numbers the rest anew; these are the rows themselves."""
    return (np.flatnonzero(weight)[support] if weighted else support).tolist()


def svc(y, weighted=False, balanced=False, **parameters):
    if balanced:
        # SVC itself counts rows, not weights, for "balanced".
        w = weight if weighted else None
        parameters["class_weight"] = dict(zip(np.unique(y), compute_class_weight("balanced", classes=np.unique(y), y=y, sample_weight=w)))
    model = SVC(tol=1e-9, **parameters).fit(x, y, sample_weight=weight if weighted else None)
    ovo = SVC(tol=1e-9, decision_function_shape="ovo", **parameters).fit(x, y, sample_weight=weight if weighted else None)
    class_weight = parameters.pop("class_weight", None)
    return {
        "y": "y2" if y is y2 else "y3", "weighted": weighted, "parameters": parameters, "balanced": balanced,
        "support": rows(model.support_, weighted), "n_support": model.n_support_.tolist(), "dual_coef": model.dual_coef_.tolist(),
        "intercept": model.intercept_.tolist(), "decision": model.decision_function(new).reshape(len(new), -1).tolist(),
        "ovo": ovo.decision_function(new).reshape(len(new), -1).tolist(), "predict": model.predict(new).tolist(),
    }


def linear(y, weighted=False, **parameters):
    model = LinearSVC(dual=True, tol=1e-10, max_iter=2_000_000, random_state=0, **parameters).fit(x, y, sample_weight=weight if weighted else None)
    class_weight = parameters.pop("class_weight", None)
    return {
        "y": "y2" if y is y2 else "y3", "weighted": weighted, "parameters": parameters, "balanced": class_weight is not None,
        "coef": model.coef_.tolist(), "intercept": np.atleast_1d(model.intercept_).tolist() if parameters.get("fit_intercept", True) else [0.0] * len(model.coef_), "predict": model.predict(new).tolist(),
    }


def svr(weighted=False, **parameters):
    model = SVR(tol=1e-9, **parameters).fit(x, number, sample_weight=weight if weighted else None)
    return {
        "weighted": weighted, "parameters": parameters, "support": rows(model.support_, weighted), "dual_coef": model.dual_coef_[0].tolist(),
        "intercept": float(model.intercept_[0]), "predict": model.predict(new).tolist(),
    }


value = {
    "x": x.tolist(), "y2": y2.tolist(), "y3": y3.tolist(), "number": number.tolist(), "weight": weight.tolist(), "new": new.tolist(),
    "svc": [svc(y, **p) for y in (y2, y3) for p in (
        {}, {"kernel": "linear"}, {"kernel": "poly"}, {"kernel": "poly", "degree": 2, "coef0": 1.0, "gamma": "auto"}, {"kernel": "sigmoid", "gamma": 0.1},
        {"C": 0.05}, {"C": 100.0, "gamma": 0.5}, {"balanced": True}, {"weighted": True, "gamma": 0.3}, {"weighted": True, "balanced": True, "kernel": "linear"})],
    "linear": [linear(y, **p) for y in (y2, y3) for p in (
        {}, {"loss": "hinge"}, {"C": 0.01}, {"C": 10.0}, {"fit_intercept": False}, {"class_weight": "balanced"}, {"weighted": True}, {"weighted": True, "loss": "hinge", "C": 0.3})],
    "svr": [svr(**p) for p in ({}, {"kernel": "linear"}, {"epsilon": 0.0}, {"epsilon": 0.5, "C": 10.0}, {"kernel": "poly", "coef0": 1.0}, {"weighted": True, "gamma": 0.3})],
}
OUT.write_text(json.dumps(value, separators=(",", ":")) + "\n")
