"""Writes the values that mlcourse/tests/decomposition.rs compares with, computed by scikit-learn 1.9.1 (NumPy 2.4.6).

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python mlcourse/references/decomposition.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, TruncatedSVD

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def pca(name, table, x, **parameters):
    model = PCA(**parameters, random_state=0).fit(x)
    return {
        "name": name,
        "table": table,
        "parameters": parameters,
        "solver": model._fit_svd_solver,
        "components": lists(model.components_),
        "explained_variance": lists(model.explained_variance_),
        "explained_variance_ratio": lists(model.explained_variance_ratio_),
        "singular_values": lists(model.singular_values_),
        "noise_variance": float(model.noise_variance_),
        "mean": lists(model.mean_),
        "scores": lists(model.transform(x[:5])),
        "restored": lists(model.inverse_transform(model.transform(x[:5]))),
    }


def truncated(name, table, x, **parameters):
    model = TruncatedSVD(**parameters, random_state=0).fit(x)
    return {
        "name": name,
        "table": table,
        "parameters": parameters,
        "components": lists(model.components_),
        "explained_variance": lists(model.explained_variance_),
        "explained_variance_ratio": lists(model.explained_variance_ratio_),
        "singular_values": lists(model.singular_values_),
        "scores": lists(model.transform(x[:5])),
    }


if __name__ == "__main__":
    rng = np.random.default_rng(4)
    iris = load_iris().data[::2]
    tables = {
        "iris": iris,
        "square": rng.normal(size=(12, 8)) * np.arange(1, 9),
        "wide": np.round(rng.normal(size=(6, 20)) * 3, 3),
        "far": np.round(rng.normal(size=(60, 3)) * [1.0, 0.1, 2.0], 6) + [1e6, 0.0, -1e5],
        "low rank": np.round(rng.normal(size=(30, 3)) @ rng.normal(size=(3, 6)), 4),
        "two rows": np.array([[1.0, 2.0, 3.0], [2.0, 0.0, 3.5]]),
        "one column": np.arange(7.0)[:, None] ** 2,
        "counts": rng.poisson(1.5, size=(25, 9)).astype(float),
    }
    cases = [
        pca("iris, all", "iris", iris),
        pca("iris, two", "iris", iris, n_components=2),
        pca("iris, a share", "iris", iris, n_components=0.95),
        pca("iris, a small share", "iris", iris, n_components=0.3),
        pca("iris, whitened", "iris", iris, n_components=3, whiten=True),
        pca("iris, full", "iris", iris, svd_solver="full"),
        pca("iris, randomized", "iris", iris, n_components=2, svd_solver="randomized"),
        pca("square", "square", tables["square"]),
        pca("square, covariance", "square", tables["square"], svd_solver="covariance_eigh", n_components=5),
        pca("wide", "wide", tables["wide"], n_components=4),
        pca("wide, randomized", "wide", tables["wide"], n_components=2, svd_solver="randomized"),
        pca("far from zero", "far", tables["far"], svd_solver="full"),
        pca("low rank", "low rank", tables["low rank"], n_components=3),
        pca("two rows", "two rows", tables["two rows"], n_components=1),
        pca("one column", "one column", tables["one column"]),
    ]
    others = [
        truncated("counts", "counts", tables["counts"], n_components=3),
        truncated("iris", "iris", iris, n_components=2),
        truncated("wide", "wide", tables["wide"], n_components=3, n_iter=12),
        truncated("counts, arpack", "counts", tables["counts"], n_components=4, algorithm="arpack"),
    ]
    solvers = []
    for shape in [(100, 10), (99, 10), (501, 60), (500, 60), (20000, 1001), (60, 501), (500, 500)]:
        for n_components in [None, 1, 0.5, int(0.8 * min(shape)), int(0.8 * min(shape)) - 1]:
            if shape[0] * shape[1] > 100_000:
                continue
            model = PCA(n_components, random_state=0).fit(rng.normal(size=shape))
            solvers.append({"shape": shape, "n_components": n_components, "solver": model._fit_svd_solver})
    write("decomposition", {"tables": {name: lists(x) for name, x in tables.items()}, "pca": cases, "truncated": others, "solvers": solvers})
