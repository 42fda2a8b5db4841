//! Boxes and mean average precision against pycocotools and the steps of Pascal VOC.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::metrics::{
    BoundingBox, Detection, DetectionScores, MeanAveragePrecision, Protocol, TrueObject, iou,
    iou_matrix,
};
use serde_json::Value;

fn scene(case: &Value) -> (Vec<TrueObject>, Vec<Detection>) {
    let truth = list(&case["truth"]).iter().map(|row| {
        let row = floats(row);
        let bounding_box = BoundingBox::from_xywh(row[2], row[3], row[4], row[5]).unwrap();
        let object = TrueObject::new(row[0] as usize, row[1] as usize, bounding_box);
        if row[6] == 1.0 {
            object.ignored()
        } else {
            object
        }
    });
    let detections = list(&case["detections"]).iter().map(|row| {
        let row = floats(row);
        let bounding_box = BoundingBox::from_xywh(row[3], row[4], row[5], row[6]).unwrap();
        Detection::new(row[0] as usize, row[1] as usize, row[2], bounding_box)
    });
    (truth.collect(), detections.collect())
}

fn assert_coco(ours: &DetectionScores, theirs: &Value, what: &Value) {
    let close = |ours: f64, theirs: f64| {
        assert!(
            (ours - theirs).abs() < 1e-12,
            "{what}: {ours}, not {theirs}"
        );
    };
    close(ours.map(), theirs["map"].as_f64().unwrap());
    close(ours.mean_recall(), theirs["mean_recall"].as_f64().unwrap());
    let found: Vec<usize> = ours.classes().iter().map(|class| class.label()).collect();
    assert_eq!(found, labels(&theirs["labels"]).to_vec());
    let (precisions, recalls) = (table(&theirs["precisions"]), table(&theirs["recalls"]));
    for (place, class) in ours.classes().iter().enumerate() {
        assert!(common::distance(class.average_precisions(), precisions.row(place)) < 1e-12);
        assert!(common::distance(class.recalls(), recalls.row(place)) < 1e-12);
    }
    close(
        ours.map_at(0.5).unwrap(),
        precisions.column(0).mean().unwrap(),
    );
    close(
        ours.map_at(0.75).unwrap(),
        precisions.column(5).mean().unwrap(),
    );
}

#[test]
fn coco_scores_are_those_of_pycocotools() {
    for case in cases("metrics_detection") {
        let (truth, detections) = scene(&case);
        let coco = MeanAveragePrecision::new(Protocol::Coco);
        let scores = coco.compute(&truth, &detections).unwrap();
        assert_coco(&scores, &case["coco"], &case["name"]);
        let scores = coco.max_detections(2).compute(&truth, &detections).unwrap();
        assert_coco(&scores, &case["coco_2"], &case["name"]);
    }
}

#[test]
fn voc_scores_are_those_of_its_steps() {
    for case in cases("metrics_detection") {
        for (name, protocol) in [
            ("voc2007", Protocol::Voc2007),
            ("voc2010", Protocol::Voc2010),
        ] {
            let Some(theirs) = case[name].as_object() else {
                continue;
            };
            let (truth, detections) = scene(&case);
            let scores = MeanAveragePrecision::new(protocol)
                .compute(&truth, &detections)
                .unwrap();
            for class in scores.classes() {
                let theirs = theirs[&class.label().to_string()].as_f64().unwrap();
                let ours = class.average_precision();
                assert!(
                    (ours - theirs).abs() < 1e-12,
                    "{} {name}: {ours}, not {theirs}",
                    case["name"]
                );
            }
        }
    }
}

#[test]
fn overlap_is_shared_over_covered_area() {
    let unit = BoundingBox::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let half = BoundingBox::new(0.5, 0.0, 1.5, 1.0).unwrap();
    let beside = BoundingBox::new(1.0, 0.0, 2.0, 1.0).unwrap();
    let point = BoundingBox::new(0.5, 0.5, 0.5, 0.5).unwrap();
    assert_eq!(iou(&unit, &unit), 1.0);
    assert_eq!(iou(&unit, &half), 1.0 / 3.0);
    assert_eq!(iou(&unit, &beside), 0.0);
    assert_eq!(iou(&point, &point), 0.0);
    let matrix = iou_matrix(&[unit, half], &[half, beside, point]);
    assert_eq!(matrix.dim(), (2, 3));
    assert_eq!(matrix[[1, 1]], iou(&beside, &half));
    assert_eq!(half.corners(), [0.5, 0.0, 1.5, 1.0]);
}

#[test]
fn without_detections_nothing_is_found() {
    let unit = BoundingBox::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let truth = [TrueObject::new(0, 3, unit)];
    let scores = MeanAveragePrecision::new(Protocol::Coco)
        .compute(&truth, &[])
        .unwrap();
    assert_eq!((scores.map(), scores.mean_recall()), (0.0, 0.0));
    assert_eq!(scores.map_at(0.3), None);
    assert!(scores.to_string().contains("mAP 0.000"));
    // A second detection of what is found already is wrong.
    let twice = [
        Detection::new(0, 3, 0.9, unit),
        Detection::new(0, 3, 0.95, unit),
    ];
    let scores = MeanAveragePrecision::new(Protocol::Voc2010)
        .compute(&truth, &twice)
        .unwrap();
    assert_eq!(scores.map(), 1.0);
}

#[test]
fn boxes_scores_and_thresholds_that_make_no_sense_are_errors() {
    assert!(BoundingBox::new(1.0, 0.0, 0.0, 1.0).is_err());
    assert!(BoundingBox::from_xywh(0.0, 0.0, -1.0, 1.0).is_err());
    assert!(BoundingBox::new(0.0, 0.0, f64::NAN, 1.0).is_err());
    let unit = BoundingBox::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let truth = [TrueObject::new(0, 0, unit)];
    let coco = MeanAveragePrecision::new(Protocol::Coco);
    assert!(matches!(coco.compute(&[], &[]), Err(Error::Empty { .. })));
    let bad = [Detection::new(0, 0, f64::NAN, unit)];
    assert!(matches!(
        coco.compute(&truth, &bad),
        Err(Error::NotFinite { .. })
    ));
    for thresholds in [&[0.0][..], &[1.5], &[f64::NAN], &[]] {
        assert!(
            coco.clone()
                .iou_thresholds(thresholds)
                .compute(&truth, &[])
                .is_err()
        );
    }
}

#[test]
fn scores_survive_saving() {
    let case = &cases("metrics_detection")[0];
    let (truth, detections) = scene(case);
    let coco = MeanAveragePrecision::new(Protocol::Coco);
    let scores = coco.compute(&truth, &detections).unwrap();
    let saved = serde_json::to_string(&(&coco, &scores)).unwrap();
    assert_eq!(
        serde_json::from_str::<(_, _)>(&saved).unwrap(),
        (coco, scores)
    );
}
