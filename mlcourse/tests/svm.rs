//! Support vector machines against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::class_weight::ClassWeight;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::prelude::*;
use mlcourse::svm::{FittedSVC, FittedSVR, Gamma, Kernel, Loss};
use serde_json::Value;

/// Sets the parameters of a case by scikit-learn's names.
fn set<M: Parameters>(mut model: M, case: &Value) -> M {
    for (name, value) in case["parameters"].as_object().unwrap() {
        let value = match value {
            Value::String(word) => Parameter::Text(word.clone()),
            Value::Bool(value) => Parameter::Bool(*value),
            Value::Number(number) => number.as_i64().map_or_else(
                || Parameter::Float(number.as_f64().unwrap()),
                Parameter::Integer,
            ),
            other => panic!("{other}"),
        };
        model.set_parameter(&name.to_lowercase(), &value).unwrap();
    }
    if case["balanced"] == true {
        model
            .set_parameter("class_weight", &"balanced".into())
            .unwrap();
    }
    model
}

#[test]
fn the_pairs_of_svc_have_scikit_learns_solutions() {
    let data = file("svm");
    let (x, new, weight) = (
        table(&data["x"]),
        table(&data["new"]),
        floats(&data["weight"]),
    );
    for case in list(&data["svc"]) {
        let y = labels(&data[case["y"].as_str().unwrap()]);
        let model = set(SVC::new().tol(1e-9), case);
        let fitted = if case["weighted"] == true {
            model.fit((&x, &y, &weight)).unwrap()
        } else {
            model.fit((&x, &y)).unwrap()
        };
        let name = format!("{} {} {}", case["y"], case["weighted"], case["parameters"]);
        let decision = distance(
            &fitted.decision_function(&new).unwrap(),
            &table(&case["decision"]),
        );
        let ovo = distance(
            &fitted.decision_function_ovo(&new).unwrap(),
            &table(&case["ovo"]),
        );
        println!(
            "{name}: {decision:.1e} {ovo:.1e} after {:?}",
            fitted.n_iter()
        );
        // scikit-learn's kernel matrix has single precision.
        let scale = case["parameters"]["C"].as_f64().unwrap_or(1.0).max(1.0) * 1e-5;
        assert!(
            decision < scale && ovo < scale,
            "{name}: {decision:e} {ovo:e}"
        );
        assert_eq!(
            fitted.predict(&new).unwrap(),
            labels(&case["predict"]),
            "{name}"
        );
        assert_eq!(
            fitted.support(),
            labels(&case["support"]).to_vec(),
            "{name}"
        );
        assert_eq!(
            fitted.n_support(),
            labels(&case["n_support"]).to_vec(),
            "{name}"
        );
        assert!(
            distance(fitted.dual_coef(), &table(&case["dual_coef"])) < 10.0 * scale,
            "{name}"
        );
        assert!(
            distance(fitted.intercept(), &floats(&case["intercept"])) < scale,
            "{name}"
        );
        if let Some(coef) = fitted.coef() {
            let linear = new.dot(&coef.t()) + fitted.intercept();
            assert!(distance(&linear, &table(&case["ovo"])) < 1e-5, "{name}");
        }
    }
}

#[test]
fn linear_svc_has_scikit_learns_minimum() {
    let data = file("svm");
    let (x, new, weight) = (
        table(&data["x"]),
        table(&data["new"]),
        floats(&data["weight"]),
    );
    for case in list(&data["linear"]) {
        let y = labels(&data[case["y"].as_str().unwrap()]);
        for dual in [true, false] {
            let model = set(
                LinearSVC::new().tol(1e-10).max_iter(200_000).dual(dual),
                case,
            );
            let fitted = if case["weighted"] == true {
                model.fit((&x, &y, &weight)).unwrap()
            } else {
                model.fit((&x, &y)).unwrap()
            };
            let name = format!("{} {} {}", case["y"], case["weighted"], case["parameters"]);
            let coef = distance(fitted.coef(), &table(&case["coef"]));
            println!("{name} {dual}: {coef:.1e} after {}", fitted.n_iter());
            assert!(coef < 1e-6, "{name}: {coef:e}");
            assert!(
                distance(fitted.intercept(), &floats(&case["intercept"])) < 1e-6,
                "{name}"
            );
            assert_eq!(
                fitted.predict(&new).unwrap(),
                labels(&case["predict"]),
                "{name}"
            );
            assert!(fitted.warnings().is_empty(), "{name}");
        }
    }
}

#[test]
fn svr_has_scikit_learns_solution() {
    let data = file("svm");
    let (x, new, weight) = (
        table(&data["x"]),
        table(&data["new"]),
        floats(&data["weight"]),
    );
    let y = floats(&data["number"]);
    for case in list(&data["svr"]) {
        let model = set(SVR::new().tol(1e-9), case);
        let fitted = if case["weighted"] == true {
            model.fit((&x, &y, &weight)).unwrap()
        } else {
            model.fit((&x, &y)).unwrap()
        };
        let apart = distance(&fitted.predict(&new).unwrap(), &floats(&case["predict"]));
        println!(
            "{}: {apart:.1e} after {}",
            case["parameters"],
            fitted.n_iter()
        );
        assert!(apart < 1e-5, "{}: {apart:e}", case["parameters"]);
        assert_eq!(fitted.support(), labels(&case["support"]).to_vec());
        assert!((fitted.intercept() - case["intercept"].as_f64().unwrap()).abs() < 1e-5);
        assert!(distance(fitted.dual_coef(), &floats(&case["dual_coef"])) < 1e-4);
    }
}

#[test]
fn the_solution_satisfies_the_conditions_of_optimality() {
    let data = file("svm");
    let (x, y) = (table(&data["x"]), labels(&data["y2"]));
    let fitted = SVC::new().tol(1e-6).fit((&x, &y)).unwrap();
    let decision = fitted.decision_function(&x).unwrap();
    let mut alpha = vec![0.0; x.nrows()];
    for (&row, coef) in fitted.support().iter().zip(fitted.dual_coef().row(0)) {
        alpha[row] = coef.abs();
    }
    assert!(fitted.dual_coef().sum().abs() < 1e-9);
    for row in 0..x.nrows() {
        let margin = decision[[row, 0]] * if y[row] == 8 { 1.0 } else { -1.0 };
        match alpha[row] {
            0.0 => assert!(margin > 1.0 - 1e-5),
            1.0 => assert!(margin < 1.0 + 1e-5),
            _ => assert!((margin - 1.0).abs() < 1e-5),
        }
    }
}

#[test]
fn a_small_cache_changes_nothing() {
    let data = file("svm");
    let (x, y) = (table(&data["x"]), labels(&data["y3"]));
    let fit = |megabytes| SVC::new().cache_size(megabytes).fit((&x, &y)).unwrap();
    assert_eq!(fit(1e-6), fit(200.0));
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_a_weight_of_zero_is_no_row() {
    let data = file("svm");
    let (x, y, number) = (
        table(&data["x"]),
        labels(&data["y3"]),
        floats(&data["number"]),
    );
    let weight: Array1<f64> = (0..x.nrows()).map(|row| (row % 3) as f64).collect();
    let rows: Vec<usize> = (0..x.nrows()).flat_map(|row| vec![row; row % 3]).collect();
    let (x2, y2) = (x.select(Axis(0), &rows), y.select(Axis(0), &rows));
    let number2 = number.select(Axis(0), &rows);
    let svc = || SVC::new().gamma(0.3).tol(1e-9);
    let weighted = svc()
        .fit((&x, &y, &weight))
        .unwrap()
        .decision_function(&x)
        .unwrap();
    let repeated = svc()
        .fit((&x2, &y2))
        .unwrap()
        .decision_function(&x)
        .unwrap();
    assert!(distance(&weighted, &repeated) < 1e-6);
    let linear = || {
        LinearSVC::new()
            .tol(1e-10)
            .max_iter(100_000)
            .class_weight(ClassWeight::Balanced)
    };
    let weighted = linear().fit((&x, &y, &weight)).unwrap();
    assert!(distance(weighted.coef(), linear().fit((&x2, &y2)).unwrap().coef()) < 1e-6);
    let svr = || SVR::new().gamma(0.3).tol(1e-9);
    let weighted = svr()
        .fit((&x, &number, &weight))
        .unwrap()
        .predict(&x)
        .unwrap();
    let repeated = svr().fit((&x2, &number2)).unwrap().predict(&x).unwrap();
    assert!(distance(&weighted, &repeated) < 1e-6);
}

#[test]
fn one_thread_or_two_give_the_same_bits_and_rows_do_not_depend_on_each_other() {
    let data = file("svm");
    let (x, y) = (table(&data["x"]), labels(&data["y3"]));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                SVC::new().fit((&x, &y)).unwrap(),
                LinearSVC::new().fit((&x, &y)).unwrap(),
            )
        })
    };
    assert_eq!(on(1), on(2));
    let (svc, _) = on(1);
    let together = svc.decision_function(&x).unwrap();
    let alone = svc.decision_function(&x.slice(s![13..14, ..])).unwrap();
    assert_eq!(together.row(13), alone.row(0));
}

#[test]
fn a_fit_that_does_not_converge_says_so_and_models_survive_a_file() {
    let data = file("svm");
    let (x, y, number) = (
        table(&data["x"]),
        labels(&data["y3"]),
        floats(&data["number"]),
    );
    let fitted = SVC::new().max_iter(2).fit((&x, &y)).unwrap();
    assert!(
        fitted.warnings()[0]
            .to_string()
            .contains("SVC stopped after 2")
    );
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(serde_json::from_str::<FittedSVC>(&text).unwrap(), fitted);
    let fitted = SVR::new().max_iter(1).fit((&x, &number)).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(serde_json::from_str::<FittedSVR>(&text).unwrap(), fitted);
    let fitted = LinearSVC::new()
        .max_iter(1)
        .loss(Loss::Hinge)
        .fit((&x, &y))
        .unwrap();
    assert_eq!(fitted.warnings().len(), 1);
}

#[test]
fn constant_features_and_equal_rows_do_no_harm() {
    let x = array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
    let y = array![0, 0, 1, 1];
    for kernel in [Kernel::Rbf, Kernel::Linear, Kernel::Poly, Kernel::Sigmoid] {
        let fitted = SVC::new().kernel(kernel).fit((&x, &y)).unwrap();
        assert!(
            fitted
                .decision_function(&x)
                .unwrap()
                .iter()
                .all(|score| score.is_finite()),
            "{kernel}"
        );
    }
    let same = array![[2.0], [2.0]];
    assert_eq!(SVC::new().fit((&same, &array![0, 1])).unwrap().gamma(), 1.0);
    assert_eq!(
        SVR::new()
            .fit((&array![[1.0]], &array![3.0]))
            .unwrap()
            .predict(&array![[9.0]])
            .unwrap()[0],
        3.0
    );
}

#[test]
fn what_cannot_be_learnt_is_an_error() {
    let (x, y) = (array![[0.0], [1.0]], array![0, 1]);
    for c in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(SVC::new().c(c).fit((&x, &y)).is_err());
        assert!(LinearSVC::new().c(c).fit((&x, &y)).is_err());
        assert!(SVR::new().c(c).fit((&x, &array![0.0, 1.0])).is_err());
    }
    assert!(SVC::new().gamma(-1.0).fit((&x, &y)).is_err());
    assert!(
        SVC::new()
            .gamma(Gamma::Value(f64::NAN))
            .fit((&x, &y))
            .is_err()
    );
    assert!(
        SVR::new()
            .epsilon(-1.0)
            .fit((&x, &array![0.0, 1.0]))
            .is_err()
    );
    assert!(matches!(
        SVC::new().fit((&x, &array![4, 4])).unwrap_err(),
        Error::SingleClass { .. }
    ));
    assert!(matches!(
        SVC::new()
            .fit((&array![[f64::NAN], [0.0]], &y))
            .unwrap_err(),
        Error::NotFinite { .. }
    ));
    assert!(matches!(
        SVR::new()
            .fit((&x, &array![0.0, f64::INFINITY]))
            .unwrap_err(),
        Error::NotFinite { .. }
    ));
    let fitted = SVC::new().fit((&x, &y)).unwrap();
    assert!(matches!(
        fitted.predict(&array![[1.0, 2.0]]).unwrap_err(),
        Error::FeatureCount { .. }
    ));
    let message = fitted.predict_proba(&x).unwrap_err().to_string();
    assert!(message.contains("LogisticRegression"), "{message}");
}
