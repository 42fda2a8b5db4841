//! Scores of predicted classes with weights, chosen classes and a choice for 0/0, against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, floats, labels, numbers, table};
use mlcourse::metrics::{
    KappaWeights, Normalize, Tally, ZeroDivision, balanced_accuracy, cohen_kappa,
    confusion_matrix_weighted, fbeta_score, jaccard_score, matthews_corrcoef,
};
use mlcourse::prelude::*;
use mlcourse::{Error, warning, warning::Warning};
use serde_json::Value;

/// Equal up to rounding; NaN equals NaN.
fn close(ours: f64, theirs: f64) -> bool {
    ours == theirs || (ours - theirs).abs() <= 1e-14 || (ours.is_nan() && theirs.is_nan())
}

fn number(value: &Value) -> f64 {
    numbers(std::slice::from_ref(value))[0]
}

fn tally(case: &Value) -> Tally {
    let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
    let tally = match case["weights"].is_null() {
        true => Tally::new(&y_true, &y_pred),
        false => Tally::weighted(&y_true, &y_pred, &floats(&case["weights"])),
    }
    .unwrap();
    match case["labels"].is_null() {
        true => tally,
        false => tally
            .only(labels(&case["labels"]).as_slice().unwrap())
            .unwrap(),
    }
}

fn matrix(case: &Value) -> mlcourse::metrics::ConfusionMatrix {
    let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
    let matrix = match case["weights"].is_null() {
        true => confusion_matrix(&y_true, &y_pred),
        false => confusion_matrix_weighted(&y_true, &y_pred, &floats(&case["weights"])),
    }
    .unwrap();
    match case["labels"].is_null() {
        true => matrix,
        false => matrix.only(labels(&case["labels"]).as_slice().unwrap()),
    }
}

fn choice(word: &str) -> ZeroDivision {
    match word {
        "Zero" => ZeroDivision::Zero,
        "One" => ZeroDivision::One,
        _ => ZeroDivision::Nan,
    }
}

#[test]
fn every_average_of_every_score_is_scikit_learns() {
    for case in cases("metrics_classes") {
        for (average, by_choice) in case["scores"].as_object().unwrap() {
            let average = match average.as_str() {
                "macro" => Average::Macro,
                "micro" => Average::Micro,
                "weighted" => Average::Weighted,
                _ => Average::Binary,
            };
            // scikit-learn gives class 1 for `binary`, whatever `labels` says.
            if average == Average::Binary && !case["labels"].is_null() {
                continue;
            }
            for (word, scores) in by_choice.as_object().unwrap() {
                let tally = tally(&case).zero_division(choice(word));
                for (name, theirs) in scores.as_object().unwrap() {
                    let ours = match name.as_str() {
                        "precision" => tally.precision(average),
                        "recall" => tally.recall(average),
                        "f1" => tally.f1_score(average),
                        "f0.5" => tally.fbeta_score(0.5, average),
                        "f2" => tally.fbeta_score(2.0, average),
                        _ => tally.fbeta_score(f64::INFINITY, average),
                    }
                    .unwrap();
                    let what = format!("{} {name} {average:?} {word}", case["name"]);
                    assert!(close(ours, number(theirs)), "{what}: {ours}, not {theirs}");
                }
            }
        }
    }
}

#[test]
fn scores_of_all_classes_are_scikit_learns() {
    for case in cases("metrics_classes") {
        let tally = tally(&case);
        if case["labels"].is_null() {
            assert!(close(tally.accuracy(), number(&case["accuracy"])));
            assert!(close(tally.balanced_accuracy(), number(&case["balanced"])));
            let adjusted = tally.balanced_accuracy_adjusted();
            assert!(
                close(adjusted, number(&case["adjusted"])),
                "{}",
                case["name"]
            );
            assert!(close(tally.matthews_corrcoef(), number(&case["mcc"])));
            let kappa = tally.cohen_kappa();
            assert!(
                close(kappa, number(&case["kappa"]["None"])),
                "{}",
                case["name"]
            );
            for (average, theirs) in case["jaccard"].as_object().unwrap() {
                let average = match average.as_str() {
                    "macro" => Average::Macro,
                    "micro" => Average::Micro,
                    "weighted" => Average::Weighted,
                    _ => Average::Binary,
                };
                assert!(close(tally.jaccard_score(average).unwrap(), number(theirs)));
            }
        }
    }
}

#[test]
fn reports_with_weights_and_chosen_classes_are_scikit_learns_text() {
    for case in cases("metrics_classes") {
        for (word, text) in case["reports"].as_object().unwrap() {
            let tally = match word.as_str() {
                "warn" => tally(&case),
                word => tally(&case).zero_division(choice(word)),
            };
            let report = tally.report().unwrap().digits(3);
            assert_eq!(
                report.to_string(),
                *text.as_str().unwrap(),
                "{}",
                case["name"]
            );
        }
    }
}

#[test]
fn confusion_matrices_and_kappas_are_scikit_learns() {
    for case in cases("metrics_classes") {
        let matrix = matrix(&case);
        for (by, theirs) in case["confusion"].as_object().unwrap() {
            // scikit-learn refuses a choice of labels none of which is true.
            if theirs.is_null() {
                continue;
            }
            let ours = match by.as_str() {
                "None" => matrix.values(),
                "true" => matrix.clone().normalize(Normalize::True).values(),
                "pred" => matrix.clone().normalize(Normalize::Pred).values(),
                _ => matrix.clone().normalize(Normalize::All).values(),
            };
            let difference = (ours - table(theirs)).fold(0.0_f64, |most, d| most.max(d.abs()));
            assert!(difference < 1e-14, "{} {by}", case["name"]);
        }
        for (kind, theirs) in case["kappa"].as_object().unwrap() {
            if theirs.is_null() {
                continue;
            }
            let ours = matrix.cohen_kappa(match kind.as_str() {
                "None" => KappaWeights::None,
                "linear" => KappaWeights::Linear,
                _ => KappaWeights::Quadratic,
            });
            let theirs = number(theirs);
            assert!(
                close(ours, theirs),
                "{} {kind}: {ours}, not {theirs}",
                case["name"]
            );
        }
    }
}

#[test]
fn short_functions_say_what_a_tally_says() {
    for case in cases("metrics_classes") {
        let (y_true, y_pred) = (labels(&case["y_true"]), labels(&case["y_pred"]));
        let tally = Tally::new(&y_true, &y_pred).unwrap();
        let average = Average::Macro;
        let pairs = [
            (
                balanced_accuracy(&y_true, &y_pred),
                Ok(tally.balanced_accuracy()),
            ),
            (
                matthews_corrcoef(&y_true, &y_pred),
                Ok(tally.matthews_corrcoef()),
            ),
            (
                fbeta_score(&y_true, &y_pred, 2.0, average),
                tally.fbeta_score(2.0, average),
            ),
            (
                jaccard_score(&y_true, &y_pred, average),
                tally.jaccard_score(average),
            ),
            (accuracy(&y_true, &y_pred), Ok(tally.accuracy())),
        ];
        assert!(pairs.into_iter().all(|(short, long)| short == long));
        let (short, long) = (cohen_kappa(&y_true, &y_pred).unwrap(), tally.cohen_kappa());
        assert!(close(short, long));
    }
}

#[test]
fn scores_are_the_formulas_of_the_course() {
    let (y_true, y_pred) = (
        array![1, 1, 1, 0, 0, 0, 0, 1],
        array![1, 0, 1, 0, 1, 0, 1, 1],
    );
    let count = |truth, prediction| {
        let both = y_true.iter().zip(&y_pred);
        both.filter(|&(&t, &p)| t == truth && p == prediction)
            .count() as f64
    };
    let (tp, fp, fn_, tn) = (count(1, 1), count(0, 1), count(1, 0), count(0, 0));
    let (p, r) = (tp / (tp + fp), tp / (tp + fn_));
    let tally = Tally::new(&y_true, &y_pred).unwrap();
    let binary = Average::Binary;
    assert_eq!(tally.precision(binary).unwrap(), p);
    assert_eq!(tally.recall(binary).unwrap(), r);
    assert!(close(
        tally.f1_score(binary).unwrap(),
        2.0 * p * r / (p + r)
    ));
    let f2 = 5.0 * p * r / (4.0 * p + r);
    assert!(close(tally.fbeta_score(2.0, binary).unwrap(), f2));
    let mcc = (tp * tn - fp * fn_) / ((tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_)).sqrt();
    assert!(close(tally.matthews_corrcoef(), mcc));
}

#[test]
fn a_weight_of_zero_removes_a_sample_and_whole_weights_repeat_it() {
    let (y_true, y_pred) = (array![0, 1, 2, 1, 7], array![0, 2, 2, 1, 9]);
    let weights = array![2.0, 1.0, 3.0, 1.0, 0.0];
    let weighted = Tally::weighted(&y_true, &y_pred, &weights).unwrap();
    let (repeated_true, repeated_pred) = (array![0, 0, 1, 2, 2, 2, 1], array![0, 0, 2, 2, 2, 2, 1]);
    let repeated = Tally::new(&repeated_true, &repeated_pred).unwrap();
    assert_eq!(weighted.labels(), [0, 1, 2]);
    assert_eq!(weighted.per_class(), repeated.per_class());
    assert_eq!(weighted.matthews_corrcoef(), repeated.matthews_corrcoef());
    assert_eq!(
        confusion_matrix_weighted(&y_true, &y_pred, &weights)
            .unwrap()
            .values(),
        confusion_matrix(&repeated_true, &repeated_pred)
            .unwrap()
            .values()
    );
}

#[test]
fn order_of_samples_does_not_matter_and_views_need_no_copy() {
    let y_true = Array1::from_shape_fn(1000, |i| (i * 37) % 7);
    let y_pred = Array1::from_shape_fn(1000, |i| (i * 53) % 7);
    let (backward_true, backward_pred) = (y_true.slice(s![..;-1]), y_pred.slice(s![..;-1]));
    assert_eq!(
        Tally::new(&y_true, &y_pred).unwrap(),
        Tally::new(&backward_true, &backward_pred).unwrap()
    );
}

#[test]
fn what_zero_over_zero_counts_as_is_a_choice_without_warning() {
    warning::take();
    let (y_true, y_pred) = (array![40, 41, 42], array![40, 41, 41]);
    let tally = Tally::new(&y_true, &y_pred).unwrap();
    let class = Average::Class(42);
    for (value, expected) in [(ZeroDivision::Zero, 0.0), (ZeroDivision::One, 1.0)] {
        let score = tally.clone().zero_division(value).precision(class).unwrap();
        assert_eq!(score, expected);
    }
    let nan = tally.clone().zero_division(ZeroDivision::Nan);
    assert!(nan.precision(class).unwrap().is_nan());
    assert_eq!(nan.precision(Average::Macro).unwrap(), 0.75);
    let warns = |warning: &Warning| matches!(warning, Warning::ZeroDivision { labels, .. } if labels == &[42]);
    assert!(!warning::take().iter().any(warns));
    assert_eq!(tally.precision(class).unwrap(), 0.0);
    assert!(warning::take().iter().any(warns));
}

#[test]
fn kappa_of_one_class_is_nan_with_a_warning() {
    assert!(cohen_kappa(&array![1, 1], &array![1, 1]).unwrap().is_nan());
    assert!(
        warning::take()
            .iter()
            .any(|warning| warning.to_string().contains("kappa"))
    );
}

#[test]
fn a_report_of_chosen_classes_shows_micro_averages() {
    let report = Tally::new(&array![1, 1, 1], &array![1, 1, 0]).unwrap();
    let report = report.only(&[1, 2, 3]).unwrap().report().unwrap();
    assert!(
        report
            .to_string()
            .contains("   micro avg       1.00      0.67      0.80         3\n")
    );
    assert!(
        report
            .bundle()
            .get("text/html")
            .unwrap()
            .contains("micro avg")
    );
    assert_eq!(report.micro_avg().precision, 1.0);
}

#[test]
fn normalised_and_weighted_matrices_show_shares_and_weights() {
    let matrix = confusion_matrix(&array![0, 0, 1], &array![0, 1, 1]).unwrap();
    let shown = matrix.normalize(Normalize::True).to_string();
    assert!(shown.contains("0.50"), "{shown}");
    let weights = array![0.25, 0.75, 1.0];
    let matrix = confusion_matrix_weighted(&array![0, 0, 1], &array![0, 1, 1], &weights).unwrap();
    assert_eq!(matrix.share(0, 1), 0.75);
    assert!(matrix.to_string().contains("0.25"));
    assert_eq!(matrix.counts(), array![[1, 1], [0, 1]]);
}

#[test]
fn weights_and_choices_that_do_not_fit_are_errors() {
    let (y, short) = (array![0, 1], array![1.0]);
    assert!(matches!(
        Tally::weighted(&y, &y, &short),
        Err(Error::LengthMismatch { .. })
    ));
    for weights in [array![1.0, -1.0], array![0.0, 0.0]] {
        let error = Tally::weighted(&y, &y, &weights).unwrap_err();
        assert!(matches!(error, Error::InvalidParameter { .. }));
    }
    let error = confusion_matrix_weighted(&y, &y, &array![1.0, f64::NAN]).unwrap_err();
    assert!(matches!(error, Error::NotFinite { row: 1, .. }));
    let tally = Tally::new(&y, &y).unwrap();
    assert!(tally.clone().only(&[]).is_err());
    assert!(tally.clone().only(&[1, 1]).is_err());
    assert!(tally.fbeta_score(-1.0, Average::Macro).is_err());
    assert!(tally.fbeta_score(f64::NAN, Average::Macro).is_err());
}

#[test]
fn counted_things_survive_saving() {
    let (y_true, y_pred) = (array![0, 1, 2, 2], array![0, 1, 1, 2]);
    let tally = Tally::new(&y_true, &y_pred).unwrap();
    let report = tally.report().unwrap();
    let matrix = confusion_matrix(&y_true, &y_pred)
        .unwrap()
        .normalize(Normalize::All);
    let saved = serde_json::to_string(&(&tally, &report, &matrix)).unwrap();
    assert_eq!(
        serde_json::from_str::<(_, _, _)>(&saved).unwrap(),
        (tally, report, matrix)
    );
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let y_true = Array1::from_shape_fn(300_000, |i| (i * 37) % 9);
    let y_pred = Array1::from_shape_fn(300_000, |i| (i * i * 53) % 9);
    let weights = Array1::from_shape_fn(300_000, |i| (i % 17) as f64 / 3.0);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let weighted = Tally::weighted(&y_true, &y_pred, &weights).unwrap();
            (Tally::new(&y_true, &y_pred).unwrap(), weighted)
        })
    };
    assert_eq!(run(1), run(2));
}
