//! Logistic regression against scikit-learn's, and on data that is not what it should be.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, distance, floats, labels, table};
use mlcourse::prelude::*;
use mlcourse::{Error, warning::Warning};
use serde_json::Value;

fn model(parameters: &Value) -> LogisticRegression {
    let mut model = LogisticRegression::new();
    for (name, value) in parameters.as_object().unwrap() {
        model = match name.as_str() {
            "C" => model.c(value.as_f64().unwrap_or(f64::INFINITY)),
            "max_iter" => model.max_iter(value.as_u64().unwrap() as usize),
            "fit_intercept" => model.fit_intercept(value.as_bool().unwrap()),
            other => panic!("unknown parameter {other}"),
        };
    }
    model
}

fn converged_cases() -> impl Iterator<Item = Value> {
    cases("logistic_regression")
        .into_iter()
        .filter(|case| case["converged"] == true)
}

#[test]
fn a_default_fit_takes_scikit_learns_steps_to_scikit_learns_coefficients() {
    for case in converged_cases() {
        let name = &case["name"];
        let (x, y) = (table(&case["x"]), labels(&case["y"]));
        let fitted = model(&case["parameters"]).fit((&x, &y)).unwrap();
        let coef = distance(fitted.coef(), &table(&case["coef"]));
        let intercept = distance(fitted.intercept(), &floats(&case["intercept"]));
        let probabilities = distance(
            &fitted.predict_proba(&x).unwrap(),
            &table(&case["probabilities"]),
        );
        println!(
            "{name}: coef {coef:.1e}, intercept {intercept:.1e}, probabilities {probabilities:.1e}"
        );
        assert!(coef < 1e-8, "{name}: {coef:e}");
        assert!(intercept < 1e-8, "{name}: {intercept:e}");
        assert!(probabilities < 1e-8, "{name}: {probabilities:e}");
        assert_eq!(
            fitted.n_iter() as u64,
            case["n_iter"].as_u64().unwrap(),
            "{name}"
        );
        assert_eq!(
            fitted.classes(),
            labels(&case["classes"]).to_vec(),
            "{name}"
        );
        assert_eq!(
            fitted.predict(&x).unwrap(),
            labels(&case["predictions"]),
            "{name}"
        );
        assert_eq!(
            fitted.score(&x, &y).unwrap(),
            case["score"].as_f64().unwrap(),
            "{name}"
        );
        assert!(fitted.warnings().is_empty(), "{name}");
    }
}

#[test]
fn a_fit_to_the_end_finds_the_minimum_that_newtons_method_finds() {
    for case in converged_cases() {
        let (x, y) = (table(&case["x"]), labels(&case["y"]));
        let tight = model(&case["parameters"]).tol(1e-10).max_iter(5000);
        let fitted = tight.fit((&x, &y)).unwrap();
        let coef = distance(fitted.coef(), &table(&case["exact_coef"]));
        println!(
            "{}: {coef:.1e} after {} iterations",
            case["name"],
            fitted.n_iter()
        );
        assert!(coef < 1e-4, "{}: {coef:e}", case["name"]);
    }
}

#[test]
fn a_fit_that_does_not_converge_says_so_and_still_predicts() {
    for case in cases("logistic_regression") {
        if case["converged"] == true {
            continue;
        }
        let (x, y) = (table(&case["x"]), labels(&case["y"]));
        let fitted = model(&case["parameters"]).fit((&x, &y)).unwrap();
        assert!(
            matches!(
                fitted.warnings(),
                [Warning::NotConverged { n_iter: 100, .. }]
            ),
            "{:?}",
            fitted.warnings()
        );
        let message = fitted.warnings()[0].to_string();
        assert!(
            message.contains("standardise the features or raise `max_iter`"),
            "{message}"
        );
        assert!(
            fitted
                .bundle()
                .get("text/plain")
                .unwrap()
                .contains(&message)
        );
        let score = fitted.score(&x, &y).unwrap();
        assert!(
            (score - case["score"].as_f64().unwrap()).abs() < 0.03,
            "{score}"
        );
    }
}

#[test]
fn probabilities_add_up_to_one_and_agree_with_the_decision() {
    let iris = datasets::iris();
    let fitted = LogisticRegression::new()
        .max_iter(1000)
        .fit((iris.features(), iris.labels().unwrap()))
        .unwrap();
    let far = iris.features() * 1e6;
    for x in [iris.features(), &far] {
        let probabilities = fitted.predict_proba(x).unwrap();
        let scores = fitted.decision_function(x).unwrap();
        for ((row, score), class) in probabilities
            .outer_iter()
            .zip(scores.outer_iter())
            .zip(fitted.predict(x).unwrap())
        {
            assert!((row.sum() - 1.0).abs() < 1e-12, "{row}");
            assert!(score.iter().all(|other| *other <= score[class]), "{score}");
        }
    }
}

#[test]
fn labels_may_be_any_numbers() {
    let x = array![[0.0], [1.0], [2.0], [3.0]];
    let fitted = LogisticRegression::new()
        .fit((&x, &array![7, 7, 1_000_000, 1_000_000]))
        .unwrap();
    assert_eq!(fitted.classes(), [7, 1_000_000]);
    assert_eq!(
        fitted.predict(&array![[-5.0], [9.0]]).unwrap(),
        array![7, 1_000_000]
    );
    assert_eq!(fitted.coef().dim(), (1, 1));
}

#[test]
fn the_order_of_samples_and_the_memory_layout_do_not_matter() {
    let iris = datasets::iris();
    let (x, y) = (iris.features(), iris.labels().unwrap());
    let tight = || LogisticRegression::new().tol(1e-9).max_iter(2000);
    let one = tight().fit((x, y)).unwrap();
    let backwards = tight()
        .fit((&x.slice(s![..;-1, ..]), &y.slice(s![..;-1])))
        .unwrap();
    let columns = x.t().as_standard_layout().to_owned();
    let by_column = tight().fit((&columns.t(), y)).unwrap();
    assert!(distance(one.coef(), backwards.coef()) < 1e-4);
    assert_eq!(one.coef(), by_column.coef());
}

#[test]
fn the_same_fit_twice_is_the_same_to_the_last_bit() {
    let iris = datasets::iris();
    let fit = || {
        LogisticRegression::new()
            .fit((iris.features(), iris.labels().unwrap()))
            .unwrap()
    };
    assert_eq!(fit(), fit());
}

#[test]
fn a_constant_column_gets_no_weight() {
    let x = array![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]];
    let fitted = LogisticRegression::new()
        .fit((&x, &array![0, 0, 1, 1]))
        .unwrap();
    assert_eq!(fitted.coef()[[0, 1]], 0.0);
}

#[test]
fn numbers_near_the_largest_do_not_panic() {
    let x = array![[1e300, -1e300], [-1e300, 1e300], [1e155, 0.0], [0.0, 1e155]];
    let fitted = LogisticRegression::new()
        .fit((&x, &array![0, 1, 0, 1]))
        .unwrap();
    assert!(
        fitted.coef().iter().all(|weight| weight.is_finite()),
        "{fitted}"
    );
}

#[test]
fn one_class_is_an_error_that_says_what_to_do() {
    let one = LogisticRegression::new()
        .fit((&array![[1.0], [2.0]], &array![3, 3]))
        .unwrap_err();
    assert_eq!(
        one,
        Error::SingleClass {
            label: 3,
            n_samples: 2
        }
    );
    let single = LogisticRegression::new()
        .fit((&array![[1.0]], &array![0]))
        .unwrap_err();
    assert!(
        single.to_string().contains("at least two classes"),
        "{single}"
    );
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let (x, y) = (array![[0.0, 1.0], [1.0, 0.0]], array![0, 1]);
    let fit =
        |x: &Array2<f64>, y: &Array1<usize>| LogisticRegression::new().fit((x, y)).unwrap_err();
    assert!(matches!(
        fit(&x, &array![0, 1, 1]),
        Error::LengthMismatch {
            left_len: 2,
            right_len: 3,
            ..
        }
    ));
    assert!(matches!(
        fit(&Array2::zeros((0, 2)), &array![]),
        Error::Empty { .. }
    ));
    assert!(matches!(
        fit(&Array2::zeros((2, 0)), &y),
        Error::Empty { .. }
    ));
    let infinite = array![[0.0, 1.0], [f64::NEG_INFINITY, 0.0]];
    assert!(matches!(
        fit(&infinite, &y),
        Error::NotFinite {
            row: 1,
            column: 0,
            ..
        }
    ));

    let fitted = LogisticRegression::new().fit((&x, &y)).unwrap();
    let error = fitted.predict(&array![[1.0, 2.0, 3.0]]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "LogisticRegression::predict expects 2 features (columns), as in the data it was fitted on, but found 3; pass \
         the same columns in the same order as for `fit`"
    );
    assert!(fitted.predict_proba(&array![[f64::NAN, 1.0]]).is_err());
}

#[test]
fn parameters_out_of_range_are_errors() {
    let (x, y) = (array![[0.0], [1.0]], array![0, 1]);
    for c in [0.0, -1.0, f64::NAN] {
        assert!(LogisticRegression::new().c(c).fit((&x, &y)).is_err(), "{c}");
    }
    assert!(LogisticRegression::new().tol(-1.0).fit((&x, &y)).is_err());
    let none = LogisticRegression::new().max_iter(0).fit((&x, &y)).unwrap();
    assert_eq!(none.warnings().len(), 1);
}
