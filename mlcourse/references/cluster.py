"""Writes tests/data/cluster.json: clusterings by scikit-learn 1.9.1 and SciPy 1.17.1.

    python mlcourse/references/cluster.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans, MiniBatchKMeans
from sklearn.datasets import load_iris

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data" / "cluster.json"
warnings.simplefilter("ignore")

rng = np.random.default_rng(5)
iris = load_iris().data
blobs = np.round(rng.normal(size=(90, 3)) + rng.normal(size=(6, 3))[rng.integers(6, size=90)] * 4.0, 4)
integers = rng.integers(0, 5, size=(60, 2)).astype(float)
line = np.arange(12.0)[:, None]
one = np.array([[1.0, 2.0]])
wide = np.round(rng.normal(size=(15, 40)), 4)
data = {"blobs": blobs, "integers": integers, "line": line, "one": one, "wide": wide}
weight = np.round(rng.gamma(1.0, size=90), 3)
weight[::9] = 0.0


def kmeans(name, k, weighted=False, start=None, **parameters):
    x = data[name]
    start = x[:k] if start is None else np.asarray(start)
    model = KMeans(k, init=start, n_init=1, **parameters).fit(x, sample_weight=weight if weighted else None)
    return {
        "x": name, "start": start.tolist(), "weighted": weighted, "parameters": parameters,
        "centers": model.cluster_centers_.tolist(), "labels": model.labels_.tolist(), "inertia": model.inertia_,
        "n_iter": model.n_iter_, "transform": model.transform(x[:5]).tolist(),
    }


def tree(name, method):
    x = data[name]
    cuts = {str(k): AgglomerativeClustering(k, linkage=method).fit(x).labels_.tolist() for k in (1, 2, 3, 5, len(x))}
    return {"x": name, "linkage": method, "matrix": linkage(x, method).tolist(), "cuts": cuts}


def dbscan(name, eps, min_samples, weighted=False):
    model = DBSCAN(eps=eps, min_samples=min_samples).fit(data[name], sample_weight=weight if weighted else None)
    return {"x": name, "eps": eps, "min_samples": min_samples, "weighted": weighted, "labels": model.labels_.tolist(), "core": model.core_sample_indices_.tolist()}


# Two of these centres lose all samples at once.
far = [[0.0, 0, 0], [1e3, 0, 0], [0, 2e3, 0], [1, 1, 1]]
seeds = range(200)
bands = {}
for name, k in (("blobs", 6), ("iris", 3)):
    x = iris if name == "iris" else data[name]
    bands[name] = {
        "k": k,
        "single": float(np.mean([KMeans(k, n_init=1, random_state=s).fit(x).inertia_ for s in seeds])),
        "random": float(np.mean([KMeans(k, init="random", n_init=1, random_state=s).fit(x).inertia_ for s in seeds])),
        "best": float(min(KMeans(k, n_init=10, random_state=s).fit(x).inertia_ for s in range(10))),
        "mini_batch": float(np.mean([MiniBatchKMeans(k, random_state=s, n_init=1, batch_size=32).fit(x).inertia_ for s in seeds])),
    }

value = {
    "data": {name: x.tolist() for name, x in data.items()},
    "weight": weight.tolist(),
    "kmeans": [
        kmeans("blobs", 6), kmeans("blobs", 1), kmeans("blobs", 6, weighted=True), kmeans("blobs", 20), kmeans("blobs", 6, max_iter=2),
        kmeans("blobs", 6, tol=0.0), kmeans("blobs", 6, tol=0.5), kmeans("blobs", 4, start=far), kmeans("blobs", 4, start=far, weighted=True),
        kmeans("line", 3), kmeans("one", 1), kmeans("wide", 4),
    ],
    "trees": [tree(name, method) for name in ("blobs", "integers", "line", "wide") for method in ("ward", "complete", "average", "single") if name != "integers" or method != "single"],
    "dbscan": [dbscan("blobs", eps, m) for eps in (0.7, 1.2, 2.0) for m in (1, 3, 6)]
    + [dbscan("integers", 1.0, m) for m in (4, 8, 12)]
    + [dbscan("line", 1.0, 3), dbscan("line", 0.999, 2), dbscan("one", 0.5, 1), dbscan("one", 0.5, 2), dbscan("wide", 8.0, 3)]
    + [dbscan("blobs", 1.2, 3, weighted=True)],
    "bands": bands,
}
OUT.write_text(json.dumps(value, separators=(",", ":")) + "\n")
