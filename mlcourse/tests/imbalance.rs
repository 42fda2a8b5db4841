//! Resampling against imbalanced-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, labels, list, table};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::imbalance::{Resampled, Source};
use mlcourse::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

fn resample(
    step: &str,
    strategy: &Value,
    seed: u64,
    x: &Array2<f64>,
    y: &Array1<usize>,
) -> mlcourse::Result<Resampled> {
    let strategy = match strategy {
        Value::String(text) => Parameter::Text(text.clone()),
        other => Parameter::Float(other.as_f64().unwrap()),
    };
    macro_rules! run {
        ($step:expr) => {{
            let mut step = $step;
            step.set_parameter("sampling_strategy", &strategy)?;
            assert_eq!(step.parameters()[0].1, strategy);
            step.fit_resample((x, y))
        }};
    }
    match step {
        "RandomOverSampler" => run!(RandomOverSampler::new().seed(seed)),
        "RandomUnderSampler" => run!(RandomUnderSampler::new().seed(seed)),
        _ => run!(SMOTE::new().seed(seed)),
    }
}

#[test]
fn classes_get_the_sizes_and_places_of_imbalanced_learn() {
    let reference = file("imbalance");
    let x = table(&reference["x"]);
    for case in list(&reference["cases"]) {
        let what = format!("{case}");
        let y = labels(&reference[case["target"].as_str().unwrap()]);
        let ours = resample(case["step"].as_str().unwrap(), &case["strategy"], 3, &x, &y);
        if case["counts"].is_null() {
            assert!(ours.is_err(), "{what}");
            continue;
        }
        let ours = ours.unwrap();
        let theirs: Vec<(usize, usize)> = list(&case["counts"])
            .iter()
            .map(|pair| {
                (
                    pair[0].as_u64().unwrap() as usize,
                    pair[1].as_u64().unwrap() as usize,
                )
            })
            .collect();
        assert_eq!(ours.counts(), theirs, "{what}");
        let mut theirs = labels(&case["labels"]);
        if case["step"] != "RandomUnderSampler" {
            // Made-up classes come ascending here, in the order of the strategy there.
            theirs.as_slice_mut().unwrap()[y.len()..].sort_unstable();
        }
        assert_eq!(ours.y(), theirs, "{what}");
    }
}

#[test]
fn rows_are_made_of_their_sources() {
    let reference = file("imbalance");
    let (x, y) = (table(&reference["x"]), labels(&reference["three classes"]));
    let mut neighbors: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for row in list(&reference["neighbors"]).iter().flat_map(list) {
        neighbors.insert(row[0].as_u64().unwrap() as usize, labels(&row[1]).to_vec());
    }
    let mut seen: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for seed in 0..40 {
        let made = SMOTE::new().seed(seed).fit_resample((&x, &y)).unwrap();
        for ((row, label), source) in made.x().outer_iter().zip(made.y()).zip(made.sources()) {
            match *source {
                Source::Row(source) => assert_eq!(row, x.row(source)),
                Source::Between {
                    row: start,
                    neighbor,
                    step,
                } => {
                    assert_eq!((y[start], y[neighbor]), (*label, *label));
                    assert!((0.0..1.0).contains(&step));
                    let expected = &x.row(start) + &((&x.row(neighbor) - &x.row(start)) * step);
                    assert!((&row - &expected).iter().all(|d| d.abs() < 1e-12));
                    seen.entry(start).or_default().push(neighbor);
                }
            }
        }
    }
    // Every row goes towards its five neighbours and no other.
    for found in seen.values_mut() {
        found.sort_unstable();
        found.dedup();
    }
    assert_eq!(seen, neighbors);
}

#[test]
fn a_row_drawn_without_replacement_is_drawn_once() {
    let reference = file("imbalance");
    let (x, y) = (table(&reference["x"]), labels(&reference["three classes"]));
    let mut drawn = vec![0; y.len()];
    for seed in 0..200 {
        let kept = RandomUnderSampler::new()
            .seed(seed)
            .fit_resample((&x, &y))
            .unwrap();
        let mut rows: Vec<usize> = kept.sources().iter().flat_map(Source::rows).collect();
        rows.sort_unstable();
        rows.iter().for_each(|&row| drawn[row] += 1);
        rows.dedup();
        assert_eq!(rows.len(), 27);
    }
    // 9 of 25, of 9, of 14.
    for (row, &count) in drawn.iter().enumerate() {
        let expected = match y[row] {
            0 => 72.0,
            1 => 200.0,
            _ => 128.6,
        };
        assert!((f64::from(count) - expected).abs() < 35.0, "{row}: {count}");
    }
    let strategy = SamplingStrategy::Counts(vec![(1, 40)]);
    let often = RandomUnderSampler::new()
        .replacement(true)
        .sampling_strategy(strategy.clone());
    assert_eq!(often.fit_resample((&x, &y)).unwrap().counts()[1], (1, 40));
    assert!(
        RandomUnderSampler::new()
            .sampling_strategy(strategy)
            .fit_resample((&x, &y))
            .is_err()
    );
}

#[test]
fn the_same_seed_gives_the_same_rows_at_any_number_of_threads() {
    let reference = file("imbalance");
    let (x, y) = (table(&reference["x"]), labels(&reference["three classes"]));
    let run = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| SMOTE::new().seed(seed).fit_resample((&x, &y)).unwrap())
    };
    assert_eq!(run(1, 5), run(2, 5));
    assert_ne!(run(1, 5), run(1, 6));
}

#[test]
fn a_training_set_is_resampled_and_nothing_else_changes() {
    let (train, _) = datasets::iris().train_test_split(0.2, 42).unwrap();
    let strategy = SamplingStrategy::Counts(vec![(2, 10)]);
    let fewer = RandomUnderSampler::new()
        .sampling_strategy(strategy)
        .fit_resample(&train)
        .unwrap();
    assert_eq!(fewer.counts(), [(0, 40), (1, 40), (2, 10)]);
    let (x, y) = fewer.into_parts();
    let again = SMOTE::new().fit_resample((&x, &y)).unwrap();
    assert_eq!(again.counts(), [(0, 40), (1, 40), (2, 40)]);
    assert!(again.to_string().contains("120 rows from 90"));
}

#[test]
fn what_does_not_fit_is_an_error() {
    let x = array![[1.0], [2.0], [3.0], [4.0]];
    let y = array![0, 0, 0, 1];
    let error = SMOTE::new().fit_resample((&x, &y)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::InvalidParameter {
                name: "k_neighbors",
                ..
            }
        ),
        "{error}"
    );
    let error = RandomOverSampler::new()
        .fit_resample((&x, &array![1, 1, 1, 1]))
        .unwrap_err();
    assert!(
        matches!(error, Error::SingleClass { label: 1, .. }),
        "{error}"
    );
    let error = RandomOverSampler::new()
        .fit_resample((&x, &array![1]))
        .unwrap_err();
    assert!(matches!(error, Error::LengthMismatch { .. }), "{error}");
    let holes = array![[1.0], [2.0], [3.0], [f64::NAN]];
    let error = RandomOverSampler::new()
        .fit_resample((&holes, &y))
        .unwrap_err();
    assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    let unknown = SamplingStrategy::Counts(vec![(7, 3)]);
    let error = RandomOverSampler::new()
        .sampling_strategy(unknown)
        .fit_resample((&x, &y))
        .unwrap_err();
    assert!(matches!(error, Error::UnknownName { .. }), "{error}");
    let ratio = SamplingStrategy::Ratio(1.5);
    assert!(
        RandomOverSampler::new()
            .sampling_strategy(ratio)
            .fit_resample((&x, &y))
            .is_err()
    );
    assert!(
        SMOTE::new()
            .set_parameter("sampling_strategy", &"sometimes".into())
            .is_err()
    );
}
