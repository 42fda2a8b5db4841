//! Metrics of predicted numbers against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, floats};
use mlcourse::prelude::*;
use mlcourse::{Error, Result};

type Metric = fn(&ndarray::ArrayRef1<f64>, &ndarray::ArrayRef1<f64>) -> Result<f64>;

use mlcourse::ndarray;

const METRICS: [(&str, Metric); 8] = [
    ("mean_squared_error", mean_squared_error),
    ("root_mean_squared_error", root_mean_squared_error),
    ("mean_absolute_error", mean_absolute_error),
    ("median_absolute_error", median_absolute_error),
    (
        "mean_absolute_percentage_error",
        mean_absolute_percentage_error,
    ),
    ("explained_variance", explained_variance),
    ("max_error", max_error),
    ("r2_score", r2_score),
];

#[test]
fn scores_are_scikit_learns() {
    let mut compared = 0;
    for case in cases("regression_metrics") {
        let (y_true, y_pred) = (floats(&case["y_true"]), floats(&case["y_pred"]));
        for (name, metric) in METRICS {
            let Some(theirs) = case["scores"][name].as_f64() else {
                continue;
            };
            let ours = metric(&y_true, &y_pred).unwrap();
            let error = (ours - theirs).abs() / theirs.abs().max(1.0);
            assert!(
                error < 1e-13,
                "{} {name}: {ours} not {theirs}",
                case["name"]
            );
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn the_order_of_samples_does_not_matter() {
    let (y_true, y_pred) = (
        array![1.0, 5.0, -2.0, 0.5, 9.0],
        array![1.5, 4.0, 0.0, 0.5, 7.0],
    );
    let (y_true_back, y_pred_back) = (y_true.slice(s![..;-1]), y_pred.slice(s![..;-1]));
    for (name, metric) in METRICS {
        let (one, other) = (
            metric(&y_true, &y_pred).unwrap(),
            metric(&y_true_back, &y_pred_back).unwrap(),
        );
        assert!((one - other).abs() < 1e-15, "{name}");
    }
}

#[test]
fn the_squared_error_is_variance_of_the_error_plus_squared_bias() {
    let (y_true, y_pred) = (
        array![1.0, 5.0, -2.0, 0.5, 9.0],
        array![1.5, 4.0, 0.0, 0.5, 7.0],
    );
    let error = &y_true - &y_pred;
    let bias = error.mean().unwrap();
    let parts = error.var(0.0) + bias * bias;
    assert!((mean_squared_error(&y_true, &y_pred).unwrap() - parts).abs() < 1e-14);
    let share = 1.0 - error.var(0.0) / y_true.var(0.0);
    assert!((explained_variance(&y_true, &y_pred).unwrap() - share).abs() < 1e-14);
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let none: Array1<f64> = array![];
    for (name, metric) in METRICS {
        assert!(
            matches!(metric(&none, &none), Err(Error::Empty { .. })),
            "{name}"
        );
        let error = metric(&array![1.0, 2.0], &array![1.0]).unwrap_err();
        assert!(
            matches!(error, Error::LengthMismatch { .. }),
            "{name}: {error}"
        );
        let error = metric(&array![1.0, 2.0], &array![1.0, f64::NAN]).unwrap_err();
        assert!(
            matches!(
                error,
                Error::NotFinite {
                    what: "y_pred",
                    row: 1,
                    ..
                }
            ),
            "{name}: {error}"
        );
        let error = metric(&array![f64::INFINITY], &array![1.0]).unwrap_err();
        assert!(
            matches!(error, Error::NotFinite { what: "y_true", .. }),
            "{name}: {error}"
        );
    }
}
