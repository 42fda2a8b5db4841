//! Metrics against scikit-learn's, to the character for the report.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, distance, floats, labels, list, strings};
use mlcourse::prelude::*;
use mlcourse::{Error, warning, warning::Warning};
use serde_json::Value;

/// scikit-learn's text; where nothing is right, it prints counts as `2.0`, which we do not.
fn text(case: &Value, name: &str) -> String {
    let text = case[name].as_str().unwrap();
    if case["name"] != "nothing is right" {
        return text.to_owned();
    }
    text.lines()
        .map(|line| {
            match line
                .strip_suffix(".0")
                .and_then(|line| line.rsplit_once(' '))
            {
                Some((start, count)) => format!("{start}   {count}\n"),
                None => format!("{line}\n"),
            }
        })
        .collect()
}

#[test]
fn the_report_is_scikit_learns_text() {
    for case in cases("classification_metrics") {
        let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
        let mut report = classification_report(&y_true, &y_pred).unwrap();
        if !case["target_names"].is_null() {
            report = report
                .target_names(&strings(&case["target_names"]))
                .unwrap();
        }
        let golden = text(&case, "text");
        assert_eq!(report.to_string(), golden, "{}", case["name"]);
        let four = report.digits(4).to_string();
        assert_eq!(four, text(&case, "text_4"), "{}", case["name"]);
    }
}

#[test]
fn scores_are_scikit_learns_for_every_average() {
    let metrics = [precision, recall, f1_score];
    for case in cases("classification_metrics") {
        let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
        assert_eq!(
            accuracy(&y_true, &y_pred).unwrap(),
            case["accuracy"].as_f64().unwrap()
        );
        let averages = [
            ("macro", Average::Macro),
            ("micro", Average::Micro),
            ("weighted", Average::Weighted),
        ];
        for (name, average) in averages {
            let ours = metrics.map(|metric| metric(&y_true, &y_pred, average).unwrap());
            let theirs = floats(&case["averages"][name]);
            assert!(distance(&ours, &theirs) < 1e-14, "{} {name}", case["name"]);
        }
        for (metric, theirs) in metrics.iter().zip(list(&case["classes"])) {
            let ours: Vec<f64> = labels(&case["labels"])
                .iter()
                .map(|&label| metric(&y_true, &y_pred, Average::Class(label)).unwrap())
                .collect();
            assert!(distance(&ours, &floats(theirs)) < 1e-14, "{}", case["name"]);
        }
    }
}

#[test]
fn confusion_matrices_are_scikit_learns() {
    for case in cases("classification_metrics") {
        let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
        let matrix = confusion_matrix(&y_true, &y_pred).unwrap();
        assert_eq!(matrix.labels(), labels(&case["labels"]).to_vec());
        for (row, theirs) in matrix.counts().outer_iter().zip(list(&case["confusion"])) {
            assert_eq!(row, labels(theirs), "{}", case["name"]);
        }
    }
}

#[test]
fn a_ratio_without_denominator_is_zero_with_a_warning() {
    let (y_true, y_pred) = (array![0, 1, 2], array![0, 1, 1]);
    let report = classification_report(&y_true, &y_pred).unwrap();
    let expected = Warning::ZeroDivision {
        metric: "precision",
        labels: vec![2],
    };
    assert_eq!(report.warnings(), std::slice::from_ref(&expected));
    assert!(report.bundle().get("text/html").unwrap().contains("0/0"));
    assert!(warning::take().contains(&expected));
    assert_eq!(
        expected.to_string(),
        "precision is 0/0 and counts as 0 for class 2: no sample is predicted as such"
    );
}

#[test]
fn a_binary_score_is_that_of_class_1() {
    let (y_true, y_pred) = (array![0, 1, 1, 1], array![1, 1, 0, 0]);
    assert_eq!(precision(&y_true, &y_pred, Average::Binary).unwrap(), 0.5);
    assert_eq!(
        recall(&y_true, &y_pred, Average::Binary).unwrap(),
        1.0 / 3.0
    );
    assert_eq!(
        recall(&array![0, 0], &array![0, 0], Average::Binary).unwrap(),
        0.0
    );
    let error = f1_score(&array![0, 2], &array![0, 2], Average::Binary).unwrap_err();
    assert!(error.to_string().contains("found [0, 2]"), "{error}");
    assert!(f1_score(&y_true, &y_pred, Average::Class(5)).is_err());
}

#[test]
fn swapping_truth_and_prediction_swaps_precision_and_recall() {
    for case in cases("classification_metrics") {
        let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
        for average in [Average::Macro, Average::Micro] {
            assert_eq!(
                precision(&y_true, &y_pred, average).unwrap(),
                recall(&y_pred, &y_true, average).unwrap()
            );
        }
    }
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let none: Array1<usize> = array![];
    assert!(matches!(accuracy(&none, &none), Err(Error::Empty { .. })));
    assert!(matches!(
        confusion_matrix(&none, &none),
        Err(Error::Empty { .. })
    ));
    let error = classification_report(&array![0, 1], &array![0]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`y_true` has 2 and `y_pred` has 1"),
        "{error}"
    );
    let report = classification_report(&array![0, 1], &array![0, 1]).unwrap();
    let error = report.target_names(&["one"]).unwrap_err();
    assert!(error.to_string().contains("must hold 2 names"), "{error}");
}
