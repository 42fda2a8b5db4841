//! Curves, areas and losses of scores and probabilities, against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, file, floats, labels, list, numbers, table};
use mlcourse::metrics::{
    BinStrategy, MultiClass, ProbabilityMetrics, Ranking, auc, average_precision, brier_score,
    brier_score_binary, calibration_curve, cross_entropy, cross_entropy_binary, det_curve,
    log_loss, log_loss_binary, precision_recall_curve, roc_auc, roc_auc_multiclass, roc_curve,
    top_k_accuracy,
};
use mlcourse::prelude::*;
use mlcourse::{Error, warning};
use serde_json::Value;

fn number(value: &Value) -> f64 {
    numbers(std::slice::from_ref(value))[0]
}

/// Equal up to rounding; NaN equals NaN, and ∞ itself.
fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-13 || (ours.is_nan() && theirs.is_nan()) || ours == theirs
}

fn same(ours: [&Array1<f64>; 3], theirs: &Value, what: &str) {
    for (ours, theirs) in ours.into_iter().zip(list(theirs)) {
        let theirs = numbers(list(theirs));
        assert_eq!(ours.len(), theirs.len(), "{what}");
        let all = ours
            .iter()
            .zip(&theirs)
            .all(|(&ours, &theirs)| close(ours, theirs));
        assert!(all, "{what}: {ours}, not {theirs}");
    }
}

fn ranking(case: &Value) -> Ranking {
    let (y, scores) = (labels(&case["y"]), floats(&case["scores"]));
    match case["weights"].is_null() {
        true => Ranking::new(&y, &scores),
        false => Ranking::weighted(&y, &scores, &floats(&case["weights"])),
    }
    .unwrap()
}

#[test]
fn curves_are_scikit_learns_point_by_point() {
    for case in cases("metrics_ranking") {
        let ranking = ranking(&case);
        let what = format!("{} {}", case["name"], case["weights"]);
        for drop in [false, true] {
            let curve = ranking.roc_curve(drop);
            let theirs = &case[format!("roc_{drop}")];
            same([&curve.fpr, &curve.tpr, &curve.thresholds], theirs, &what);
            let curve = ranking.precision_recall_curve(drop);
            let theirs = &case[format!("pr_{drop}")];
            same(
                [&curve.precision, &curve.recall, &curve.thresholds],
                theirs,
                &what,
            );
            match (ranking.det_curve(drop), &case[format!("det_{drop}")]) {
                (Err(_), Value::Null) => {}
                (Ok(curve), theirs) => {
                    same([&curve.fpr, &curve.fnr, &curve.thresholds], theirs, &what);
                }
                (Err(error), _) => panic!("{what}: {error}"),
            }
        }
    }
}

#[test]
fn areas_are_scikit_learns() {
    for case in cases("metrics_ranking") {
        let ranking = ranking(&case);
        assert!(
            close(ranking.roc_auc(), number(&case["auc"])),
            "{}",
            case["name"]
        );
        assert!(
            close(ranking.average_precision(), number(&case["ap"])),
            "{}",
            case["name"]
        );
    }
}

#[test]
fn short_functions_say_what_a_ranking_says() {
    for case in cases("metrics_ranking") {
        let (y, scores) = (labels(&case["y"]), floats(&case["scores"]));
        let ranking = Ranking::new(&y, &scores).unwrap();
        assert!(close(roc_auc(&y, &scores).unwrap(), ranking.roc_auc()));
        let ap = average_precision(&y, &scores).unwrap();
        assert!(close(ap, ranking.average_precision()));
        if ranking.roc_auc().is_nan() {
            continue;
        }
        let curve = roc_curve(&y, &scores).unwrap();
        assert_eq!(curve, ranking.roc_curve(true));
        assert!(close(
            auc(&curve.fpr, &curve.tpr).unwrap(),
            ranking.roc_auc()
        ));
        let curve = precision_recall_curve(&y, &scores).unwrap();
        assert_eq!(curve, ranking.precision_recall_curve(false));
        assert_eq!(det_curve(&y, &scores), ranking.det_curve(false));
    }
}

#[test]
fn the_area_is_the_share_of_pairs_in_order_with_ties_half() {
    let y = Array1::from_shape_fn(500, |i| (i * 7) % 5 / 4);
    let scores = Array1::from_shape_fn(500, |i| ((i * 31) % 83) as f64 / 83.0);
    let (mut right, mut pairs) = (0.0, 0.0);
    for (&truth, &score) in y.iter().zip(&scores) {
        for (&other_truth, &other_score) in y.iter().zip(&scores) {
            if truth == 1 && other_truth == 0 {
                pairs += 1.0;
                right += match score.total_cmp(&other_score) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
    }
    assert_eq!(roc_auc(&y, &scores).unwrap(), right / pairs);
}

#[test]
fn one_class_only_is_nan_with_a_warning() {
    warning::take();
    assert!(roc_auc(&array![1, 1], &array![0.1, 0.2]).unwrap().is_nan());
    assert!(
        warning::take()
            .iter()
            .any(|warning| warning.to_string().contains("ROC AUC"))
    );
    assert_eq!(
        average_precision(&array![0, 0], &array![0.1, 0.2]).unwrap(),
        0.0
    );
    assert!(
        warning::take()
            .iter()
            .any(|warning| warning.to_string().contains("precision"))
    );
    assert!(det_curve(&array![1, 1], &array![0.1, 0.2]).is_err());
}

#[test]
fn the_greater_of_two_labels_is_positive() {
    let scores = array![0.1, 0.9, 0.4];
    let area = roc_auc(&array![3, 8, 3], &scores).unwrap();
    assert_eq!(area, roc_auc(&array![0, 1, 0], &scores).unwrap());
}

#[test]
fn order_of_samples_and_number_of_threads_do_not_change_a_bit() {
    let n = 200_000;
    let y = Array1::from_shape_fn(n, |i| (i * 7919) % 10 / 7);
    let scores = Array1::from_shape_fn(n, |i| 1.0 / (1.0 + ((i * 104_729) % 99_991) as f64));
    let p = Array1::from_shape_fn(n, |i| ((i * 104_729) % 99_991) as f64 / 99_991.0);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            [
                roc_auc(&y, &scores).unwrap(),
                average_precision(&y, &scores).unwrap(),
                log_loss_binary(&y, &p).unwrap(),
            ]
        })
    };
    assert_eq!(run(1), run(2));
    let (backward, scores_backward) = (y.slice(s![..;-1]), scores.slice(s![..;-1]));
    assert_eq!(roc_auc(&backward, &scores_backward).unwrap(), run(1)[0]);
}

#[test]
fn losses_and_areas_of_tables_are_scikit_learns() {
    for case in list(&file("metrics_probability")["tables"]) {
        let y = labels(&case["y"]);
        let probabilities = table(&case["probabilities"]);
        let classes = labels(&case["labels"]);
        let mut metrics = ProbabilityMetrics::new().classes(classes.as_slice().unwrap());
        if !case["weights"].is_null() {
            metrics = metrics.sample_weight(&floats(&case["weights"]));
        }
        let what = format!("{} {}", case["name"], case["weights"]);
        let loss = metrics.log_loss(&y, &probabilities).unwrap();
        assert!(close(loss, number(&case["log_loss"])), "{what}: {loss}");
        let brier = metrics.brier_score(&y, &probabilities).unwrap();
        assert!(close(brier, number(&case["brier"])), "{what}: {brier}");
        if case["top_k"].is_null() {
            continue;
        }
        for (k, theirs) in list(&case["top_k"]).iter().enumerate() {
            let ours = metrics.top_k_accuracy(&y, &probabilities, k + 1).unwrap();
            assert!(close(ours, number(theirs)), "{what}, k = {}", k + 1);
        }
        for (kind, theirs) in case["auc"].as_object().unwrap() {
            let (multi_class, average) = kind.split_once(' ').unwrap();
            let multi_class = if multi_class == "ovr" {
                MultiClass::Ovr
            } else {
                MultiClass::Ovo
            };
            let average = match average {
                "macro" => Average::Macro,
                "weighted" => Average::Weighted,
                _ => Average::Micro,
            };
            let ours = metrics
                .roc_auc(&y, &probabilities, multi_class, average)
                .unwrap();
            assert!(
                close(ours, number(theirs)),
                "{what} {kind}: {ours}, not {theirs}"
            );
        }
    }
}

#[test]
fn short_functions_find_the_columns_themselves() {
    for case in list(&file("metrics_probability")["tables"]) {
        if !case["weights"].is_null() {
            continue;
        }
        let (y, probabilities) = (labels(&case["y"]), table(&case["probabilities"]));
        assert!(close(
            log_loss(&y, &probabilities).unwrap(),
            number(&case["log_loss"])
        ));
        assert!(close(
            brier_score(&y, &probabilities).unwrap(),
            number(&case["brier"])
        ));
        let entropy = cross_entropy(&y, &table(&case["logits"])).unwrap();
        assert!(close(entropy, number(&case["cross_entropy"])));
        if !case["auc"].is_null() {
            let area = roc_auc_multiclass(&y, &probabilities, MultiClass::Ovo, Average::Macro);
            assert!(close(area.unwrap(), number(&case["auc"]["ovo macro"])));
            let top = top_k_accuracy(&y, &probabilities, 2).unwrap();
            assert!(close(top, number(&case["top_k"][1])));
        }
    }
}

#[test]
fn calibration_and_binary_losses_are_scikit_learns() {
    for case in list(&file("metrics_probability")["calibration"]) {
        let (y, probabilities) = (labels(&case["y"]), floats(&case["probabilities"]));
        let strategy = match case["strategy"].as_str().unwrap() {
            "uniform" => BinStrategy::Uniform,
            _ => BinStrategy::Quantile,
        };
        let n_bins = case["n_bins"].as_u64().unwrap() as usize;
        let curve = calibration_curve(&y, &probabilities, n_bins, strategy).unwrap();
        for (ours, name) in [
            (&curve.prob_true, "prob_true"),
            (&curve.prob_pred, "prob_pred"),
        ] {
            let theirs = floats(&case[name]);
            assert_eq!(ours.len(), theirs.len());
            assert!(
                ours.iter()
                    .zip(&theirs)
                    .all(|(&ours, &theirs)| close(ours, theirs))
            );
        }
        assert_eq!(curve.counts.sum(), y.len());
        let loss = log_loss_binary(&y, &probabilities).unwrap();
        assert!(close(loss, number(&case["log_loss"])));
        let brier = brier_score_binary(&y, &probabilities).unwrap();
        assert!(close(brier, number(&case["brier"])));
        let entropy = cross_entropy_binary(&y, &floats(&case["z"])).unwrap();
        assert!(close(entropy, number(&case["cross_entropy"])));
    }
}

#[test]
fn a_certain_mistake_costs_what_clipping_leaves() {
    let loss = log_loss_binary(&array![1], &array![0.0]).unwrap();
    assert!((loss - 36.043_653_389_117_15).abs() < 1e-12);
    assert_eq!(
        cross_entropy_binary(&array![0], &array![120.0]).unwrap(),
        120.0
    );
    assert_eq!(cross_entropy(&array![1], &array![[1e4, 0.0]]).unwrap(), 1e4);
}

#[test]
fn rows_that_do_not_add_up_to_one_are_told() {
    warning::take();
    let probabilities = array![[0.5, 0.5], [0.5, 0.7]];
    log_loss(&array![0, 1], &probabilities).unwrap();
    assert!(
        warning::take()
            .iter()
            .any(|warning| warning.to_string().contains("row 1"))
    );
    let area = roc_auc_multiclass(
        &array![0, 1],
        &probabilities,
        MultiClass::Ovr,
        Average::Macro,
    );
    assert!(area.unwrap_err().to_string().contains("row 1"));
}

#[test]
fn a_weight_of_zero_removes_a_sample() {
    let (y, scores) = (array![0, 1, 1, 0], array![0.2, 0.3, 0.1, 0.9]);
    let weighted = Ranking::weighted(&y, &scores, &array![1.0, 1.0, 1.0, 0.0]).unwrap();
    let removed = Ranking::new(&y.slice(s![..3]), &scores.slice(s![..3])).unwrap();
    assert_eq!(weighted, removed);
    let (y, p) = (array![0, 1, 1], array![[0.8, 0.2], [0.4, 0.6], [0.9, 0.1]]);
    let metrics = ProbabilityMetrics::new().sample_weight(&array![1.0, 1.0, 0.0]);
    let removed = log_loss(&y.slice(s![..2]), &p.slice(s![..2, ..])).unwrap();
    assert!(close(metrics.log_loss(&y, &p).unwrap(), removed));
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let (none, no_scores): (Array1<usize>, Array1<f64>) = (array![], array![]);
    assert!(matches!(
        roc_auc(&none, &no_scores),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        roc_auc(&array![0, 1], &array![0.5]),
        Err(Error::LengthMismatch { .. })
    ));
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(matches!(
            roc_curve(&array![0, 1], &array![0.5, bad]),
            Err(Error::NotFinite { row: 1, .. })
        ));
        let weighted = Ranking::weighted(&array![0, 1], &array![0.5, bad], &array![1.0, 1.0]);
        assert!(matches!(weighted, Err(Error::NotFinite { row: 1, .. })));
        assert!(matches!(
            log_loss_binary(&array![0, 1], &array![0.5, bad]),
            Err(Error::NotFinite { .. })
        ));
    }
    let error = roc_auc(&array![0, 1, 2], &array![0.1, 0.2, 0.3]).unwrap_err();
    assert!(error.to_string().contains("roc_auc_multiclass"), "{error}");
    assert!(log_loss_binary(&array![0, 1], &array![0.5, 1.5]).is_err());
    let error = log_loss(&array![0, 1], &array![[0.5, 0.5], [-0.5, 1.5]]).unwrap_err();
    assert!(error.to_string().contains("-0.5"), "{error}");
    let error = log_loss(&array![0, 5], &array![[0.2, 0.3, 0.5], [0.5, 0.1, 0.4]]).unwrap_err();
    assert!(error.to_string().contains("classes"), "{error}");
    let error = ProbabilityMetrics::new()
        .classes(&[0, 1])
        .log_loss(&array![0], &array![[1.0]]);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("`classes` must be 1 labels")
    );
    assert!(top_k_accuracy(&array![0], &array![[1.0, 2.0]], 0).is_err());
    assert!(calibration_curve(&array![0], &array![0.5], 0, BinStrategy::Uniform).is_err());
    assert!(auc(&array![0.0, 1.0, 0.5], &array![0.0, 1.0, 1.0]).is_err());
    assert_eq!(auc(&array![1.0, 0.0], &array![1.0, 0.0]).unwrap(), 0.5);
    let p = array![[0.5, 0.5]];
    let micro = roc_auc_multiclass(&array![0], &p, MultiClass::Ovo, Average::Micro);
    assert!(matches!(
        micro,
        Err(Error::InvalidParameter {
            name: "average",
            ..
        })
    ));
}

#[test]
fn curves_show_as_tables_and_survive_saving() {
    let (y, scores) = (array![0, 0, 1, 1], array![0.1, 0.4, 0.35, 0.8]);
    let ranking = Ranking::new(&y, &scores).unwrap();
    let saved = serde_json::to_string(&ranking).unwrap();
    assert_eq!(serde_json::from_str::<Ranking>(&saved).unwrap(), ranking);
    assert!(
        roc_curve(&y, &scores)
            .unwrap()
            .to_string()
            .contains("threshold")
    );
    let long = Array1::from_iter((0..100).map(f64::from));
    let y = Array1::from_shape_fn(100, |i| i % 2);
    let shown = precision_recall_curve(&y, &long).unwrap().to_string();
    assert!(shown.contains("20 of 101 points"), "{shown}");
}
