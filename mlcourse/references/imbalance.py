"""Writes the values that mlcourse/tests/imbalance.rs compares with, computed by imbalanced-learn 0.14.2.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 imbalanced-learn==0.14.2
    venv/bin/python mlcourse/references/imbalance.py
"""

import json
from collections import Counter
from pathlib import Path

import imblearn
import numpy as np
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.neighbors import NearestNeighbors

assert imblearn.__version__ == "0.14.2", imblearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def main():
    rng = np.random.default_rng(6)
    y = np.array([0] * 25 + [1] * 9 + [4] * 14)
    rng.shuffle(y)
    x = np.round(rng.normal(size=(48, 3)) + y[:, None], 4)
    two = np.where(y == 1, 1, 0)
    strategies = ["auto", "all", "majority", "minority", "not majority", "not minority", 0.5, 0.9, {0: 30, 1: 12}, {0: 10, 4: 5}]
    cases = []
    for make in (RandomOverSampler, RandomUnderSampler, SMOTE):
        for target, labels in (("three classes", y), ("two classes", two)):
            for strategy in strategies:
                try:
                    z, labels_out = make(sampling_strategy=strategy, random_state=0).fit_resample(x, labels)
                    counts, order = sorted(Counter(labels_out.tolist()).items()), labels_out.tolist()
                except ValueError:
                    counts = order = None
                text = ", ".join(f"{k}: {v}" for k, v in strategy.items()) if isinstance(strategy, dict) else strategy
                cases.append({"step": make.__name__, "target": target, "strategy": text, "counts": counts, "labels": order})
    neighbors = []
    for label in (1, 4):
        rows = np.flatnonzero(y == label)
        found = NearestNeighbors(n_neighbors=6).fit(x[rows]).kneighbors(x[rows], return_distance=False)[:, 1:]
        neighbors.append([[int(rows[i]), sorted(rows[j].tolist())] for i, j in enumerate(found)])
    value = {"x": x.tolist(), "three classes": y.tolist(), "two classes": two.tolist(), "cases": cases, "neighbors": neighbors}
    (OUT / "imbalance.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


main()
