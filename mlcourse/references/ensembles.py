"""Writes tests/data/ensembles.json: boosting by scikit-learn 1.9.1 number by number, forests by their scores.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6
    venv/bin/python mlcourse/references/ensembles.py

The samples are those of trees.py, and 600 others with missing values and categories for boosting on bins. A case of exact
boosting is kept only if five seeds agree: scikit-learn draws among features that split equally well.
"""

import warnings

import numpy as np
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from trees import data, grid, lists, write

warnings.simplefilter("ignore")
SEEDS = range(30)


def short(array):
    return lists(np.round(array, 9))


def boosting(set_name, kind, weighted, parameters):
    s = SETS[set_name]
    y = {"classes": s["classes"], "two": (s["classes"] == 3).astype(int), "target": s["target"]}[kind]
    model = GradientBoostingRegressor if kind == "target" else GradientBoostingClassifier
    weight = s["weight"] if weighted else None
    fits = [model(random_state=seed, n_estimators=12, **parameters).fit(s["x"], y, sample_weight=weight) for seed in range(5)]
    out = [fit.predict(s["x"]) if kind == "target" else fit.predict_proba(s["x"]) for fit in fits]
    if any(np.abs(out[0] - other).max() > 1e-9 for other in out):
        print("not deterministic, left out:", set_name, kind, parameters)
        return None
    return {"data": set_name, "kind": kind, "weighted": weighted, "parameters": parameters, "out": short(out[0][::4]), "train_score": short(fits[0].train_score_), "importances": short(fits[0].feature_importances_)}


def boosting_cases():
    found = []
    for weighted in (False, True):
        for leaf in ({"max_depth": 3, "min_samples_leaf": 8}, {"max_depth": 2, "min_samples_leaf": 12, "learning_rate": 0.4}):
            for kind in ("two", "classes"):
                found.append(boosting("smooth", kind, weighted, leaf))
            found.append(boosting("smooth", "two", weighted, {"loss": "exponential", **leaf}))
            for loss in ("squared_error", "absolute_error", "huber", "quantile"):
                found.append(boosting("smooth", "target", weighted, {"loss": loss, "alpha": 0.8, **leaf}))
                # The slopes of a quantile are two numbers: many splits tie, and rounding decides.
                # With weights and two slopes, scikit-learn splits a pure node whose impurity is rounding, 7e-16.
                if loss != "quantile" and not (weighted and loss == "absolute_error"):
                    found.append(boosting("one feature", "target", weighted, {"loss": loss, **leaf}))
    return [one for one in found if one]


def ada_cases():
    found = []
    for set_name, kind in (("smooth", "two"), ("smooth", "classes"), ("one feature", "classes"), ("many ties", "classes")):
        for parameters in ({}, {"learning_rate": 0.5}):
            for weighted in (False, True):
                s = SETS[set_name]
                y = (s["classes"] == 3).astype(int) if kind == "two" else s["classes"]
                fits = [AdaBoostClassifier(n_estimators=15, random_state=seed, **parameters).fit(s["x"], y, sample_weight=s["weight"] if weighted else None) for seed in range(5)]
                if any(np.abs(fits[0].predict_proba(s["x"]) - fit.predict_proba(s["x"])).max() > 1e-9 for fit in fits):
                    print("not deterministic, left out: AdaBoost", set_name, kind, parameters)
                    continue
                n = len(fits[0].estimators_)
                found.append({"data": set_name, "kind": kind, "weighted": weighted, "parameters": parameters, "weights": short(fits[0].estimator_weights_[:n]), "errors": short(fits[0].estimator_errors_[:n]), "probabilities": short(fits[0].predict_proba(s["x"])[::4]), "decision": short(fits[0].decision_function(s["x"])[::4])})
    return found


def hist_data():
    rng = np.random.default_rng(5)
    x = grid(rng, 600, 4)
    x[:, 3] = rng.integers(0, 9, size=600)
    effect = np.array([3.0, -2.0, 0.5, 4.0, -3.0, 0.0, 2.0, -1.0, 1.0])[x[:, 3].astype(int)]
    score = x[:, 0] * 2 + np.abs(x[:, 1]) + effect + 0.5 * rng.normal(size=600)
    x[rng.random(600) < 0.15, 0] = np.nan
    x[rng.random(600) < 0.1, 3] = np.nan
    return {"x": x, "classes": np.digitize(score, [0.0, 3.0]), "target": np.round(score, 3), "weight": np.round(rng.gamma(2.0, size=600), 3)}


def hist_cases():
    found = []
    s = hist_data()
    plain = [{}, {"max_bins": 12}, {"l2_regularization": 3.0, "max_depth": 3}, {"max_leaf_nodes": 5, "min_samples_leaf": 40}]
    for categorical in ([], [3]):
        for weighted in (False, True):
            for parameters in plain:
                for kind in ("two", "classes", "target"):
                    y = {"two": (s["classes"] > 0).astype(int), "classes": s["classes"], "target": s["target"]}[kind]
                    losses = ("squared_error", "absolute_error", "quantile") if kind == "target" and parameters == {} else (None,)
                    for loss in losses:
                        more = dict(parameters)
                        if loss:
                            more["loss"] = loss
                        if loss == "quantile":
                            more["quantile"] = 0.8
                        model = HistGradientBoostingRegressor if kind == "target" else HistGradientBoostingClassifier
                        fit = model(max_iter=8, early_stopping=False, categorical_features=categorical or None, **more).fit(s["x"], y, sample_weight=s["weight"] if weighted else None)
                        out = fit.predict(s["x"]) if kind == "target" else fit.predict_proba(s["x"])
                        found.append({"kind": kind, "weighted": weighted, "categorical": categorical, "parameters": more, "out": lists(np.round(out[::12], 7))})
    return {"set": {"x": lists(np.where(np.isnan(s["x"]), 1e9, s["x"])), **{k: lists(s[k]) for k in ("classes", "target", "weight")}}, "cases": found}


def bands():
    """Mean and deviation over the seeds of what forests score on samples that they have not seen."""
    s = SETS["smooth"]
    train, test = np.arange(160) % 4 != 0, np.arange(160) % 4 == 0
    found = []
    for name, model, y, parameters in [
        ("RandomForestClassifier", RandomForestClassifier, s["classes"], {"n_estimators": 40}),
        ("RandomForestClassifier", RandomForestClassifier, s["classes"], {"n_estimators": 40, "max_depth": 4, "criterion": "entropy", "min_samples_leaf": 3}),
        ("ExtraTreesClassifier", ExtraTreesClassifier, s["classes"], {"n_estimators": 40}),
        ("RandomForestRegressor", RandomForestRegressor, s["target"], {"n_estimators": 40}),
        ("RandomForestRegressor", RandomForestRegressor, s["target"], {"n_estimators": 40, "max_features": "sqrt", "max_leaf_nodes": 12}),
        ("AdaBoostRegressor", AdaBoostRegressor, s["target"], {"n_estimators": 20}),
    ]:
        fits = [model(random_state=seed, **parameters).fit(s["x"][train], y[train]) for seed in SEEDS]
        scores = [fit.score(s["x"][test], y[test]) for fit in fits]
        importances = np.mean([fit.feature_importances_ for fit in fits], axis=0)
        found.append({"model": name, "parameters": parameters, "mean": float(np.mean(scores)), "deviation": float(np.std(scores)), "importances": short(importances)})
    return found


if __name__ == "__main__":
    SETS = data()
    write("ensembles", {"boosting": boosting_cases(), "ada": ada_cases(), "bands": bands()})
    write("hist_boosting", hist_cases())
