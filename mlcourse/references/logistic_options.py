"""Writes tests/data/logistic_options.json: weights, penalties and solvers of logistic regression, by scikit-learn 1.9.1.

    python mlcourse/references/logistic_options.py

Every value is a minimum, reached by a solver run until nothing moves: newton-cholesky with L2, saga with L1.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data" / "logistic_options.json"

rng = np.random.default_rng(11)
x = rng.normal(size=(120, 5))
x[:, 4] = x[:, 0] + 0.3 * rng.normal(size=120)
score = x @ [1.5, -1.0, 0.0, 0.3, 0.0]
y2 = np.where(score + rng.logistic(size=120) > 0.8, 9, 4)
y3 = np.digitize(score + rng.logistic(size=120), [-1.0, 1.2])
weight = np.round(rng.gamma(1.0, size=120), 3)
weight[::7] = 0.0


def name(value):
    return "inf" if value == np.inf else value


def case(y, sample_weight, **parameters):
    l1 = parameters.get("l1_ratio", 0.0) > 0.0
    model = LogisticRegression(**parameters, solver="saga" if l1 else "newton-cholesky", tol=1e-13 if l1 else 1e-14, max_iter=200_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y, sample_weight=sample_weight)
    class_weight = parameters.pop("class_weight", None)
    if isinstance(class_weight, dict):
        class_weight = [[int(k), v] for k, v in class_weight.items()]
    return {
        "y": "y2" if y is y2 else "y3",
        "weighted": sample_weight is not None,
        "parameters": {key: name(value) for key, value in parameters.items()},
        "class_weight": class_weight,
        "coef": model.coef_.tolist(),
        "intercept": model.intercept_.tolist(),
    }


cases = []
for y in (y2, y3):
    given = {int(label): float(w) for label, w in zip(np.unique(y), [3.0, 0.5, 2.0])}
    for sample_weight in (None, weight):
        for class_weight in (None, "balanced", given):
            cases.append(case(y, sample_weight, class_weight=class_weight))
        for C in (0.05, 1.0, 20.0):
            for l1_ratio in (1.0, 0.4):
                cases.append(case(y, sample_weight, C=C, l1_ratio=l1_ratio))
    cases.append(case(y, None, fit_intercept=False, C=0.3))
    cases.append(case(y, None, fit_intercept=False, C=0.3, l1_ratio=1.0))
    cases.append(case(y, weight, C=0.3, l1_ratio=0.7, class_weight="balanced"))
    cases.append(case(y, None, C=np.inf))

OUT.write_text(json.dumps({"x": x.tolist(), "y2": y2.tolist(), "y3": y3.tolist(), "weight": weight.tolist(), "cases": cases}, separators=(",", ":")) + "\n")
