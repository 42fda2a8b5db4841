"""Writes the values that mlcourse/tests/tsne.rs compares with, computed by scikit-learn 1.9.1 (NumPy 2.4.6).

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python mlcourse/references/tsne.py

The gradient is taken from scikit-learn's own functions at a given map: from it follows the map after one step.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from scipy.spatial.distance import pdist, squareform
from sklearn.datasets import load_iris
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities, _joint_probabilities_nn, _kl_divergence, _kl_divergence_bh
from sklearn.neighbors import NearestNeighbors

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def step_case(name, x, n_components, perplexity, method):
    n = len(x)
    start = np.random.default_rng(9).normal(size=(n, n_components)).round(3)
    degrees = max(n_components - 1, 1)
    if method == "exact":
        p = _joint_probabilities(squareform(pdist(x, "sqeuclidean")), perplexity, 0)
        kl, gradient = _kl_divergence(start.ravel(), p, degrees, n, n_components)
    else:
        neighbors = min(n - 1, int(3 * perplexity + 1))
        graph = NearestNeighbors(n_neighbors=neighbors, algorithm="brute").fit(x).kneighbors_graph(mode="distance")
        graph.data **= 2
        p = _joint_probabilities_nn(graph, perplexity, 0)
        kl, gradient = _kl_divergence_bh(start.ravel().astype(np.float32), p, degrees, n, n_components, angle=0.0)
    return {
        "name": name,
        "method": method,
        "x": lists(x),
        "perplexity": perplexity,
        "start": lists(start),
        "kl": float(kl),
        "gradient": lists(np.asarray(gradient, dtype=float).reshape(n, n_components)),
    }


if __name__ == "__main__":
    iris = load_iris().data
    rng = np.random.default_rng(1)
    twins = np.repeat(rng.normal(size=(12, 3)).round(3), 2, axis=0)
    cases = []
    for method in ["exact", "barnes_hut"]:
        cases += [
            step_case("iris", iris[::4], 2, 10.0, method),
            step_case("three dimensions", iris[1::5], 3, 7.5, method),
            step_case("one dimension", iris[2::7], 1, 5.0, method),
            step_case("every row twice", twins, 2, 4.0, method),
        ]
    # The whole descent: where it ends, over starts.
    few = iris[::3]
    ends = {}
    for method in ["exact", "barnes_hut"]:
        ends[method] = {"pca": float(TSNE(method=method, perplexity=10, random_state=0).fit(few).kl_divergence_)}
        ends[method]["random"] = [float(TSNE(method=method, perplexity=10, init="random", random_state=seed).fit(few).kl_divergence_) for seed in range(20)]
    write("tsne", {"steps": cases, "few": lists(few), "ends": ends})
