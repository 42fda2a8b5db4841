//! Paths of penalties, and the penalty that cross-validation chooses, against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;
#[allow(dead_code, unused_macros, unused_imports)]
#[path = "common/linear.rs"]
mod linear;

use common::{cases, distance, floats, list, table};
use linear::{Data, data, error, label, set};
use mlcourse::Error;
use mlcourse::prelude::*;
use mlcourse::regression::RegularizationPath;
use serde_json::Value;

#[test]
fn a_path_goes_where_scikit_learns_goes() {
    for case in cases("regularization_path") {
        let Data { x, y, .. } = data(case["data"].as_str().unwrap());
        let x = &x - &x.mean_axis(Axis(0)).unwrap();
        let y = &y - y.mean().unwrap();
        let path = path(&case, &x, &y);
        let name = format!("{} {}", case["data"], case["options"]);
        let theirs = floats(&case["alphas"]);
        let alphas = distance(path.alphas(), &theirs) / theirs[0];
        assert!(alphas < 1e-13, "{name}: alphas {alphas:e}");
        let theirs = table(&case["coefs"]);
        let scale = theirs
            .iter()
            .fold(0.0, |max: f64, coef| max.max(coef.abs()));
        let coefs = distance(path.coefs(), &theirs) / scale;
        assert!(coefs < 1e-7, "{name}: coefs {coefs:e}");
        let n_iters: Vec<usize> = list(&case["n_iters"])
            .iter()
            .map(|n| n.as_u64().unwrap() as usize)
            .collect();
        assert_eq!(path.n_iters(), n_iters, "{name}");
        assert!(
            distance(path.dual_gaps(), &floats(&case["dual_gaps"])) < 1e-7 * y.var(0.0),
            "{name}"
        );
        assert!(path.to_string().contains("lambda"), "{path}");
    }
}

fn path(case: &Value, x: &Array2<f64>, y: &Array1<f64>) -> RegularizationPath {
    let mut options = PathOptions::new().l1_ratio(case["l1_ratio"].as_f64().unwrap());
    for (name, value) in case["options"].as_object().unwrap() {
        options = match (name.as_str(), value) {
            ("alphas", Value::Array(_)) => options.alphas(&floats(value).to_vec()),
            ("alphas", value) => options.n_alphas(value.as_u64().unwrap() as usize),
            ("eps", value) => options.eps(value.as_f64().unwrap()),
            ("tol", value) => options.tol(value.as_f64().unwrap()),
            ("positive", value) => options.positive(value.as_bool().unwrap()),
            other => panic!("unknown option {other:?}"),
        };
    }
    if case["l1_ratio"] == 1.0 {
        lasso_path((x, y), &options).unwrap()
    } else {
        enet_path((x, y), &options).unwrap()
    }
}

#[test]
fn a_path_with_intercept_is_the_fits_one_by_one() {
    let data = data("tall");
    let options = PathOptions::new()
        .alphas(&[0.02, 0.5, 0.1])
        .fit_intercept(true)
        .tol(1e-10);
    let path = lasso_path((&data.x, &data.y, &data.weight), &options).unwrap();
    assert_eq!(path.alphas(), array![0.5, 0.1, 0.02]);
    for (place, &alpha) in path.alphas().iter().enumerate() {
        let fitted = Lasso::new()
            .alpha(alpha)
            .tol(1e-10)
            .fit((&data.x, &data.y, &data.weight))
            .unwrap();
        assert!(
            distance(fitted.coef(), path.coefs().column(place)) < 1e-5,
            "{alpha}"
        );
        assert!(
            (fitted.intercept() - path.intercepts()[place]).abs() < 1e-4,
            "{alpha}"
        );
    }
    assert!((path.lambdas()[0] - data.weight.sum()).abs() < 1e-9);
}

#[test]
fn cross_validation_chooses_scikit_learns_penalty() {
    for case in cases("lasso_cv") {
        let Data { x, y, .. } = data(case["data"].as_str().unwrap());
        let model = set(LassoCV::new(), &case["parameters"]);
        let weight: Array1<f64> = (0..y.len()).map(|row| (row % 3) as f64 + 0.5).collect();
        let fitted = if case["weighted"] == true {
            model.fit((&x, &y, &weight)).unwrap()
        } else {
            model.fit((&x, &y)).unwrap()
        };
        let name = label(&case);
        let errors = table(&case["mse_path"]);
        let scale = errors.iter().fold(0.0, |max: f64, error| max.max(*error));
        let error_of_errors = distance(fitted.mse_path(), &errors) / scale;
        println!("{name}: {error_of_errors:.1e}");
        assert!(error_of_errors < 1e-8, "{name}: {error_of_errors:e}");
        let alphas = floats(&case["alphas"]);
        assert!(
            distance(fitted.alphas(), &alphas) < 1e-9 * alphas[0],
            "{name}"
        );
        assert!(
            (fitted.alpha() - case["alpha"].as_f64().unwrap()).abs() < 1e-9 * alphas[0],
            "{name}"
        );
        assert!(error(&case, "coef", fitted.coef()) < 1e-7, "{name}");
        assert_eq!(
            fitted.n_iter() as u64,
            case["n_iter"].as_u64().unwrap(),
            "{name}"
        );
    }
}

#[test]
fn cross_validation_says_what_is_wrong_with_its_folds() {
    let Data { x, y, .. } = data("tall");
    let name = |error: Error| match error {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(name(LassoCV::new().cv(1).fit((&x, &y)).unwrap_err()), "cv");
    assert_eq!(name(LassoCV::new().cv(61).fit((&x, &y)).unwrap_err()), "cv");
    let mut weight = Array1::ones(60);
    weight.slice_mut(s![..12]).fill(0.0);
    assert_eq!(
        name(LassoCV::new().fit((&x, &y, &weight)).unwrap_err()),
        "sample_weight"
    );
    let mut nan = x.clone();
    nan[[37, 2]] = f64::NAN;
    let error = LassoCV::new().fit((&nan, &y)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotFinite {
                row: 37,
                column: 2,
                ..
            }
        ),
        "{error}"
    );
}
