"""Writes the values that mlcourse/tests/probability.rs compares with, computed by SciPy 1.17.1.

    python -m venv venv && venv/bin/pip install scipy==1.17.1
    venv/bin/python mlcourse/references/probability.py
"""

import json
import math
from decimal import Decimal, getcontext
from pathlib import Path

import numpy as np
import scipy
from scipy.stats import norm

assert scipy.__version__ == "1.17.1", scipy.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
getcontext().prec = 60


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def exact_sf(z):
    """P(Z > z) for z > 2 with 60 digits: Laplace's continued fraction."""
    z = Decimal(z)
    fraction = z
    for k in range(3000, 0, -1):
        fraction = z + k / fraction
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
    return (-z * z / 2).exp() / (2 * pi).sqrt() / fraction


if __name__ == "__main__":
    z = np.concatenate([np.linspace(-8, 8, 65), [-37.5, -30, -20.0001, -19.9999, -12.3, 12.3, 20, 30, 37.5, 0.0]])
    p = [1e-300, 1e-100, 1e-17, 1e-10, 0.001, 0.02, 0.0749999, 0.075, 0.1, 0.3, 0.5, 0.7, 0.925, 0.99, 1 - 1e-10]
    far = [-1e8, -1e3, -60.0, -40.0, -38.5]
    tails = [2.1, 3.3, 5.7, 8.1, 12.7, 20.3, 30.1, 37.3]
    write("normal", {
        "z": z.tolist(),
        "pdf": norm.pdf(z).tolist(),
        "logpdf": norm.logpdf(z).tolist(),
        "cdf": norm.cdf(z).tolist(),
        "sf": norm.sf(z).tolist(),
        "logcdf": norm.logcdf(z).tolist(),
        "p": p,
        "quantile": norm.ppf(p).tolist(),
        "far": far,
        "far_logcdf": norm.logcdf(far).tolist(),
        "tails": tails,
        "exact_sf": [float(exact_sf(t)) for t in tails],
        "exact_logsf": [float(exact_sf(t).ln()) for t in tails],
        "shifted": {"mean": 3.0, "std": 2.5, "x": [-4.0, 3.0, 11.5], "pdf": norm.pdf([-4.0, 3.0, 11.5], 3, 2.5).tolist(), "logpdf": norm.logpdf([-4.0, 3.0, 11.5], 3, 2.5).tolist(), "cdf": norm.cdf([-4.0, 3.0, 11.5], 3, 2.5).tolist(), "isf": float(norm.isf(1e-30, 3, 2.5))},
    })
    # 1/√2 − its float, and the constants of normal.rs.
    print(Decimal(1) / Decimal(2).sqrt() - Decimal(math.sqrt(0.5)))
