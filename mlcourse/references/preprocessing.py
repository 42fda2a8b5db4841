"""Writes the values that mlcourse/tests/scalers.rs compares with, computed by scikit-learn 1.9.1.

    venv/bin/python mlcourse/references/preprocessing.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
)

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
warnings.simplefilter("ignore")


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")


def lists(array):
    return np.asarray(array).tolist()


def tables():
    rng = np.random.default_rng(1)
    skewed = np.round(np.exp(rng.normal(size=(30, 3))) * [1.0, 100.0, 1e-3], 6)
    skewed[:, 2] -= 1e-3
    ties = rng.integers(0, 4, size=(25, 3)).astype(float) - [0.0, 1.0, 2.0]
    constant = np.column_stack([np.full(8, 0.1), np.arange(8.0), np.zeros(8), np.full(8, -3.0)])
    return {
        "iris": load_iris().data[::7],
        "skewed": skewed,
        "ties": ties,
        "constant columns": constant,
        "one row": np.array([[1.5, -2.0, 0.0]]),
        "one column": rng.normal(size=(12, 1)) * 1e6,
    }


STEPS = {
    "MinMaxScaler": (MinMaxScaler, [{}, {"feature_range": (-2.0, 3.0)}, {"clip": True}]),
    "MaxAbsScaler": (MaxAbsScaler, [{}]),
    "RobustScaler": (RobustScaler, [
        {}, {"with_centering": False}, {"with_scaling": False}, {"quantile_range": (10.0, 80.0)}, {"unit_variance": True},
    ]),
    "Normalizer": (Normalizer, [{"norm": norm} for norm in ("l1", "l2", "max")]),
    "Binarizer": (Binarizer, [{}, {"threshold": 1.5}]),
    "PowerTransformer": (PowerTransformer, [{}, {"standardize": False}]),
    "QuantileTransformer": (QuantileTransformer, [
        {"n_quantiles": 7}, {"n_quantiles": 1000}, {"n_quantiles": 10, "output_distribution": "normal"},
    ]),
    "KBinsDiscretizer": (KBinsDiscretizer, [
        {"encode": "ordinal"},
        {"n_bins": 3, "encode": "onehot-dense"},
        {"n_bins": 4, "encode": "ordinal", "strategy": "uniform"},
        {"n_bins": 4, "encode": "ordinal", "quantile_method": "linear"},
    ]),
}


def case(name, table, x, step, parameters, model):
    # Rows that were not fitted, some outside the range.
    new = np.concatenate([x[:3] * 1.5 + 0.25, x[-2:] * 0.5])
    if parameters.get("method") == "box-cox":
        new = np.abs(new)
    model.fit(x)
    value = {
        "step": step,
        "table": table,
        "parameters": {key: (f"({v[0]}, {v[1]})" if isinstance(v, tuple) else v) for key, v in parameters.items()},
        "new": lists(new),
        "z": lists(model.transform(x)),
        "z_new": lists(model.transform(new)),
    }
    for attribute in ("scale_", "center_", "data_min_", "lambdas_", "max_abs_"):
        if getattr(model, attribute, None) is not None:
            value[attribute.rstrip("_")] = lists(getattr(model, attribute))
    if step == "KBinsDiscretizer":
        value["bin_edges"] = [lists(edges) if np.isfinite(edges).all() else None for edges in model.bin_edges_]
    return value


def main():
    data = tables()
    cases = []
    for step, (make, settings) in STEPS.items():
        for parameters in settings:
            for table, x in data.items():
                if step == "PowerTransformer" and table in ("constant columns", "one row"):
                    continue
                cases.append(case(step, table, x, step, parameters, make(**parameters)))
    for table in ("iris", "one column"):
        x = np.abs(data[table]) + 0.5
        data[table + ", positive"] = x
        parameters = {"method": "box-cox"}
        cases.append(case("PowerTransformer", table + ", positive", x, "PowerTransformer", parameters, PowerTransformer(**parameters)))
    write("scalers", {"tables": {name: lists(x) for name, x in data.items()}, "cases": cases})


main()
