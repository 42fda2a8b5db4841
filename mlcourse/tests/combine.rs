//! Baselines, votes and stacks against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::combine::{
    StackingClassifier, StackingRegressor, VotingClassifier, VotingMethod, VotingRegressor,
};
use mlcourse::dummy::{DummyClassifierStrategy, FittedDummyClassifier};
use mlcourse::estimator::{Classifier, Parameters};
use mlcourse::prelude::*;
use mlcourse::svm::Kernel;
use serde_json::Value;

fn logistic(c: f64) -> LogisticRegression {
    LogisticRegression::new().c(c).tol(1e-10).max_iter(5000)
}

fn svr(gamma: f64) -> SVR {
    SVR::new().gamma(gamma).tol(1e-9)
}

fn weights(case: &Value) -> Option<Vec<f64>> {
    (!case["weights"].is_null()).then(|| floats(&case["weights"]).to_vec())
}

#[test]
fn baselines_say_what_scikit_learns_say() {
    let data = file("combine");
    let (x, new, weight) = (
        table(&data["x"]),
        table(&data["new"]),
        floats(&data["weight"]),
    );
    let two = new.slice(s![..2, ..]);
    for case in list(&data["dummy"]) {
        let y = labels(&data[case["y"].as_str().unwrap()]);
        let strategy: DummyClassifierStrategy = case["strategy"].as_str().unwrap().parse().unwrap();
        let model = DummyClassifier::new()
            .constant(if case["y"] == "y2" { 5 } else { 1 })
            .strategy(strategy);
        let fitted = if case["weighted"] == true {
            model.fit((&x, &y, &weight)).unwrap()
        } else {
            model.fit((&x, &y)).unwrap()
        };
        assert!(distance(fitted.class_prior(), &floats(&case["prior"])) < 1e-15);
        assert!(distance(&fitted.predict_proba(&two).unwrap(), &table(&case["proba"])) < 1e-15);
        if !case["predict"].is_null() {
            assert_eq!(fitted.predict(&two).unwrap(), labels(&case["predict"]));
        }
    }
    let y = floats(&data["number"]);
    for case in list(&data["dummy_regressor"]) {
        let mut model = DummyRegressor::new().constant(7.5);
        if let Some(quantile) = case["quantile"].as_f64() {
            model = model.quantile(quantile);
        }
        model
            .set_parameter("strategy", &case["strategy"].as_str().unwrap().into())
            .unwrap();
        let fitted = if case["weighted"] == true {
            model.fit((&x, &y, &weight)).unwrap()
        } else {
            model.fit((&x, &y)).unwrap()
        };
        let expected = case["constant"].as_f64().unwrap();
        assert!(
            (fitted.constant() - expected).abs() < 1e-13,
            "{case} {}",
            fitted.constant()
        );
    }
}

#[test]
fn drawn_labels_come_as_often_as_they_should() {
    let x = Array2::zeros((20_000, 1));
    let y = Array1::from_shape_fn(20_000, |row| usize::from(row % 5 == 0));
    let share = |strategy| {
        let fitted = DummyClassifier::new()
            .strategy(strategy)
            .seed(1)
            .fit((&x, &y))
            .unwrap();
        let labels = fitted.predict(&x).unwrap();
        assert_eq!(labels, fitted.predict(&x).unwrap());
        labels.sum() as f64 / 20_000.0
    };
    assert!((share(DummyClassifierStrategy::Stratified) - 0.2).abs() < 0.01);
    assert!((share(DummyClassifierStrategy::Uniform) - 0.5).abs() < 0.01);
}

#[test]
fn votes_are_counted_as_scikit_learn_counts_them() {
    let data = file("combine");
    let (x, new) = (table(&data["x"]), table(&data["new"]));
    for case in list(&data["voting"]) {
        let y = labels(&data[case["y"].as_str().unwrap()]);
        let mut model = VotingClassifier::new()
            .estimator("strong", &logistic(10.0))
            .estimator("weak", &logistic(0.01))
            .estimator("dummy", &DummyClassifier::new())
            .voting(case["voting"].as_str().unwrap().parse().unwrap());
        if let Some(weights) = weights(case) {
            model = model.weights(&weights);
        }
        let fitted = model.fit((&x, &y)).unwrap();
        assert_eq!(
            fitted.predict(&new).unwrap(),
            labels(&case["predict"]),
            "{case}"
        );
        if case["voting"] == "soft" {
            assert!(distance(&fitted.predict_proba(&new).unwrap(), &table(&case["proba"])) < 1e-6);
        } else {
            let message = fitted.predict_proba(&new).unwrap_err().to_string();
            assert!(message.contains("`soft` for probabilities"), "{message}");
        }
        assert!(fitted.estimator("weak").is_some() && fitted.estimator("none").is_none());
    }
    let y = floats(&data["number"]);
    for case in list(&data["voting_regressor"]) {
        let mut model = VotingRegressor::new()
            .estimator("smooth", &svr(0.1))
            .estimator("rough", &svr(2.0))
            .estimator("mean", &DummyRegressor::new());
        if let Some(weights) = weights(case) {
            model = model.weights(&weights);
        }
        let predictions = model.fit((&x, &y)).unwrap().predict(&new).unwrap();
        assert!(distance(&predictions, &floats(&case["predict"])) < 1e-5);
    }
}

#[test]
fn stacks_learn_from_the_same_folds_as_scikit_learns() {
    let data = file("combine");
    let (x, new) = (table(&data["x"]), table(&data["new"]));
    for case in list(&data["stacking"]) {
        let y = labels(&data[case["y"].as_str().unwrap()]);
        let fitted = StackingClassifier::new()
            .estimator("strong", &logistic(10.0))
            .estimator("weak", &logistic(0.01))
            .estimator("dummy", &DummyClassifier::new())
            .final_estimator(&logistic(1.0))
            .cv(case["cv"].as_u64().unwrap() as usize)
            .stack_method(case["method"].as_str().unwrap().parse().unwrap())
            .passthrough(case["passthrough"].as_bool().unwrap())
            .fit((&x, &y))
            .unwrap();
        let apart = distance(&fitted.predict_proba(&new).unwrap(), &table(&case["proba"]));
        assert!(apart < 1e-6, "{case} {apart:e}");
        assert_eq!(fitted.predict(&new).unwrap(), labels(&case["predict"]));
    }
    let y = floats(&data["number"]);
    for case in list(&data["stacking_regressor"]) {
        let fitted = StackingRegressor::new()
            .estimator("smooth", &svr(0.1))
            .estimator("rough", &svr(2.0))
            .estimator("mean", &DummyRegressor::new())
            .final_estimator(&SVR::new().kernel(Kernel::Linear).tol(1e-9))
            .cv(case["cv"].as_u64().unwrap() as usize)
            .passthrough(case["passthrough"].as_bool().unwrap())
            .fit((&x, &y))
            .unwrap();
        let apart = distance(&fitted.predict(&new).unwrap(), &floats(&case["predict"]));
        assert!(apart < 1e-4, "{case} {apart:e}");
    }
}

#[test]
fn a_model_without_probabilities_answers_with_labels() {
    let data = file("combine");
    let (x, y) = (table(&data["x"]), labels(&data["y3"]));
    let fitted = StackingClassifier::new()
        .estimator("svc", &SVC::new())
        .fit((&x, &y))
        .unwrap();
    assert!(fitted.to_string().contains("predict"), "{fitted}");
    assert!(fitted.score(&x, &y).unwrap() > 0.5);
}

#[test]
fn one_thread_or_two_give_the_same_bits() {
    let data = file("combine");
    let (x, y) = (table(&data["x"]), labels(&data["y3"]));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let model = StackingClassifier::new()
                .estimator("a", &logistic(1.0))
                .estimator("b", &logistic(0.1));
            model.fit((&x, &y)).unwrap().predict_proba(&x).unwrap()
        })
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn the_hyperparameters_of_a_model_are_set_through_its_name() {
    let data = file("combine");
    let (x, y) = (table(&data["x"]), labels(&data["y2"]));
    let mut model = VotingClassifier::new()
        .estimator("lr", &LogisticRegression::new())
        .voting(VotingMethod::Soft);
    let copy = model.clone();
    model.set_parameter("lr__c", &0.001.into()).unwrap();
    let probability =
        |model: VotingClassifier| model.fit((&x, &y)).unwrap().predict_proba(&x).unwrap()[[0, 0]];
    let weak = LogisticRegression::new()
        .c(0.001)
        .fit((&x, &y))
        .unwrap()
        .predict_proba(&x)
        .unwrap()[[0, 0]];
    assert_eq!(probability(model.clone()), weak);
    assert_ne!(probability(copy), weak);
    assert!(matches!(
        model.set_parameter("lr__depth", &1.into()).unwrap_err(),
        Error::UnknownName { .. }
    ));
    assert!(matches!(
        model.set_parameter("tree__c", &1.into()).unwrap_err(),
        Error::UnknownName { .. }
    ));
    let mut stack = StackingClassifier::new().estimator("lr", &LogisticRegression::new());
    stack
        .set_parameter("final_estimator__c", &2.0.into())
        .unwrap();
    assert!(stack.boxed().set_parameter("cv", &3.into()).is_ok());
}

#[test]
fn what_cannot_be_combined_is_an_error() {
    let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![0, 1, 0, 1]);
    let lr = LogisticRegression::new();
    assert!(VotingClassifier::new().fit((&x, &y)).is_err());
    let twice = VotingClassifier::new()
        .estimator("a", &lr)
        .estimator("a", &lr)
        .fit((&x, &y))
        .unwrap_err();
    assert!(twice.to_string().contains("`a` twice"), "{twice}");
    let one = || VotingClassifier::new().estimator("a", &lr);
    assert!(matches!(
        one().weights(&[1.0, 2.0]).fit((&x, &y)).unwrap_err(),
        Error::LengthMismatch { .. }
    ));
    assert!(one().weights(&[-1.0]).fit((&x, &y)).is_err());
    assert!(one().weights(&[0.0]).fit((&x, &y)).is_err());
    assert!(matches!(
        one().fit((&x, &array![3, 3, 3, 3])).unwrap_err(),
        Error::SingleClass { .. }
    ));
    let stack = || StackingClassifier::new().estimator("a", &lr);
    for cv in [0, 1, 5] {
        assert!(stack().cv(cv).fit((&x, &y)).is_err());
    }
    let numbers = array![0.0, 1.0, 2.0, 3.0];
    let headless = StackingRegressor::new()
        .estimator("a", &DummyRegressor::new())
        .cv(2);
    assert!(
        headless
            .fit((&x, &numbers))
            .unwrap_err()
            .to_string()
            .contains("final_estimator")
    );
    assert!(DummyClassifier::new().constant(9).fit((&x, &y)).is_err());
    assert!(
        DummyRegressor::new()
            .quantile(1.5)
            .fit((&x, &numbers))
            .is_err()
    );
    assert!(
        DummyRegressor::new()
            .fit((&x, &array![0.0, f64::NAN, 1.0, 2.0]))
            .is_err()
    );
    let fitted = one().fit((&x, &y)).unwrap();
    assert!(matches!(
        fitted.predict(&array![[1.0, 2.0]]).unwrap_err(),
        Error::FeatureCount { .. }
    ));
}

#[test]
fn a_fitted_baseline_survives_a_file_and_shows_its_classes() {
    let (x, y) = (array![[0.0], [1.0]], array![7, 7]);
    let fitted = DummyClassifier::new().fit((&x, &y)).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedDummyClassifier>(&text).unwrap(),
        fitted
    );
    assert!(fitted.to_string().contains('7'));
}
