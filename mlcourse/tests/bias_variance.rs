//! The parts of expected losses against NumPy's, and what they say of models.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::bias_variance::{Decomposition, decompose_squared_error, decompose_zero_one_loss};
use mlcourse::prelude::*;
use serde_json::Value;

fn close(ours: f64, theirs: &Value) -> bool {
    (ours - theirs.as_f64().unwrap()).abs() < 1e-14
}

#[test]
fn parts_are_those_of_the_formulas() {
    for case in cases("bias_variance") {
        let parts = if case["harmful"].is_null() {
            decompose_squared_error(&table(&case["predictions"]), &floats(&case["y"])).unwrap()
        } else {
            let rows = list(&case["predictions"]);
            let flat: Vec<usize> = rows.iter().flat_map(labels).collect();
            let predictions =
                Array2::from_shape_vec((rows.len(), flat.len() / rows.len()), flat).unwrap();
            let parts = decompose_zero_one_loss(&predictions, &labels(&case["y"])).unwrap();
            assert!(close(parts.harmful_variance(), &case["harmful"]), "{parts}");
            assert!(close(parts.helpful_variance(), &case["helpful"]), "{parts}");
            parts
        };
        assert!(close(parts.loss(), &case["loss"]), "{parts}");
        assert!(close(parts.bias(), &case["bias"]), "{parts}");
        assert!(close(parts.variance(), &case["variance"]), "{parts}");
    }
}

/// A noisy sine, to fit polynomials to.
fn sine(n: usize, phase: usize) -> (Array2<f64>, Array1<f64>) {
    let x = Array2::from_shape_fn((n, 1), |(row, _)| {
        ((row * 37 + phase * 11) % n) as f64 / n as f64 * 6.0 - 3.0
    });
    let noise = |row: usize| (((row * 7919 + phase * 104_729) % 101) as f64 / 50.0 - 1.0) * 0.3;
    let y = (0..n).map(|row| x[[row, 0]].sin() + noise(row)).collect();
    (x, y)
}

#[test]
fn bias_falls_and_variance_rises_with_the_degree_of_a_polynomial() {
    let ((x, y), (x_test, y_test)) = (sine(41, 0), sine(53, 1));
    let parts = |degree| {
        let bend = PolynomialFeatures::new()
            .degree(degree)
            .include_bias(false)
            .fit(&x)
            .unwrap();
        let model = LinearRegression::new().tol(1e-12);
        let (train, test) = (
            bend.transform(&x).unwrap(),
            bend.transform(&x_test).unwrap(),
        );
        BiasVariance::new()
            .regression(&model, (&train, &y), &test, &y_test)
            .unwrap()
    };
    let (line, cubic, wild) = (parts(1), parts(3), parts(9));
    println!("{line}{cubic}{wild}");
    for parts in [&line, &cubic, &wild] {
        assert!((parts.loss() - parts.bias() - parts.variance()).abs() < 1e-12 * parts.loss());
        assert_eq!(parts.n_rounds(), 200);
    }
    assert!(line.bias() > 1.5 * cubic.bias());
    assert!(wild.variance() > 1.5 * cubic.variance());
    assert!(cubic.loss() < line.loss() && cubic.loss() < wild.loss());
}

#[test]
fn one_neighbour_varies_more_than_many() {
    let iris = datasets::iris();
    let (x_train, x_test, y_train, y_test) =
        train_test_split(iris.features(), iris.labels().unwrap(), 0.3, 3).unwrap();
    let parts = |k| {
        let model = KNeighborsClassifier::new().n_neighbors(k);
        let rounds = BiasVariance::new().n_rounds(60);
        rounds
            .classification(&model, (&x_train, &y_train), &x_test, &y_test)
            .unwrap()
    };
    let (one, many) = (parts(1), parts(60));
    assert!(
        one.variance() > 0.0 && many.bias() >= one.bias(),
        "{one}{many}"
    );
    for parts in [one, many] {
        let sum = parts.bias() + parts.harmful_variance() - parts.helpful_variance();
        assert!((parts.loss() - sum).abs() < 1e-12);
    }
}

#[test]
fn a_sample_of_one_class_is_drawn_again() {
    let (x, y) = (array![[0.0], [1.0], [2.0]], array![0, 0, 1]);
    let rounds = BiasVariance::new().n_rounds(100);
    let parts = rounds
        .classification(&LogisticRegression::new(), (&x, &y), &x, &y)
        .unwrap();
    assert!(parts.loss() < 0.5, "{parts}");
}

#[test]
fn the_same_seed_gives_the_same_bits_at_any_number_of_threads() {
    let (x, y) = sine(30, 2);
    let in_pool = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let rounds = BiasVariance::new().n_rounds(20).seed(seed);
        pool.install(|| rounds.regression(&Ridge::new(), (&x, &y), &x, &y).unwrap())
    };
    assert_eq!(in_pool(1, 5), in_pool(3, 5));
    assert_ne!(in_pool(1, 5), in_pool(1, 6));
    let parts = in_pool(2, 5);
    let text = serde_json::to_string(&parts).unwrap();
    assert_eq!(serde_json::from_str::<Decomposition>(&text).unwrap(), parts);
    assert!(
        parts.to_string().contains("20 bootstrap samples"),
        "{parts}"
    );
}

#[test]
fn what_does_not_fit_is_an_error() {
    let (x, y) = sine(30, 2);
    let none = BiasVariance::new().n_rounds(0);
    let error = none
        .regression(&Ridge::new(), (&x, &y), &x, &y)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::InvalidParameter {
                name: "n_rounds",
                ..
            }
        ),
        "{error}"
    );
    let few = y.slice(s![..4]);
    let error = BiasVariance::new()
        .regression(&Ridge::new(), (&x, &y), &x, &few)
        .unwrap_err();
    assert!(matches!(error, Error::LengthMismatch { .. }), "{error}");
    let error = BiasVariance::new().regression(&Ridge::new().alpha(-1.0), (&x, &y), &x, &y);
    assert!(matches!(
        error,
        Err(Error::InvalidParameter { name: "alpha", .. })
    ));
    let empty = Array2::<usize>::zeros((0, 3));
    assert!(matches!(
        decompose_zero_one_loss(&empty, &array![1, 2, 3]),
        Err(Error::Empty { .. })
    ));
    let nan = array![[f64::NAN]];
    assert!(matches!(
        decompose_squared_error(&nan, &array![1.0]),
        Err(Error::NotFinite { .. })
    ));
}
