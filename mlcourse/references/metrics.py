"""Writes the values that mlcourse/tests/metrics_*.rs compare with, computed by scikit-learn 1.9.1 (SciPy 1.17.1).

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    venv/bin/python mlcourse/references/metrics.py
"""

import collections
import json
import math
import re
import string
import warnings
from pathlib import Path

import numpy as np
import sklearn
from scipy.spatial.distance import cdist
from scipy.special import log_expit, log_softmax
from sklearn import metrics as m
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_iris

assert sklearn.__version__ == "1.9.1", sklearn.__version__
OUT = Path(__file__).parent.parent / "tests" / "data"
warnings.simplefilter("ignore")


def plain(value):
    """JSON without NaN: numbers that are not finite become words."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        value = float(value)
        return value if math.isfinite(value) else str(value)
    return value


def write(name, value):
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    (OUT / f"{name}.json").write_text(text + "\n")


def attempt(function, *args, **options):
    try:
        return function(*args, **options)
    except ValueError:
        return None


# Predicted classes.


def class_inputs():
    rng = np.random.default_rng(11)
    truth = rng.integers(0, 5, size=60)
    noisy = np.where(rng.random(60) < 0.6, truth, rng.integers(0, 5, size=60))
    many = rng.integers(0, 12, size=90)
    return [
        ("binary", [0, 1, 1, 0, 1, 1, 0], [0, 1, 0, 0, 1, 1, 1], None),
        ("noisy", truth, noisy, [1, 3]),
        ("a class is never predicted", [0, 1, 2, 0, 1, 2], [0, 1, 1, 0, 1, 0], [2, 0]),
        ("a predicted class is never true", [0, 1, 0, 1], [0, 1, 2, 1], [2]),
        ("one class", [1, 1, 1], [1, 1, 1], [1, 2]),
        ("truth of one class", [3, 3, 3, 3], [3, 1, 3, 2], [1, 2, 3]),
        ("prediction of one class", [0, 1, 2, 2], [2, 2, 2, 2], [0, 1]),
        ("labels far apart", [3, 1000, 70000, 3, 70000, 3], [3, 1000, 3, 3, 70000, 1000], [70000, 5]),
        ("twelve classes", many, np.where(rng.random(90) < 0.5, many, (many + 1) % 12), [0, 4, 11]),
    ]


def class_scores(y_true, y_pred, weights, labels, average, zero_division):
    options = {"sample_weight": weights, "average": average, "zero_division": zero_division}
    if labels is not None:
        options["labels"] = labels
    return {
        "precision": m.precision_score(y_true, y_pred, **options),
        "recall": m.recall_score(y_true, y_pred, **options),
        "f1": m.f1_score(y_true, y_pred, **options),
        "f0.5": m.fbeta_score(y_true, y_pred, beta=0.5, **options),
        "f2": m.fbeta_score(y_true, y_pred, beta=2, **options),
        "finf": m.fbeta_score(y_true, y_pred, beta=np.inf, **options),
    }


def class_cases():
    cases = []
    for name, y_true, y_pred, some in class_inputs():
        y_true, y_pred = np.array(y_true), np.array(y_pred)
        rng = np.random.default_rng(len(y_true))
        for weights in (None, rng.integers(1, 9, len(y_true)) / 4, rng.random(len(y_true))):
            for labels in (None, some) if some else (None,):
                averages = ["macro", "micro", "weighted"] + (["binary"] if name == "binary" else [])
                weighted = {"sample_weight": weights}
                case = {
                    "name": name,
                    "y_true": y_true,
                    "y_pred": y_pred,
                    "weights": weights,
                    "labels": labels,
                    "scores": {
                        average: {
                            zero: class_scores(y_true, y_pred, weights, labels, average, value)
                            for zero, value in (("Zero", 0), ("One", 1), ("Nan", np.nan))
                        }
                        for average in averages
                    },
                    "reports": {
                        zero: m.classification_report(y_true, y_pred, labels=labels, digits=3, zero_division=value, **weighted)
                        for zero, value in (("warn", "warn"), ("One", 1), ("Nan", np.nan))
                    },
                    "confusion": {
                        str(by): attempt(m.confusion_matrix, y_true, y_pred, labels=labels, normalize=by, **weighted)
                        for by in (None, "true", "pred", "all")
                    },
                    "kappa": {
                        str(kind): attempt(m.cohen_kappa_score, y_true, y_pred, labels=labels, weights=kind, **weighted)
                        for kind in (None, "linear", "quadratic")
                    },
                }
                if labels is None:
                    case |= {
                        "accuracy": m.accuracy_score(y_true, y_pred, **weighted),
                        "balanced": m.balanced_accuracy_score(y_true, y_pred, **weighted),
                        "adjusted": m.balanced_accuracy_score(y_true, y_pred, adjusted=True, **weighted),
                        "mcc": m.matthews_corrcoef(y_true, y_pred, **weighted),
                        "jaccard": {
                            average: m.jaccard_score(y_true, y_pred, average=average, zero_division=0, **weighted)
                            for average in averages
                        },
                    }
                cases.append(case)
    return cases


# Scores and probabilities.


def ranking_cases():
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, 60)
    smooth = rng.normal(size=60) + y
    inputs = [
        ("four", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
        ("all tied", [0, 1, 1, 0, 1], [0.5] * 5),
        ("some tied", [0, 1, 1, 0, 1, 0, 0, 1], [0.2, 0.2, 0.5, 0.5, 0.5, 0.9, 0.1, 0.9]),
        ("perfect", [0, 0, 0, 1, 1], [-3.0, -2.0, -1.0, 1.0, 2.0]),
        ("reversed", [1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4]),
        ("negative zero", [0, 1, 0, 1], [-0.0, 0.0, -1e-300, 1e-300]),
        ("normal", y, smooth),
        ("rounded", y, np.round(smooth)),
        ("huge and tiny", [0, 1, 1, 0, 1], [1e300, 1e-300, -1e300, 0.0, 1e300]),
        ("only positives", [1, 1, 1], [0.1, 0.2, 0.2]),
        ("only negatives", [0, 0, 0], [0.1, 0.2, 0.2]),
        ("two samples", [1, 0], [0.3, 0.3]),
    ]
    cases = []
    for name, y, scores in inputs:
        y, scores = np.array(y), np.array(scores)
        weights = np.random.default_rng(len(y)).integers(0, 5, len(y)) / 4 + (np.arange(len(y)) == 0) + (np.arange(len(y)) == len(y) - 1)
        for w in (None, weights):
            case = {"name": name, "y": y, "scores": scores, "weights": w}
            options = {"sample_weight": w}
            case["auc"] = m.roc_auc_score(y, scores, **options)
            case["ap"] = m.average_precision_score(y, scores, **options)
            for drop in (False, True):
                case[f"roc_{drop}".lower()] = m.roc_curve(y, scores, drop_intermediate=drop, **options)
                case[f"pr_{drop}".lower()] = m.precision_recall_curve(y, scores, drop_intermediate=drop, **options)
                case[f"det_{drop}".lower()] = attempt(m.det_curve, y, scores, drop_intermediate=drop, **options)
            cases.append(case)
    return cases


def probability_cases():
    rng = np.random.default_rng(9)
    cases = []
    for name, n_classes, n_samples, labels, missing in [
        ("two classes", 2, 40, [0, 1], None),
        ("three classes", 3, 50, [0, 1, 2], None),
        ("labels 2, 5, 9", 3, 30, [2, 5, 9], None),
        ("a class is missing", 4, 30, [0, 1, 2, 3], 2),
        ("ties", 3, 30, [0, 1, 2], None),
        ("certain", 3, 30, [0, 1, 2], None),
    ]:
        places = rng.integers(0, n_classes, n_samples)
        if missing is not None:
            places[places == missing] = 0
        logits = rng.normal(size=(n_samples, n_classes)) + 2 * np.eye(n_classes)[places]
        probabilities = np.exp(log_softmax(logits, axis=1))
        if name == "ties":
            counts = rng.integers(1, 4, size=(n_samples, n_classes)).astype(float)
            probabilities = counts / counts.sum(axis=1, keepdims=True)
        if name == "certain":
            probabilities = np.eye(n_classes)[rng.integers(0, n_classes, n_samples)]
        y = np.array(labels)[places]
        for weights in (None, rng.integers(1, 5, n_samples) / 2):
            options = {"sample_weight": weights, "labels": labels}
            case = {"name": name, "y": y, "labels": labels, "probabilities": probabilities, "logits": logits, "weights": weights}
            case["log_loss"] = m.log_loss(y, probabilities, **options)
            case["brier"] = m.brier_score_loss(y, probabilities[:, 1] if n_classes == 2 else probabilities, **(options if n_classes > 2 else {"sample_weight": weights}))
            case["cross_entropy"] = -np.mean(log_softmax(logits, axis=1)[np.arange(n_samples), places])
            if n_classes > 2:
                case["top_k"] = [m.top_k_accuracy_score(y, probabilities, k=k, **options) for k in (1, 2, 3)]
                case["auc"] = {}
                for multi_class in ("ovr", "ovo"):
                    for average in ("macro", "weighted", "micro"):
                        if multi_class == "ovo" and (average == "micro" or weights is not None):
                            continue
                        case["auc"][f"{multi_class} {average}"] = m.roc_auc_score(y, probabilities, multi_class=multi_class, average=average, **options)
            cases.append(case)
    return cases


def calibration_cases():
    rng = np.random.default_rng(2)
    cases = []
    for n_samples, n_bins in [(9, 3), (200, 5), (200, 10), (50, 7), (1, 4)]:
        probabilities = np.round(rng.random(n_samples), 2)
        y = (rng.random(n_samples) < probabilities).astype(int)
        z = rng.normal(size=n_samples) * 50
        for strategy in ("uniform", "quantile"):
            prob_true, prob_pred = calibration_curve(y, probabilities, n_bins=n_bins, strategy=strategy, pos_label=1)
            cases.append({
                "y": y, "probabilities": probabilities, "n_bins": n_bins, "strategy": strategy,
                "prob_true": prob_true, "prob_pred": prob_pred,
                "log_loss": m.log_loss(y, probabilities, labels=[0, 1]),
                "brier": m.brier_score_loss(y, probabilities, pos_label=1),
                "z": z, "cross_entropy": -np.mean(np.where(y == 1, log_expit(z), log_expit(-z))),
            })
    return cases


# Clusterings.


def agreement_cases():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 4, 80)
    cases = []
    for name, a, b in [
        ("the same, renamed", [0, 0, 1, 1], [1, 1, 0, 0]),
        ("one class split", [0, 0, 1, 1], [0, 0, 1, 2]),
        ("one cluster", [0, 0, 1, 2], [0, 0, 0, 0]),
        ("one class", [1, 1, 1], [0, 1, 2]),
        ("one and one", [1, 1, 1], [4, 4, 4]),
        ("each alone", [0, 1, 2, 3], [3, 2, 1, 0]),
        ("split against one", [0, 0, 0, 0], [0, 1, 2, 3]),
        ("discordant", [0, 0, 1, 1], [0, 1, 0, 1]),
        ("independent", truth, rng.integers(0, 6, 80)),
        ("related", truth, np.where(rng.random(80) < 0.7, truth, 5)),
        ("many", rng.integers(0, 30, 200), rng.integers(0, 25, 200) * 5000),
        ("one sample", [3], [9]),
        ("unbalanced", np.repeat([0, 1, 2], [150, 30, 3]), np.repeat([0, 1, 2, 1], [140, 20, 20, 3])),
    ]:
        cases.append({
            "name": name, "a": a, "b": b,
            "rand": m.rand_score(a, b),
            "adjusted_rand": m.adjusted_rand_score(a, b),
            "fowlkes_mallows": m.fowlkes_mallows_score(a, b),
            "mutual_info": m.mutual_info_score(a, b),
            "normalized": {by: m.normalized_mutual_info_score(a, b, average_method=by) for by in ("arithmetic", "geometric", "min", "max")},
            "adjusted": {by: m.adjusted_mutual_info_score(a, b, average_method=by) for by in ("arithmetic", "geometric", "min", "max")},
            "hcv": m.homogeneity_completeness_v_measure(a, b),
            "hcv_2": m.homogeneity_completeness_v_measure(a, b, beta=2.0),
        })
    return cases


def shape_cases():
    rng = np.random.default_rng(8)
    iris = load_iris()
    blobs = rng.normal(size=(70, 3)) + 4 * np.eye(3)[np.arange(70) % 3]
    doubles = np.repeat(rng.normal(size=(15, 2)), 2, axis=0)
    cases = []
    for name, x, labels in [
        ("iris", iris.data[::3], iris.target[::3]),
        ("blobs", blobs, np.arange(70) % 3),
        ("blobs, wrong clusters", blobs, np.arange(70) % 4),
        ("far from zero", blobs + 1e6, np.arange(70) % 3),
        ("a sample alone", blobs[:20], np.where(np.arange(20) == 7, 40, np.arange(20) % 2)),
        ("samples twice", doubles, np.arange(30) % 3),
        ("clusters that are points", np.repeat([[0.0, 1.0], [3.0, 5.0]], 4, axis=0), np.repeat([0, 1], 4)),
        ("all the same", np.ones((6, 2)), [0, 0, 0, 1, 1, 1]),
        ("two clusters with one centre", [[1.0], [-1.0], [2.0], [-2.0], [7.0], [8.0]], [0, 0, 1, 1, 2, 2]),
        ("one feature", blobs[:, :1], np.arange(70) % 3),
    ]:
        # scikit-learn's own distances lose digits far from zero: SciPy's do not, nor does it around the mean.
        distances = cdist(x, x)
        around = np.asarray(x) - np.mean(x, axis=0)
        cases.append({
            "name": name, "x": x, "labels": labels,
            "silhouette": m.silhouette_samples(distances, labels, metric="precomputed"),
            "score": m.silhouette_score(distances, labels, metric="precomputed"),
            "calinski_harabasz": m.calinski_harabasz_score(around, labels),
            "davies_bouldin": m.davies_bouldin_score(around, labels),
        })
    return cases


# Answers to questions: the formulas of the official evaluation script of SQuAD 2.0.


def normalize(text):
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def word_f1(prediction, gold):
    predicted, golds = normalize(prediction).split(), normalize(gold).split()
    common = sum((collections.Counter(golds) & collections.Counter(predicted)).values())
    if not predicted or not golds:
        return float(predicted == golds)
    if common == 0:
        return 0.0
    precision, recall = common / len(predicted), common / len(golds)
    return 2 * precision * recall / (precision + recall)


def answer_cases():
    cases = []
    for prediction, answers in [
        ("The Nile.", ["Nile", "the river Nile"]),
        ("the river Nile in Egypt", ["the Nile", "river Nile"]),
        ("", []),
        ("something", []),
        ("", ["Paris"]),
        ("the", ["a"]),
        ("the", ["Paris"]),
        ("A-bomb", ["a bomb", "abomb"]),
        ("U.S.A.", ["usa"]),
        ("an apple, an apple", ["apple apple apple"]),
        ("Théâtre – the «Globe»", ["théâtre globe", "Théâtre «Globe»"]),
        ("rock'n'roll", ["rock n roll", "rocknroll"]),
        ("x_1 the_end", ["x1 theend"]),
        ("\tmany\n spaces\u00a0here ", ["many spaces here"]),
        ("ΟΔΟΣ", ["οδος", "οδός"]),
        ("the—theatre", ["theatre"]),
        ("one two three", ["three two one"]),
        ("1,000", ["1000", "one thousand"]),
    ]:
        golds = [answer for answer in answers if normalize(answer)] or [""]
        cases.append({
            "prediction": prediction, "answers": answers, "normalized": normalize(prediction),
            "exact": any(normalize(gold) == normalize(prediction) for gold in golds),
            "f1": max(word_f1(prediction, gold) for gold in golds),
        })
    return cases


# Scorers by name.


class FixedClassifier(ClassifierMixin, BaseEstimator):
    """A model that says what it was told to say."""

    def fit(self, predictions, probabilities):
        self.classes_ = np.arange(probabilities.shape[1])
        self.predictions_, self.probabilities_ = predictions, probabilities
        return self

    def predict(self, x):
        return self.predictions_

    def predict_proba(self, x):
        return self.probabilities_


class FixedRegressor(RegressorMixin, BaseEstimator):
    def fit(self, predictions):
        self.predictions_ = predictions
        return self

    def predict(self, x):
        return self.predictions_


def scorer_cases():
    rng = np.random.default_rng(6)
    cases = []
    for kind, n_classes in [("binary", 2), ("three classes", 3), ("numbers", 0)]:
        n_samples = 40
        weights = rng.integers(1, 5, n_samples) / 2
        if n_classes:
            y = rng.integers(0, n_classes, n_samples)
            logits = rng.normal(size=(n_samples, n_classes)) + np.eye(n_classes)[y]
            probabilities = np.exp(log_softmax(logits, axis=1))
            predictions = probabilities.argmax(axis=1)
        else:
            y = rng.random(n_samples) * 5
            probabilities = None
            predictions = np.abs(y + rng.normal(size=n_samples))
        model = FixedClassifier().fit(predictions, probabilities) if n_classes else FixedRegressor().fit(predictions)
        scores, weighted = {}, {}
        for name in m.get_scorer_names():
            is_regression = name.startswith(("neg_m", "neg_root", "r2", "explained", "d2_abs"))
            if is_regression != (n_classes == 0) or name.startswith("d2") or "deviance" in name or "likelihood" in name or "samples" in name:
                continue
            try:
                scores[name] = m.get_scorer(name)(model, np.zeros((n_samples, 1)), y)
                weighted[name] = m.get_scorer(name)(model, np.zeros((n_samples, 1)), y, sample_weight=weights)
            except (ValueError, TypeError):
                pass
        cases.append({"kind": kind, "y": y, "predictions": predictions, "probabilities": probabilities, "weights": weights, "scores": scores, "weighted": weighted})
    return {"cases": cases, "names": m.get_scorer_names()}


if __name__ == "__main__":
    write("metrics_classes", class_cases())
    write("metrics_ranking", ranking_cases())
    write("metrics_probability", {"tables": probability_cases(), "calibration": calibration_cases()})
    write("metrics_clustering", {"agreement": agreement_cases(), "shape": shape_cases()})
    write("metrics_answers", answer_cases())
    write("metrics_scorers", scorer_cases())
