"""Writes the values that mlcourse/tests/linalg.rs compares with, computed by NumPy 2.4.6, SciPy 1.17.1 and scikit-learn 1.9.1.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python mlcourse/references/linalg.py
"""

import json
from pathlib import Path

import numpy as np
import scipy.linalg
from sklearn.utils.extmath import svd_flip

OUT = Path(__file__).parent.parent / "tests" / "data"


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def complex_lists(array):
    array = np.asarray(array)
    return {"re": lists(array.real), "im": lists(array.imag)}


def matrices():
    rng = np.random.default_rng(11)
    low_rank = rng.normal(size=(8, 2)) @ rng.normal(size=(2, 5))
    hilbert = scipy.linalg.hilbert(8)
    return [
        ("one entry", np.array([[-2.5]])),
        ("one row", np.array([[3.0, -4.0, 12.0]])),
        ("one column", np.array([[3.0], [-4.0], [12.0]])),
        ("square", rng.normal(size=(6, 6))),
        ("tall", rng.normal(size=(9, 4))),
        ("wide", rng.normal(size=(4, 9))),
        ("very tall", rng.normal(size=(60, 3)) * [1.0, 100.0, 0.01] + [0.0, 5.0, 1.0]),
        ("rank 2 of 5", low_rank),
        ("Hilbert, ill-conditioned", hilbert),
        ("zeros", np.zeros((3, 2))),
        ("large entries", rng.normal(size=(4, 4)) * 1e150),
        ("small entries", rng.normal(size=(4, 4)) * 1e-150),
    ]


def matrix_case(name, a):
    rng = np.random.default_rng(5)
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    u, vt = svd_flip(u, vt)
    b = rng.normal(size=a.shape[0])
    solution, _, rank, _ = np.linalg.lstsq(a, b, rcond=None)
    case = {
        "name": name,
        "a": lists(a),
        "b": lists(b),
        "u": lists(u),
        "s": lists(s),
        "vt": lists(vt),
        # Vectors of equal or zero singular values are any basis of their space.
        "unique": bool(rank == min(a.shape)),
        "rank": int(np.linalg.matrix_rank(a)),
        "least_squares": lists(solution),
        "residual_sum": float(((a @ solution - b) ** 2).sum()),
        "pinv": lists(np.linalg.pinv(a, rcond=max(a.shape) * np.finfo(float).eps)),
        "norms": {
            "frobenius": float(scipy.linalg.norm(a, check_finite=True)) if np.abs(a).max() in (0.0,) or 1e-100 < np.abs(a).max() < 1e100 else float(np.linalg.norm(a / np.abs(a).max()) * np.abs(a).max()),
            "spectral": float(np.linalg.norm(a, 2)),
            "nuclear": float(np.linalg.norm(a, "nuc")),
            "one": float(np.linalg.norm(a, 1)),
            "infinity": float(np.linalg.norm(a, np.inf)),
        },
    }
    if s[-1] > 0 and case["unique"]:
        case["cond"] = float(np.linalg.cond(a))
    if a.shape[0] == a.shape[1]:
        sign, log = np.linalg.slogdet(a)
        values, vectors = np.linalg.eig(a)
        case["square"] = {
            "det": float(np.linalg.det(a)) if np.isfinite(np.linalg.det(a)) else None,
            "slogdet": [float(sign), float(log)],
            "eig": complex_lists(values),
        }
        if case["unique"]:
            case["square"]["inverse"] = lists(np.linalg.inv(a))
            case["square"]["solution"] = lists(np.linalg.solve(a, b))
    return case


def eigen_cases():
    rng = np.random.default_rng(21)
    cases = []
    spread = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    for name, a in [
        ("two by two", np.array([[2.0, 1.0], [1.0, 2.0]])),
        ("random", (lambda x: x + x.T)(rng.normal(size=(7, 7)))),
        ("covariance", np.cov(rng.normal(size=(20, 5)), rowvar=False)),
        ("eigenvalues from 1e-3 to 1e3", (spread * 10.0 ** np.array([-3, -2, 0, 1, 2, 3])) @ spread.T),
        ("one entry", np.array([[3.0]])),
    ]:
        a = (a + a.T) / 2
        values, vectors = np.linalg.eigh(a)
        cases.append({"name": name, "a": lists(a), "values": lists(values), "vectors": lists(vectors)})
    return cases


def general_cases():
    rng = np.random.default_rng(31)
    companion = scipy.linalg.companion([1.0, -6.0, 11.0, -6.0])
    turn = scipy.linalg.block_diag([[0.6, -0.8], [0.8, 0.6]], [[2.0]], [[1.0, -3.0], [3.0, 1.0]])
    mix = rng.normal(size=(5, 5))
    cases = []
    for name, a in [
        ("quarter turn", np.array([[0.0, -1.0], [1.0, 0.0]])),
        ("roots 1, 2, 3", companion),
        ("two turns and a stretch", mix @ turn @ np.linalg.inv(mix)),
        ("random", rng.normal(size=(10, 10))),
        ("triangular", np.triu(rng.normal(size=(5, 5)))),
    ]:
        values, vectors = np.linalg.eig(a)
        cases.append({"name": name, "a": lists(a), "values": complex_lists(values)})
    return cases


if __name__ == "__main__":
    write("linalg", {
        "matrices": [matrix_case(name, a) for name, a in matrices()],
        "symmetric": eigen_cases(),
        "general": general_cases(),
    })
