"""Writes the values that mlcourse/tests/bias_variance.rs compares with, by the formulas in NumPy.

    venv/bin/python mlcourse/references/bias_variance.py          (the environment of make_references.py)
"""

import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "tests" / "data"


def main():
    rng = np.random.default_rng(6)
    numbers = np.round(rng.normal(size=(9, 7)), 3)
    truth = np.round(rng.normal(size=7), 3)
    main = numbers.mean(axis=0)
    cases = [{
        "predictions": numbers.tolist(), "y": truth.tolist(),
        "loss": ((numbers - truth) ** 2).mean(), "bias": ((main - truth) ** 2).mean(), "variance": ((numbers - main) ** 2).mean(),
    }]
    for n_classes in (2, 4):
        labels = rng.integers(0, n_classes, size=(11, 20))
        labels[:, ::2] = rng.integers(0, 2, size=10)
        truth = rng.integers(0, n_classes, size=20)
        main = np.array([np.bincount(column).argmax() for column in labels.T])
        unbiased = main == truth
        cases.append({
            "predictions": labels.tolist(), "y": truth.tolist(),
            "loss": (labels != truth).mean(), "bias": (main != truth).mean(), "variance": (labels != main).mean(),
            "harmful": ((labels != main) & unbiased).mean(), "helpful": ((labels == truth) & ~unbiased).mean(),
        })
    (OUT / "bias_variance.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
