//! Scorers by name against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, labels, list, strings, table};
use mlcourse::metrics::{Answer, Response, Scorer};
use mlcourse::prelude::*;
use mlcourse::{Error, Result};
use serde_json::Value;

/// The score of a case, with or without its weights.
fn score(scorer: Scorer, case: &Value, is_weighted: bool) -> Result<f64> {
    let weights = floats(&case["weights"]);
    if case["probabilities"].is_null() {
        let (y, predictions) = (floats(&case["y"]), floats(&case["predictions"]));
        return match is_weighted {
            false => scorer.score(&y, &predictions),
            true => scorer.score_weighted(&y, &predictions, &weights),
        };
    }
    let (y, predictions) = (labels(&case["y"]), labels(&case["predictions"]));
    let probabilities = table(&case["probabilities"]);
    let answer = match scorer.response() {
        Response::Probabilities => Answer::from(&probabilities),
        _ => Answer::from(&predictions),
    };
    match is_weighted {
        false => scorer.score(&y, answer),
        true => scorer.score_weighted(&y, answer, &weights),
    }
}

#[test]
fn every_scorer_is_scikit_learns_of_the_same_name() {
    let mut seen = Vec::new();
    for case in list(&file("metrics_scorers")["cases"]) {
        for (name, theirs) in case["scores"].as_object().unwrap() {
            let scorer: Scorer = name.parse().unwrap();
            // One number of a binary model is not what we take: its second place is always right.
            if scorer == Scorer::TopKAccuracy && case["kind"] == "binary" {
                continue;
            }
            let (ours, theirs) = (
                score(scorer, case, false).unwrap(),
                theirs.as_f64().unwrap(),
            );
            assert!(
                (ours - theirs).abs() < 1e-12,
                "{name}, {}: {ours}, not {theirs}",
                case["kind"]
            );
            seen.push(scorer);
        }
    }
    let unseen: Vec<_> = Scorer::ALL
        .iter()
        .filter(|scorer| !seen.contains(scorer))
        .collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn weighted_scores_are_scikit_learns() {
    for case in list(&file("metrics_scorers")["cases"]) {
        for (name, theirs) in case["weighted"].as_object().unwrap() {
            let scorer: Scorer = name.parse().unwrap();
            match score(scorer, case, true) {
                Ok(ours) => {
                    let theirs = theirs.as_f64().unwrap();
                    let what = format!("{name}, {}", case["kind"]);
                    assert!(
                        (ours - theirs).abs() < 1e-12,
                        "{what}: {ours}, not {theirs}"
                    );
                }
                Err(error) => assert!(
                    scorer == Scorer::NegMedianAbsoluteError
                        && matches!(error, Error::InvalidParameter { .. }),
                    "{name}: {error}"
                ),
            }
        }
    }
}

#[test]
fn names_are_scikit_learns_and_come_back() {
    let theirs = strings(&file("metrics_scorers")["names"]);
    for &scorer in Scorer::ALL {
        assert!(theirs.contains(&scorer.to_string()), "{scorer}");
        assert_eq!(scorer.to_string().parse::<Scorer>().unwrap(), scorer);
        let saved = serde_json::to_string(&scorer).unwrap();
        assert_eq!(saved, format!("\"{scorer}\""));
        assert_eq!(serde_json::from_str::<Scorer>(&saved).unwrap(), scorer);
    }
    let error = "f1_wieghted".parse::<Scorer>().unwrap_err();
    assert!(error.to_string().contains("f1_weighted"), "{error}");
}

#[test]
fn two_classes_need_one_number_a_sample_only() {
    let (y, p) = (array![0, 1, 1, 0], array![0.2, 0.6, 0.3, 0.4]);
    let columns = Array2::from_shape_fn((4, 2), |(i, j)| if j == 1 { p[i] } else { 1.0 - p[i] });
    for scorer in [
        Scorer::RocAuc,
        Scorer::AveragePrecision,
        Scorer::NegLogLoss,
        Scorer::NegBrierScore,
    ] {
        let (one, two) = (
            scorer.score(&y, &p).unwrap(),
            scorer.score(&y, &columns).unwrap(),
        );
        assert!((one - two).abs() < 1e-15, "{scorer}");
    }
}

#[test]
fn a_fold_without_a_class_is_scored_by_the_classes_of_the_model() {
    let (y, p) = (
        array![3, 3, 8],
        array![[0.7, 0.1, 0.2], [0.5, 0.2, 0.3], [0.1, 0.2, 0.7]],
    );
    let classes = [3, 5, 8];
    let loss = Scorer::NegLogLoss.score(&y, (&p, &classes[..])).unwrap();
    let expected = (0.7_f64.ln() + 0.5_f64.ln() + 0.7_f64.ln()) / 3.0;
    assert!((loss - expected).abs() < 1e-15);
    assert!(Scorer::NegLogLoss.score(&y, &p).is_err());
}

#[test]
fn an_answer_of_another_kind_is_an_error_that_says_which() {
    let (y, numbers, p) = (
        array![0, 1],
        array![0.0, 1.0],
        array![[1.0, 0.0], [0.0, 1.0]],
    );
    let error = Scorer::Accuracy.score(&y, &p).unwrap_err();
    assert!(error.to_string().contains("must hold labels"), "{error}");
    let error = Scorer::NegLogLoss.score(&y, &y).unwrap_err();
    assert!(error.to_string().contains("predict_proba"), "{error}");
    let error = Scorer::R2.score(&y, &numbers).unwrap_err();
    assert!(error.to_string().contains("`accuracy`"), "{error}");
    let error = Scorer::Accuracy.score(&numbers, &y).unwrap_err();
    assert!(error.to_string().contains("`r2`"), "{error}");
    let three = array![[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]];
    let error = Scorer::RocAuc.score(&y, &three).unwrap_err();
    assert!(error.to_string().contains("roc_auc_ovr"), "{error}");
    let weights = array![1.0, 1.0];
    assert!(Scorer::RandScore.score_weighted(&y, &y, &weights).is_err());
    assert!(
        Scorer::R2
            .score_weighted(&numbers, &numbers, &array![1.0])
            .is_err()
    );
    let error = Scorer::NegMeanSquaredLogError.score(&array![-1.0], &array![0.0]);
    assert!(matches!(error, Err(Error::InvalidParameter { .. })));
}
