//! Weights, penalties and solvers of logistic regression against scikit-learn's minima.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::class_weight::ClassWeight;
use mlcourse::classification::{FittedLogisticRegression, Solver};
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use mlcourse::{Error, warning::Warning};
use serde_json::Value;

fn model(case: &Value) -> LogisticRegression {
    let mut model = LogisticRegression::new().tol(1e-11).max_iter(20_000);
    for (name, value) in case["parameters"].as_object().unwrap() {
        model = match name.as_str() {
            "C" => model.c(value.as_f64().unwrap_or(f64::INFINITY)),
            "l1_ratio" => model.l1_ratio(value.as_f64().unwrap()),
            "fit_intercept" => model.fit_intercept(value.as_bool().unwrap()),
            other => panic!("unknown parameter {other}"),
        };
    }
    model.class_weight(match &case["class_weight"] {
        Value::Null => ClassWeight::None,
        Value::String(_) => ClassWeight::Balanced,
        given => ClassWeight::Given(
            list(given)
                .iter()
                .map(|pair| {
                    (
                        pair[0].as_u64().unwrap() as usize,
                        pair[1].as_f64().unwrap(),
                    )
                })
                .collect(),
        ),
    })
}

#[test]
fn every_combination_of_weights_and_penalties_has_scikit_learns_minimum() {
    let data = file("logistic_options");
    let (x, weight) = (table(&data["x"]), floats(&data["weight"]));
    for case in list(&data["cases"]) {
        let y = labels(&data[case["y"].as_str().unwrap()]);
        for solver in [Solver::Lbfgs, Solver::NewtonCholesky] {
            let model = model(case).solver(solver);
            let fitted = if case["weighted"] == true {
                model.fit((&x, &y, &weight)).unwrap()
            } else {
                model.fit((&x, &y)).unwrap()
            };
            let coef = distance(fitted.coef(), &table(&case["coef"]));
            let intercept = distance(fitted.intercept(), &floats(&case["intercept"]));
            let apart = coef.max(intercept);
            println!(
                "{solver} {} {}: {apart:.1e} in {}",
                case["parameters"],
                case["class_weight"],
                fitted.n_iter()
            );
            // Without a penalty the softmax has many minima, all with the same probabilities.
            let free = case["parameters"]["C"] == "inf" && case["y"] == "y3";
            // With corners the objective no longer changes before the last digits of the weights do.
            let corners = case["parameters"].get("l1_ratio").is_some();
            let bound = if corners { 5e-5 } else { 2e-6 };
            assert!(free || apart < bound, "{case}: {apart:e}");
            for (ours, theirs) in fitted.coef().iter().zip(&table(&case["coef"])) {
                assert!(
                    free || (*ours == 0.0) == (theirs.abs() < 1e-9),
                    "{ours} {theirs}"
                );
            }
        }
    }
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_a_weight_of_zero_is_no_row() {
    let data = file("logistic_options");
    let (x, y) = (table(&data["x"]), labels(&data["y3"]));
    let weight: Array1<f64> = (0..x.nrows()).map(|row| (row % 3) as f64).collect();
    let rows: Vec<usize> = (0..x.nrows()).flat_map(|row| vec![row; row % 3]).collect();
    let tight = || LogisticRegression::new().tol(1e-11).max_iter(1000);
    for class_weight in [ClassWeight::None, ClassWeight::Balanced] {
        let model = || tight().class_weight(class_weight.clone());
        let weighted = model().fit((&x, &y, &weight)).unwrap();
        let repeated = model()
            .fit((&x.select(Axis(0), &rows), &y.select(Axis(0), &rows)))
            .unwrap();
        assert!(distance(weighted.coef(), repeated.coef()) < 1e-8);
    }
    let only = Array1::from_iter(y.iter().map(|&label| if label == 1 { 0.0 } else { 1.0 }));
    let without = tight().fit((&x, &y, &only)).unwrap();
    assert_eq!(without.classes(), [0, 2]);
}

#[test]
fn newtons_method_is_exact_in_a_few_steps_where_lbfgs_needs_hundreds() {
    let iris = datasets::iris();
    let badly_scaled = iris.features() * &array![1e3, 1.0, 1e-2, 1.0];
    let newton = LogisticRegression::new()
        .solver(Solver::NewtonCholesky)
        .tol(1e-12)
        .fit((&badly_scaled, iris.labels().unwrap()))
        .unwrap();
    let slow = LogisticRegression::new()
        .tol(1e-12)
        .max_iter(100)
        .fit((&badly_scaled, iris.labels().unwrap()))
        .unwrap();
    assert!(
        newton.n_iter() < 20 && newton.warnings().is_empty(),
        "{newton}"
    );
    assert!(newton.history().last() < slow.history().last());
}

#[test]
fn a_singular_hessian_falls_back_on_lbfgs_and_says_so() {
    let x = array![[0.0, 0.0], [1.0, 2.0], [2.0, 4.0], [3.0, 6.0]];
    let fitted = LogisticRegression::new()
        .c(f64::INFINITY)
        .solver(Solver::NewtonCholesky)
        .fit((&x, &array![0, 1, 0, 1]))
        .unwrap();
    assert!(
        fitted.warnings()[0].to_string().contains("singular"),
        "{fitted}"
    );
    let lbfgs = LogisticRegression::new()
        .c(f64::INFINITY)
        .fit((&x, &array![0, 1, 0, 1]))
        .unwrap();
    assert_eq!(fitted.coef(), lbfgs.coef());
}

#[test]
fn the_objective_never_rises() {
    let data = file("logistic_options");
    let (x, y) = (table(&data["x"]), labels(&data["y3"]));
    for l1_ratio in [0.0, 0.5] {
        let fitted = LogisticRegression::new()
            .l1_ratio(l1_ratio)
            .fit((&x, &y))
            .unwrap();
        assert_eq!(fitted.history().len(), fitted.n_iter() + 1);
        assert!((fitted.history()[0] - 3.0_f64.ln()).abs() < 1e-12);
        assert!(
            fitted
                .history()
                .is_sorted_by(|before, after| after <= before)
        );
    }
}

#[test]
fn one_thread_or_two_give_the_same_bits() {
    // Enough rows for several tasks.
    let x = Array2::from_shape_fn((10_000, 3), |(row, column)| {
        ((row * (column + 3)) as f64).sin()
    });
    let y = Array1::from_shape_fn(10_000, |row| {
        usize::from(x[[row, 0]] + x[[row, 1]].powi(2) > 0.4) + row % 2
    });
    let fit = |threads: usize, solver: Solver| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            LogisticRegression::new()
                .solver(solver)
                .fit((&x, &y))
                .unwrap()
        })
    };
    for solver in [Solver::Lbfgs, Solver::NewtonCholesky] {
        assert_eq!(fit(1, solver), fit(2, solver));
    }
}

#[test]
fn a_prediction_does_not_depend_on_the_rows_beside_it() {
    let iris = datasets::iris();
    let x = iris.features();
    let fitted = LogisticRegression::new()
        .fit((x, iris.labels().unwrap()))
        .unwrap();
    let together = fitted.predict_proba(x).unwrap();
    for row in [0, 77, 149] {
        let alone = fitted.predict_proba(&x.slice(s![row..=row, ..])).unwrap();
        assert_eq!(alone.row(0), together.row(row));
    }
}

#[test]
fn a_fitted_model_survives_a_file() {
    let data = file("logistic_options");
    let (x, y) = (table(&data["x"]), labels(&data["y2"]));
    let fitted = LogisticRegression::new().max_iter(2).fit((&x, &y)).unwrap();
    assert!(matches!(fitted.warnings(), [Warning::NotConverged { .. }]));
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedLogisticRegression>(&text).unwrap(),
        fitted
    );
}

#[test]
fn hyperparameters_are_set_by_name() {
    let mut model = LogisticRegression::new();
    model
        .set_parameter("solver", &"newton-cholesky".into())
        .unwrap();
    model
        .set_parameter("class_weight", &"0: 1, 1: 5.5".into())
        .unwrap();
    let given = ClassWeight::Given(vec![(0, 1.0), (1, 5.5)]);
    assert_eq!(
        model,
        LogisticRegression::new()
            .solver(Solver::NewtonCholesky)
            .class_weight(given)
    );
    assert_eq!(
        model.parameters()[3].1,
        Parameter::Text("0: 1.0, 1: 5.5".into())
    );
    assert!(
        model
            .set_parameter("class_weight", &"heavy".into())
            .is_err()
    );
}

#[test]
fn options_out_of_range_are_errors() {
    let (x, y) = (array![[0.0], [1.0]], array![0, 1]);
    for l1_ratio in [-0.1, 1.1, f64::NAN] {
        assert!(
            LogisticRegression::new()
                .l1_ratio(l1_ratio)
                .fit((&x, &y))
                .is_err()
        );
    }
    let given = |pairs| {
        LogisticRegression::new()
            .class_weight(ClassWeight::Given(pairs))
            .fit((&x, &y))
            .unwrap_err()
    };
    assert!(matches!(given(vec![(7, 1.0)]), Error::UnknownName { .. }));
    assert!(matches!(
        given(vec![(0, -1.0)]),
        Error::InvalidParameter { .. }
    ));
    assert!(matches!(
        given(vec![(0, 0.0), (1, 0.0)]),
        Error::InvalidParameter { .. }
    ));
    assert!(
        LogisticRegression::new()
            .fit((&x, &y, &array![1.0]))
            .is_err()
    );
    assert!(
        LogisticRegression::new()
            .fit((&x, &y, &array![1.0, 0.0]))
            .is_err()
    );
}
