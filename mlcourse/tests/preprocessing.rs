//! Scalers against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, floats, table};
use mlcourse::Error;
use mlcourse::prelude::*;

/// The largest difference relative to the reference, or absolute below 1.
fn relative<'a>(
    ours: impl IntoIterator<Item = &'a f64>,
    theirs: impl IntoIterator<Item = &'a f64>,
) -> f64 {
    ours.into_iter()
        .zip(theirs)
        .map(|(ours, theirs)| (ours - theirs).abs() / theirs.abs().max(1.0))
        .fold(0.0, f64::max)
}

#[test]
fn scaled_values_are_scikit_learns() {
    for case in cases("standard_scaler") {
        let x = table(&case["x"]);
        let scaler = StandardScaler::new()
            .with_mean(case["with_mean"].as_bool().unwrap())
            .with_std(case["with_std"].as_bool().unwrap())
            .fit(&x)
            .unwrap();
        let z = relative(&scaler.transform(&x).unwrap(), &table(&case["z"]));
        println!("{}: z {z:.1e}", case["name"]);
        assert!(z < 1e-8, "{}: {z:e}", case["name"]);
        if !case["mean"].is_null() {
            assert!(relative(scaler.mean(), &floats(&case["mean"])) < 1e-12);
        }
        if !case["scale"].is_null() {
            let theirs = floats(&case["scale"]);
            let scale = (scaler.scale() / &theirs - 1.0).mapv(f64::abs);
            assert!(
                scale.iter().all(|error| *error < 1e-12),
                "{}: {scale}",
                case["name"]
            );
        }
        let back = scaler
            .inverse_transform(&scaler.transform(&x).unwrap())
            .unwrap();
        assert!(relative(&back, &x) < 1e-12, "{}", case["name"]);
    }
}

#[test]
fn a_scaled_training_set_has_mean_0_and_variance_1() {
    let iris = datasets::iris();
    let scaler = StandardScaler::new().fit(iris.features()).unwrap();
    let z = scaler.transform(iris.features()).unwrap();
    for column in z.columns() {
        assert!(column.mean().unwrap().abs() < 1e-14);
        assert!((column.var(0.0) - 1.0).abs() < 1e-12);
    }
    assert_eq!(scaler.n_samples(), 150);
}

#[test]
fn a_constant_column_becomes_zero_even_when_its_mean_is_rounded() {
    let x = Array2::from_elem((1000, 1), 0.1);
    let scaler = StandardScaler::new().fit(&x).unwrap();
    assert_eq!(scaler.scale(), array![1.0]);
    assert!(
        scaler
            .transform(&x)
            .unwrap()
            .iter()
            .all(|z| z.abs() < 1e-12)
    );
}

#[test]
fn the_argument_is_left_as_it_was() {
    let x = array![[1.0], [2.0]];
    let before = x.clone();
    StandardScaler::new()
        .fit(&x)
        .unwrap()
        .transform(&x)
        .unwrap();
    assert_eq!(x, before);
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let fit = |x: &Array2<f64>| StandardScaler::new().fit(x).unwrap_err();
    assert!(matches!(fit(&Array2::zeros((0, 3))), Error::Empty { .. }));
    let error = fit(&array![[1.0, 2.0], [3.0, f64::NAN]]);
    assert!(
        matches!(
            error,
            Error::NotFinite {
                row: 1,
                column: 1,
                ..
            }
        ),
        "{error}"
    );
    assert!(matches!(
        fit(&array![[1e308, 0.0], [1e308, 0.0]]),
        Error::Overflow { column: 0, .. }
    ));
    let scaler = StandardScaler::new()
        .fit(&array![[1.0, 2.0], [3.0, 4.0]])
        .unwrap();
    let error = scaler.transform(&array![[1.0]]).unwrap_err();
    assert!(
        error.to_string().contains("expects 2 features (columns)"),
        "{error}"
    );
    assert!(error.to_string().contains("found 1"), "{error}");
}
