"""Writes tests/data/combine.json: baselines, votes and stacks by scikit-learn 1.9.1.

    python mlcourse/references/combine.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVR

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data" / "combine.json"
warnings.simplefilter("ignore")

rng = np.random.default_rng(8)
x = np.round(rng.normal(size=(70, 3)), 4)
score = x[:, 0] + 0.8 * x[:, 1] * x[:, 2] + 0.5 * rng.normal(size=70)
y2 = np.where(score > 0.1, 5, 2)
y3 = np.digitize(score, [-0.6, 0.5])
number = np.round(score * 3, 4)
weight = np.round(rng.gamma(1.0, size=70), 3)
new = np.round(rng.normal(size=(15, 3)), 4)
targets = {"y2": y2, "y3": y3}


def logistic(c):
    return LogisticRegression(C=c, tol=1e-10, max_iter=5000)


def models():
    return [("strong", logistic(10.0)), ("weak", logistic(0.01)), ("dummy", DummyClassifier())]


def svrs():
    return [("smooth", SVR(gamma=0.1, tol=1e-9)), ("rough", SVR(gamma=2.0, tol=1e-9)), ("mean", DummyRegressor())]


value = {"x": x.tolist(), "y2": y2.tolist(), "y3": y3.tolist(), "number": number.tolist(), "weight": weight.tolist(), "new": new.tolist()}
value["dummy"] = []
for name, y in targets.items():
    for strategy in ("prior", "most_frequent", "uniform", "constant"):
        for w in (None, weight):
            model = DummyClassifier(strategy=strategy, constant=5 if name == "y2" else 1).fit(x, y, sample_weight=w)
            value["dummy"].append({"y": name, "strategy": strategy, "weighted": w is not None, "prior": model.class_prior_.tolist(), "proba": model.predict_proba(new[:2]).tolist(), "predict": None if strategy == "uniform" else model.predict(new[:2]).tolist()})
value["dummy_regressor"] = []
for strategy, quantile in (("mean", None), ("median", None), ("quantile", 0.0), ("quantile", 0.13), ("quantile", 0.5), ("quantile", 1.0), ("constant", None)):
    for w in (None, weight):
        model = DummyRegressor(strategy=strategy, quantile=quantile, constant=7.5).fit(x, number, sample_weight=w)
        value["dummy_regressor"].append({"strategy": strategy, "quantile": quantile, "weighted": w is not None, "constant": float(model.constant_[0, 0])})
value["voting"] = []
for name, y in targets.items():
    for voting in ("hard", "soft"):
        for weights in (None, [1.0, 2.0, 0.5], [0.0, 1.0, 1.0]):
            model = VotingClassifier(models(), voting=voting, weights=weights).fit(x, y)
            value["voting"].append({"y": name, "voting": voting, "weights": weights, "predict": model.predict(new).tolist(), "proba": model.predict_proba(new).tolist() if voting == "soft" else None})
value["voting_regressor"] = []
for weights in (None, [1.0, 2.0, 0.5]):
    value["voting_regressor"].append({"weights": weights, "predict": VotingRegressor(svrs(), weights=weights).fit(x, number).predict(new).tolist()})
value["stacking"] = []
for name, y in targets.items():
    for method in ("auto", "predict"):
        for passthrough in (False, True):
            for cv in (3, 5):
                model = StackingClassifier(models(), final_estimator=logistic(1.0), cv=cv, stack_method=method, passthrough=passthrough).fit(x, y)
                value["stacking"].append({"y": name, "method": method, "passthrough": passthrough, "cv": cv, "proba": model.predict_proba(new).tolist(), "predict": model.predict(new).tolist()})
value["stacking_regressor"] = []
for passthrough in (False, True):
    for cv in (3, 5):
        model = StackingRegressor(svrs(), final_estimator=SVR(kernel="linear", tol=1e-9), cv=cv, passthrough=passthrough).fit(x, number)
        value["stacking_regressor"].append({"passthrough": passthrough, "cv": cv, "predict": model.predict(new).tolist()})
OUT.write_text(json.dumps(value, separators=(",", ":")) + "\n")
