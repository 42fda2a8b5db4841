//! Scores and selections of features against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::feature_selection::{
    FittedSelector, Scores, chi2, f_classif, f_regression, mutual_info_classif,
};
use mlcourse::prelude::*;
use serde_json::Value;

fn scores(case: &Value) -> Scores {
    let x = table(&case["x"]);
    match case["function"].as_str().unwrap() {
        "f_classif" => f_classif(&x, &labels(&case["y"])),
        "chi2" => chi2(&x, &labels(&case["y"])),
        "f_regression" => f_regression(&x, &floats(&case["y"])),
        _ => mutual_info_classif(&x, &labels(&case["y"]), 3, 7),
    }
    .unwrap()
}

fn assert_close(ours: &Array1<f64>, theirs: &Value, tolerance: f64, what: &str) {
    assert_eq!(ours.len(), list(theirs).len());
    for (ours, theirs) in ours.iter().zip(list(theirs)) {
        match theirs.as_f64() {
            Some(theirs) => assert!(
                (ours - theirs).abs() <= tolerance * theirs.abs().max(1e-300),
                "{what}: {ours:e} {theirs:e}"
            ),
            None => assert!(ours.is_nan(), "{what}: {ours}"),
        }
    }
}

#[test]
fn scores_are_scikit_learns() {
    for case in list(&file("feature_selection")["cases"]) {
        let what = case["function"].as_str().unwrap();
        let ours = scores(case);
        assert_close(&ours.scores, &case["scores"], 1e-9, what);
        match ours.p_values {
            Some(p_values) => assert_close(&p_values, &case["p_values"], 1e-8, what),
            None => assert!(case["p_values"].is_null()),
        }
    }
}

#[test]
fn selections_are_scikit_learns() {
    for case in list(&file("feature_selection")["cases"]) {
        let x = table(&case["x"]);
        let function: ScoreFunction = case["function"].as_str().unwrap().parse().unwrap();
        let is_number = function == ScoreFunction::FRegression;
        for support in list(&case["supports"]) {
            let theirs: Vec<bool> = list(&support[2])
                .iter()
                .map(|kept| kept.as_bool().unwrap())
                .collect();
            let fitted: mlcourse::Result<FittedSelector> = if support[0] == "k" {
                let k = support[1].as_u64().map(|k| k as usize);
                let selector = SelectKBest::new().score_func(function).k(k);
                if is_number {
                    selector.fit_targets((&x, &floats(&case["y"])))
                } else {
                    selector.fit((&x, &labels(&case["y"])))
                }
            } else {
                let percentile = support[1].as_f64().unwrap();
                let selector = SelectPercentile::new()
                    .score_func(function)
                    .percentile(percentile);
                if is_number {
                    selector.fit_targets((&x, &floats(&case["y"])))
                } else {
                    selector.fit((&x, &labels(&case["y"])))
                }
            };
            if !theirs.contains(&true) {
                assert!(matches!(fitted, Err(Error::InvalidParameter { .. })));
                continue;
            }
            let fitted = fitted.unwrap();
            assert_eq!(fitted.support(), theirs, "{function} {support}");
            let kept = fitted.transform(&x).unwrap();
            assert_eq!(kept, x.select(Axis(1), &fitted.kept()));
        }
    }
}

#[test]
fn variances_are_scikit_learns() {
    for case in list(&file("feature_selection")["variances"]) {
        let x = table(&case["x"]);
        let fitted = VarianceThreshold::new()
            .threshold(case["threshold"].as_f64().unwrap())
            .fit(&x)
            .unwrap();
        let difference = fitted.variances() - &floats(&case["variances"]);
        assert!(difference.iter().all(|d| d.abs() < 1e-12), "{difference}");
        let theirs: Vec<bool> = list(&case["support"])
            .iter()
            .map(|kept| kept.as_bool().unwrap())
            .collect();
        assert_eq!(fitted.support(), theirs);
    }
}

#[test]
fn a_data_set_keeps_the_names_of_its_features() {
    let (train, test) = datasets::iris().train_test_split(0.2, 42).unwrap();
    let selector = SelectKBest::new().k(1).fit(&train).unwrap();
    let kept = selector.transform(&test).unwrap();
    assert_eq!(kept.feature_names(), ["petal length (cm)"]);
    assert_eq!(selector.lineage().stages()[0].name, "SelectKBest");
    let model = LogisticRegression::new()
        .fit(&selector.transform(&train).unwrap())
        .unwrap();
    assert!(kept.assess(&model).unwrap().findings().is_empty());
}

#[test]
fn the_f_value_is_the_formula() {
    let iris = datasets::iris();
    let (x, y) = (iris.features(), iris.labels().unwrap());
    let ours = f_classif(x, y).unwrap().scores;
    for (column, f) in x.columns().into_iter().zip(ours) {
        let mean = column.mean().unwrap();
        let (mut between, mut within) = (0.0, 0.0);
        for class in 0..3 {
            let own: Array1<f64> = column
                .iter()
                .zip(y)
                .filter(|(_, y)| **y == class)
                .map(|(x, _)| *x)
                .collect();
            let own_mean = own.mean().unwrap();
            between += own.len() as f64 * (own_mean - mean).powi(2);
            within += own.mapv(|x| (x - own_mean).powi(2)).sum();
        }
        assert!((f / (between / 2.0 / (within / 147.0)) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let (x, y) = (array![[1.0], [2.0]], array![0, 1]);
    assert!(matches!(
        f_classif(&x, &array![1, 1]),
        Err(Error::SingleClass { label: 1, .. })
    ));
    assert!(matches!(
        f_classif(&x, &array![0]),
        Err(Error::LengthMismatch { .. })
    ));
    assert!(matches!(
        f_classif(&array![[1.0], [f64::NAN]], &y),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        chi2(&array![[1.0], [-2.0]], &y),
        Err(Error::InvalidParameter { .. })
    ));
    assert!(matches!(
        f_regression(&x, &array![1.0, f64::INFINITY]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        mutual_info_classif(&x, &y, 0, 0),
        Err(Error::InvalidParameter { .. })
    ));
    let wrong = SelectKBest::new().fit_targets((&x, &array![1.0, 2.0]));
    assert!(matches!(wrong, Err(Error::WrongTarget { .. })));
    let wrong = SelectKBest::new()
        .score_func(ScoreFunction::FRegression)
        .fit((&x, &y));
    assert!(matches!(wrong, Err(Error::WrongTarget { .. })));
    assert!(matches!(
        SelectKBest::new().k(0).fit((&x, &y)),
        Err(Error::InvalidParameter { .. })
    ));
    assert!(
        SelectPercentile::new()
            .percentile(101.0)
            .fit((&x, &y))
            .is_err()
    );
    assert!(VarianceThreshold::new().threshold(-1.0).fit(&x).is_err());
    assert!(VarianceThreshold::new().fit(&array![[1.0], [1.0]]).is_err());
    let fitted = SelectKBest::new().fit((&x, &y)).unwrap();
    assert!(matches!(
        fitted.transform(&array![[1.0, 2.0]]),
        Err(Error::FeatureCount { .. })
    ));
}

#[test]
fn what_is_fitted_survives_saving() {
    let iris = datasets::iris();
    let data = (iris.features(), iris.labels().unwrap());
    let fitted = SelectKBest::new().k(2).fit(data).unwrap();
    let back: FittedSelector =
        serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
    assert_eq!(back, fitted);
    assert!(fitted.to_string().contains("yes"));
    // A score that is not a number.
    let x = array![[1.0, 3.0], [1.0, 4.0], [1.0, 8.0], [1.0, 9.0]];
    let fitted = SelectKBest::new()
        .k(1)
        .fit((&x, &array![0, 0, 1, 1]))
        .unwrap();
    assert!(fitted.scores()[0].is_nan());
    let back: FittedSelector =
        serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
    assert_eq!(back, fitted);
}
