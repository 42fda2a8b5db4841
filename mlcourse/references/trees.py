"""Writes tests/data/trees.json: decision trees by scikit-learn 1.9.1, where their structure depends on no random draw.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6
    venv/bin/python mlcourse/references/trees.py

Features are multiples of 1/64, so that scikit-learn's 32-bit floats hold them exactly. A case is kept only if ten seeds
give the same tree: scikit-learn draws among features that split equally well.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, export_text

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def grid(rng, n, p):
    return np.round(rng.normal(size=(n, p)) * 64) / 64


def data():
    rng = np.random.default_rng(11)
    x = grid(rng, 160, 4)
    score = x[:, 0] * x[:, 1] + np.abs(x[:, 2]) + 0.3 * rng.normal(size=160)
    classes = np.array([3, 5, 40])[np.digitize(score, np.quantile(score, [0.4, 0.8]))]
    target = np.round(np.sin(2 * x[:, 0]) * 8 + x[:, 1] ** 2 + rng.normal(size=160), 3)
    coarse = np.round(x[:, :3])
    weight = np.round(rng.gamma(2.0, size=160), 3)
    weight[::9] = 0.0
    return {
        "smooth": {"x": x, "classes": classes, "target": target, "weight": weight},
        "many ties": {"x": coarse, "classes": (score > 1).astype(int), "target": target, "weight": weight},
        "one feature": {"x": x[:100, :1], "classes": classes[:100], "target": target[:100], "weight": weight[:100]},
        "large mean": {"x": x[:100], "classes": classes[:100], "target": target[:100] + 1e6, "weight": weight[:100]},
    }


def same(a, b):
    return all(np.array_equal(getattr(a, key), getattr(b, key)) for key in ("feature", "threshold", "n_node_samples", "children_left"))


def case(set_name, kind, weighted, parameters, text=False):
    s = SETS[set_name]
    y = s["classes"] if kind == "classifier" else s["target"]
    model = DecisionTreeClassifier if kind == "classifier" else DecisionTreeRegressor
    weight = s["weight"] if weighted else None
    fits = [model(random_state=seed, **parameters).fit(s["x"], y, sample_weight=weight) for seed in range(10)]
    first = fits[0]
    if not all(same(first.tree_, other.tree_) for other in fits):
        print("not deterministic, left out:", set_name, parameters)
        return None
    tree = first.tree_
    return {
        "data": set_name,
        "kind": kind,
        "weighted": weighted,
        "parameters": {k: (v if not isinstance(v, dict) else [[int(a), b] for a, b in v.items()]) for k, v in parameters.items()},
        "left": lists(tree.children_left),
        "feature": lists(tree.feature),
        "threshold": lists(tree.threshold),
        "impurity": lists(np.round(tree.impurity, 9)),
        "n_node_samples": lists(tree.n_node_samples),
        "weighted_n_node_samples": lists(np.round(tree.weighted_n_node_samples, 6)) if weighted else None,
        "value": lists(np.round(tree.value[:, 0, :], 9)),
        "importances": lists(np.round(first.feature_importances_, 10)),
        "text": export_text(first) if text else None,
        "pruning": {k: lists(np.round(v, 10)) for k, v in first.cost_complexity_pruning_path(s["x"], y, sample_weight=weight).items()},
    }


def cases():
    found = []
    common = [
        {"max_depth": 3, "min_samples_leaf": 4},
        {"max_depth": 5, "min_samples_leaf": 6},
        {"min_samples_split": 30, "min_samples_leaf": 5},
        {"max_leaf_nodes": 6, "min_samples_leaf": 5},
        {"min_weight_fraction_leaf": 0.07},
        {"max_depth": 6, "min_samples_leaf": 5, "ccp_alpha": 0.01},
    ]
    for set_name in SETS:
        for weighted in (False, True):
            for parameters in common:
                text = parameters.get("max_depth") == 3
                for criterion in ("gini", "entropy") if not weighted else ("gini",):
                    found.append(case(set_name, "classifier", weighted, {"criterion": criterion, **parameters}, text))
                for criterion in ("squared_error", "absolute_error") if not weighted else ("squared_error",) if set_name != "smooth" else ("absolute_error",):
                    found.append(case(set_name, "regressor", weighted, {"criterion": criterion, **parameters}, text))
    found.append(case("smooth", "classifier", False, {"criterion": "log_loss", "min_impurity_decrease": 0.02, "min_samples_leaf": 3}))
    found.append(case("smooth", "regressor", False, {"criterion": "squared_error", "min_impurity_decrease": 0.5, "min_samples_leaf": 3}))
    found.append(case("smooth", "classifier", False, {"class_weight": "balanced", "max_depth": 4, "min_samples_leaf": 5}))
    found.append(case("smooth", "classifier", True, {"class_weight": {3: 2.0, 40: 0.5}, "max_depth": 4, "min_samples_leaf": 5}))
    return [one for one in found if one]


def deep():
    """Trees without limits: what they predict for the samples they know does not depend on the seed."""
    iris = load_iris()
    trees = []
    for seed in range(40):
        tree = DecisionTreeClassifier(random_state=seed).fit(iris.data, iris.target)
        trees.append({"text": export_text(tree, feature_names=iris.feature_names), "leaves": int(tree.get_n_leaves()), "depth": int(tree.get_depth())})
    return [one for place, one in enumerate(trees) if one not in trees[:place]][:12]


if __name__ == "__main__":
    SETS = data()
    kept = cases()
    print(len(kept), "cases")
    write("trees", {"sets": {name: {k: lists(v) for k, v in s.items()} for name, s in SETS.items()}, "cases": kept, "iris": deep()})
