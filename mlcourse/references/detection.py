"""Writes the values that mlcourse/tests/metrics_detection.rs compares with, computed by pycocotools 2.0 (COCOeval) and by
the steps of Pascal VOC's `voc_eval`.

    python -m venv venv && venv/bin/pip install pycocotools numpy
    venv/bin/python mlcourse/references/detection.py
"""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

OUT = Path(__file__).parent.parent / "tests" / "data"


def coco(truth, detections, max_detections=100):
    """Rows of truth are image, class, x, y, w, h, ignored; of detections image, class, score, x, y, w, h."""
    images = sorted({int(row[0]) for row in truth + detections})
    classes = sorted({int(row[1]) for row in truth + detections})
    data = COCO()
    data.dataset = {
        "info": {},
        "images": [{"id": image} for image in images],
        "categories": [{"id": label} for label in classes],
        "annotations": [
            {"id": i + 1, "image_id": int(r[0]), "category_id": int(r[1]), "bbox": r[2:6], "area": r[4] * r[5], "iscrowd": int(r[6])}
            for i, r in enumerate(truth)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        data.createIndex()
        results = [{"image_id": int(r[0]), "category_id": int(r[1]), "score": r[2], "bbox": r[3:7]} for r in detections]
        evaluation = COCOeval(data, data.loadRes(results), "bbox")
        evaluation.params.maxDets = [max_detections]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    recall = evaluation.eval["recall"][:, :, 0, 0]
    there = precision[0, 0] > -1
    return {
        "labels": [label for label, is_there in zip(classes, there) if is_there],
        "precisions": precision.mean(axis=1).T[there].tolist(),
        "recalls": recall.T[there].tolist(),
        "map": float(precision[precision > -1].mean()),
        "mean_recall": float(recall[recall > -1].mean()),
    }


def voc(truth, detections, threshold, eleven_points):
    def corners(row):
        return np.array([row[0], row[1], row[0] + row[2], row[1] + row[3]])

    areas = {}
    for label in sorted({row[1] for row in truth}):
        objects = {}
        for row in truth:
            if row[1] == label:
                objects.setdefault(row[0], []).append([corners(row[2:6]), bool(row[6]), False])
        n_positives = sum(not o[1] for of_image in objects.values() for o in of_image)
        ranked = sorted((row for row in detections if row[1] == label), key=lambda row: -row[2])
        tp, fp = np.zeros(len(ranked)), np.zeros(len(ranked))
        for place, row in enumerate(ranked):
            of_image = objects.get(row[0], [])
            found = corners(row[3:7])
            overlaps = []
            for box, _, _ in of_image:
                w = max(min(box[2], found[2]) - max(box[0], found[0]), 0.0)
                h = max(min(box[3], found[3]) - max(box[1], found[1]), 0.0)
                union = np.prod(box[2:] - box[:2]) + np.prod(found[2:] - found[:2]) - w * h
                overlaps.append(w * h / union)
            if overlaps and max(overlaps) > threshold:
                best = of_image[int(np.argmax(overlaps))]
                if not best[1]:
                    tp[place], fp[place] = (0, 1) if best[2] else (1, 0)
                    best[2] = True
            else:
                fp[place] = 1
        tp, fp = np.cumsum(tp), np.cumsum(fp)
        recall = tp / n_positives
        precision = tp / np.maximum(tp + fp, np.finfo(float).eps)
        if eleven_points:
            area = sum(max(precision[recall >= t], default=0.0) for t in np.arange(0.0, 1.1, 0.1)) / 11
        else:
            recall = np.concatenate([[0.0], recall, [1.0]])
            precision = np.maximum.accumulate(np.concatenate([[0.0], precision, [0.0]])[::-1])[::-1]
            steps = np.where(recall[1:] != recall[:-1])[0]
            area = np.sum((recall[steps + 1] - recall[steps]) * precision[steps + 1])
        areas[int(label)] = float(area)
    return areas


def scene(rng, n_images, n_classes, n_objects, ignored, ties):
    truth, detections = [], []
    for image in range(n_images):
        for _ in range(rng.integers(1, n_objects + 1)):
            label = int(rng.integers(0, n_classes))
            box = np.round(np.concatenate([rng.random(2) * 60, 5 + rng.random(2) * 40]), 1)
            truth.append([image, label, *box.tolist(), int(rng.random() < ignored)])
            for _ in range(rng.integers(0, 4)):
                near = np.round(np.maximum(box + rng.normal(size=4) * 3, [0, 0, 1, 1]), 1)
                score = float(np.round(rng.random(), 1 if ties else 6))
                detections.append([image, label if rng.random() < 0.85 else int(rng.integers(0, n_classes)), score, *near.tolist()])
        for _ in range(rng.integers(0, 3)):
            box = np.round(np.concatenate([rng.random(2) * 60, 5 + rng.random(2) * 40]), 1)
            detections.append([image, int(rng.integers(0, n_classes + 1)), float(np.round(rng.random() * 0.7, 6)), *box.tolist()])
    return truth, detections


if __name__ == "__main__":
    rng = np.random.default_rng(3)
    cases = []
    for name, arguments in [
        ("one class", (6, 1, 4, 0.0, False)),
        ("three classes", (10, 3, 5, 0.0, False)),
        ("ignored objects", (10, 2, 6, 0.3, False)),
        ("scores that tie", (8, 2, 5, 0.1, True)),
    ]:
        truth, detections = scene(rng, *arguments)
        case = {"name": name, "truth": truth, "detections": detections}
        case["coco"] = coco(truth, detections)
        case["coco_2"] = coco(truth, detections, max_detections=2)
        if name != "scores that tie":  # VOC's sort leaves the order of ties open
            case["voc2007"] = voc(truth, detections, 0.5, True)
            case["voc2010"] = voc(truth, detections, 0.5, False)
        cases.append(case)
    text = json.dumps(cases, separators=(",", ":"), allow_nan=False)
    (OUT / "metrics_detection.json").write_text(text + "\n")
