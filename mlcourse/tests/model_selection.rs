//! Splits: the sizes are scikit-learn's, the rows are ours for ever.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, labels, list};
use mlcourse::Error;
use mlcourse::prelude::*;

fn classes(counts: &Array1<usize>) -> Array1<usize> {
    counts
        .iter()
        .enumerate()
        .flat_map(|(class, &count)| vec![class; count])
        .collect()
}

#[test]
fn test_sets_have_scikit_learns_sizes_and_class_counts() {
    for case in cases("train_test_split") {
        let counts = labels(&case["counts"]);
        let y = classes(&counts);
        let split = TrainTestSplit::new(case["test_size"].as_f64().unwrap());
        match case["n_test"].as_u64() {
            Some(n_test) => {
                assert_eq!(split.split_indices(y.len()).unwrap().1.len() as u64, n_test)
            }
            None => assert!(split.split_indices(y.len()).is_err(), "{case}"),
        }
        if case["stratified"].is_null() {
            assert!(split.stratify(&y).split_indices(y.len()).is_err(), "{case}");
            continue;
        }
        let allowed: Vec<_> = list(&case["stratified"]).iter().map(labels).collect();
        for seed in 0..20 {
            let split = split.clone().stratify(&y).seed(seed);
            let (train, test) = split.split_indices(y.len()).unwrap();
            let mut found = Array1::<usize>::zeros(counts.len());
            test.iter().for_each(|&row| found[y[row]] += 1);
            assert!(allowed.contains(&found), "{case}: {found}");
            let mut all = [train, test].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..y.len()), "{case}");
        }
    }
}

#[test]
fn a_seed_gives_one_split_for_ever() {
    let (train, test) = TrainTestSplit::new(0.3).seed(42).split_indices(10).unwrap();
    // The order that references/chacha8_shuffle.py prints: the test rows come first.
    assert_eq!((test, train), (vec![7, 6, 5], vec![1, 0, 4, 8, 9, 2, 3]));
    let other = TrainTestSplit::new(0.3).seed(43).split_indices(10).unwrap();
    assert_ne!(other.1, [7, 6, 5]);
}

#[test]
fn rows_keep_their_labels() {
    let x = Array2::from_shape_fn((50, 2), |(row, column)| (row * 2 + column) as f64);
    let y = Array1::from_iter(0..50);
    let (x_train, x_test, y_train, y_test) = train_test_split(&x, &y, 0.2, 1).unwrap();
    assert_eq!((x_train.nrows(), x_test.nrows()), (40, 10));
    for (x, y) in [(x_train, y_train), (x_test, y_test)] {
        assert!(
            x.outer_iter()
                .zip(&y)
                .all(|(row, &label)| row[0] == (label * 2) as f64)
        );
    }
}

#[test]
fn a_split_that_makes_no_sense_is_an_error() {
    let x = Array2::zeros((4, 1));
    for test_size in [0.0, 1.0, -0.2, 20.0, f64::NAN] {
        let error = train_test_split(&x, &array![0, 0, 1, 1], test_size, 0).unwrap_err();
        assert!(
            matches!(
                error,
                Error::InvalidParameter {
                    name: "test_size",
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = train_test_split(&x, &array![0, 1], 0.5, 0).unwrap_err();
    assert!(matches!(error, Error::LengthMismatch { .. }));
    let stratified = |labels: Array1<usize>, test_size| {
        TrainTestSplit::new(test_size)
            .stratify(&labels)
            .split_indices(labels.len())
            .unwrap_err()
    };
    assert_eq!(
        stratified(array![0, 0, 0, 5], 0.5),
        Error::ClassTooSmall { label: 5, count: 1 }
    );
    assert!(matches!(
        stratified(array![0, 0, 1, 1], 0.25),
        Error::SplitTooSmall {
            side: "test",
            needed: 2,
            found: 1,
            n_samples: 4
        }
    ));
    assert!(TrainTestSplit::new(0.5).split_indices(0).is_err());
    assert!(TrainTestSplit::new(0.5).split_indices(1).is_err());
}
