//! Nearest neighbours against scikit-learn's, and against comparing with every sample.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{cases, distance, file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::estimator::{Parameter, Parameters};
use mlcourse::neighbors::{Algorithm, Weights};
use mlcourse::prelude::*;
use serde_json::Value;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Auto, Algorithm::Brute, Algorithm::KdTree];

fn random(n: usize, p: usize, seed: u64) -> Array2<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    Array2::from_shape_simple_fn((n, p), || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    })
}

fn set<M: Parameters>(mut model: M, parameters: &Value) -> M {
    for (name, value) in parameters.as_object().unwrap() {
        let value = match value {
            Value::String(text) if text == "inf" => Parameter::Float(f64::INFINITY),
            Value::String(text) => Parameter::Text(text.clone()),
            Value::Number(value) if value.is_u64() => Parameter::Integer(value.as_i64().unwrap()),
            value => Parameter::Float(value.as_f64().unwrap()),
        };
        model.set_parameter(name, &value).unwrap();
    }
    model
}

#[test]
fn classes_probabilities_means_and_distances_are_scikit_learns() {
    let sets = file("neighbors_data");
    for case in cases("neighbors") {
        let set_ = &sets[case["data"].as_str().unwrap()];
        let (x, queries) = (table(&set_["x"]), table(&set_["queries"]));
        for algorithm in ALGORITHMS {
            let name = format!("{} {} {algorithm}", case["data"], case["parameters"]);
            let model = set(KNeighborsRegressor::new(), &case["parameters"]).algorithm(algorithm);
            let fitted = model.fit((&x, &floats(&set_["y"]))).unwrap();
            let means = distance(
                &fitted.predict(&queries).unwrap(),
                &floats(&case["regression"]),
            );
            assert!(means < 1e-11, "{name}: {means:e}");
            let (distances, indices) = fitted.kneighbors(&queries.slice(s![..15, ..])).unwrap();
            let difference = distance(&distances, &table(&case["distances"]));
            assert!(difference < 1e-12, "{name}: distances {difference:e}");
            check_indices(&indices, &distances, &case["indices"], &name);
            if case["predictions"].is_null() {
                continue;
            }
            let model = set(KNeighborsClassifier::new(), &case["parameters"]).algorithm(algorithm);
            let fitted = model.fit((&x, &labels(&set_["y"]))).unwrap();
            assert_eq!(
                fitted.predict(&queries).unwrap(),
                labels(&case["predictions"]),
                "{name}"
            );
            let shares = distance(
                &fitted.predict_proba(&queries).unwrap(),
                &table(&case["probabilities"]),
            );
            assert!(shares < 1e-12, "{name}: {shares:e}");
        }
    }
}

/// The same neighbours, but for those that are equally near, which scikit-learn's tree gives in any order.
fn check_indices(ours: &Array2<usize>, distances: &Array2<f64>, theirs: &Value, name: &str) {
    for (query, theirs) in list(theirs).iter().enumerate() {
        let theirs = labels(theirs);
        let row = distances.row(query);
        for (place, &index) in ours.row(query).iter().enumerate() {
            let tied = (0..row.len())
                .any(|other| other != place && (row[other] - row[place]).abs() < 1e-12)
                || place + 1 == row.len();
            assert!(
                tied || index == theirs[place],
                "{name}: query {query}, place {place}"
            );
        }
    }
}

/// The k nearest by comparing with every sample, ties by index.
fn naive(x: &Array2<f64>, query: ArrayView1<f64>, k: usize, p: f64) -> Vec<usize> {
    let mut ranked: Vec<(f64, usize)> = x
        .outer_iter()
        .enumerate()
        .map(|(index, row)| {
            let differences = row.iter().zip(query).map(|(a, b)| (a - b).abs());
            let rank = if p == f64::INFINITY {
                differences.fold(0.0, f64::max)
            } else {
                differences.map(|d| d.powf(p)).sum()
            };
            (rank, index)
        })
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    ranked.into_iter().take(k).map(|(_, index)| index).collect()
}

#[test]
fn every_algorithm_finds_what_comparing_with_every_sample_finds() {
    for (n, columns, k, p) in [
        (700, 3, 5, 2.0),
        (700, 3, 1, 1.0),
        (2500, 20, 9, 2.0),
        (1500, 2, 40, f64::INFINITY),
        (300, 5, 300, 2.0),
        (1025, 9, 7, 3.0),
        (3, 1, 2, 2.0),
    ] {
        let x = random(n, columns, n as u64);
        let queries = random(70, columns, 77) * 1.2;
        for algorithm in ALGORITHMS {
            let model = NearestNeighbors::new()
                .n_neighbors(k)
                .p(p)
                .algorithm(algorithm);
            let (_, indices) = model.fit(&x).unwrap().kneighbors(&queries).unwrap();
            for (query, found) in queries.outer_iter().zip(indices.outer_iter()) {
                assert_eq!(
                    found.to_vec(),
                    naive(&x, query, k, p),
                    "{n} × {columns}, {k}, {p}, {algorithm}"
                );
            }
        }
    }
}

#[test]
fn of_equally_near_samples_the_first_comes_first() {
    // Points of a grid, each there several times, asked for from the middle of a square.
    let x = Array2::from_shape_fn((2000, 3), |(row, column)| {
        ((row / [1, 4, 16][column]) % 4) as f64
    });
    let queries = Array2::from_shape_fn((20, 3), |(row, column)| ((row + column) % 7) as f64 / 2.0);
    for algorithm in ALGORITHMS {
        let fitted = NearestNeighbors::new()
            .n_neighbors(50)
            .algorithm(algorithm)
            .fit(&x)
            .unwrap();
        let (distances, indices) = fitted.kneighbors(&queries).unwrap();
        for (query, found) in queries.outer_iter().zip(indices.outer_iter()) {
            assert_eq!(found.to_vec(), naive(&x, query, 50, 2.0), "{algorithm}");
        }
        assert!(
            distances
                .outer_iter()
                .all(|row| row.iter().zip(row.iter().skip(1)).all(|(a, b)| a <= b))
        );
    }
}

#[test]
fn all_samples_the_same_are_found_in_order() {
    let x = Array2::from_elem((600, 4), 0.1);
    for algorithm in ALGORITHMS {
        let fitted = NearestNeighbors::new()
            .algorithm(algorithm)
            .fit(&x)
            .unwrap();
        let (distances, indices) = fitted.kneighbors(&x.slice(s![..20, ..])).unwrap();
        assert!(distances.iter().all(|distance| *distance == 0.0));
        assert!(
            indices
                .outer_iter()
                .all(|row| row.to_vec() == [0, 1, 2, 3, 4]),
            "{algorithm}"
        );
    }
}

#[test]
fn far_from_zero_and_at_any_scale_distances_are_exact() {
    for (scale, offset) in [
        (1e-150, 0.0),
        (1.0, 1e9),
        (1e-3, 1e6),
        (1e140, 0.0),
        (1e300, 0.0),
        (1e-310, 0.0),
    ] {
        let x = random(1100, 6, 3) * scale + offset;
        let queries = x.slice(s![..40, ..]).to_owned();
        let brute = NearestNeighbors::new()
            .algorithm(Algorithm::Brute)
            .fit(&x)
            .unwrap();
        let tree = NearestNeighbors::new()
            .algorithm(Algorithm::KdTree)
            .fit(&x)
            .unwrap();
        let (distances, indices) = brute.kneighbors(&queries).unwrap();
        assert_eq!(
            (distances.clone(), indices.clone()),
            tree.kneighbors(&queries).unwrap(),
            "{scale:e}"
        );
        // Squares of differences below 1e-160 are 0, and then all are near.
        if scale > 1e-160 && scale < 1e150 {
            assert!(
                (0..40).all(|query| indices[[query, 0]] == query && distances[[query, 0]] == 0.0),
                "{scale:e}"
            );
            assert!(
                distances.column(1).iter().all(|distance| *distance > 0.0),
                "{scale:e}"
            );
        }
    }
}

#[test]
fn queries_far_away_find_the_nearest_too() {
    let x = random(1500, 10, 6);
    let mut queries = random(30, 10, 7);
    for (row, mut query) in queries.outer_iter_mut().enumerate() {
        query *= 10.0_f64.powi(row as i32 - 5);
    }
    let brute = NearestNeighbors::new()
        .algorithm(Algorithm::Brute)
        .fit(&x)
        .unwrap();
    let (_, indices) = brute.kneighbors(&queries).unwrap();
    for query in 0..queries.nrows() {
        // One query alone is measured exactly.
        let (_, alone) = brute
            .kneighbors(&queries.slice(s![query..query + 1, ..]))
            .unwrap();
        assert_eq!(indices.row(query), alone.row(0), "{query}");
    }
}

#[test]
fn a_query_gets_the_same_answer_alone_and_among_others_at_any_number_of_threads() {
    let x = random(3000, 12, 1);
    let y: Array1<usize> = (0..3000)
        .map(|row| usize::from(x[[row, 0]] > 0.0) + row % 2)
        .collect();
    let queries = random(200, 12, 2);
    let fitted = KNeighborsClassifier::new()
        .weights(Weights::Distance)
        .fit((&x, &y))
        .unwrap();
    let in_pool = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let tree = KNeighborsClassifier::new()
                .algorithm(Algorithm::KdTree)
                .fit((&x, &y))
                .unwrap();
            (
                fitted.predict_proba(&queries).unwrap(),
                tree.kneighbors(&queries).unwrap(),
                tree,
            )
        })
    };
    let one = in_pool(1);
    assert_eq!(one, in_pool(2));
    let back = fitted.predict_proba(&queries.slice(s![..;-1, ..])).unwrap();
    assert_eq!(one.0, back.slice(s![..;-1, ..]));
    for query in 0..5 {
        let alone = fitted
            .predict_proba(&queries.slice(s![query..query + 1, ..]))
            .unwrap();
        assert_eq!(alone.row(0), one.0.row(query));
    }
}

#[test]
fn a_tie_of_votes_goes_to_the_lowest_label() {
    let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![9, 9, 4, 4]);
    let fitted = KNeighborsClassifier::new()
        .n_neighbors(4)
        .fit((&x, &y))
        .unwrap();
    assert_eq!(fitted.classes(), [4, 9]);
    assert_eq!(fitted.predict(&array![[0.0]]).unwrap(), array![4]);
    assert_eq!(
        fitted.predict_proba(&array![[0.0]]).unwrap(),
        array![[0.5, 0.5]]
    );
    let one = KNeighborsClassifier::new()
        .n_neighbors(1)
        .fit((&x, &array![7, 7, 7, 7]))
        .unwrap();
    assert_eq!(one.predict(&array![[5.0]]).unwrap(), array![7]);
}

#[test]
fn by_distance_a_sample_at_distance_zero_decides_alone() {
    let (x, y) = (
        array![[0.0], [0.0], [1.0], [2.0]],
        array![2.0, 4.0, 100.0, 100.0],
    );
    let model = KNeighborsRegressor::new()
        .n_neighbors(4)
        .weights(Weights::Distance);
    let fitted = model.fit((&x, &y)).unwrap();
    assert_eq!(fitted.predict(&array![[0.0]]).unwrap(), array![3.0]);
    let between = fitted.predict(&array![[1.5]]).unwrap()[0];
    assert!(
        (between - (6.0 / 1.5 + 100.0 * 4.0) / (2.0 / 1.5 + 4.0)).abs() < 1e-12,
        "{between}"
    );
}

#[test]
fn a_saved_model_reads_back_the_same() {
    let iris = datasets::iris();
    for algorithm in ALGORITHMS {
        let model = KNeighborsClassifier::new().algorithm(algorithm);
        let fitted = model
            .fit((iris.features(), iris.labels().unwrap()))
            .unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        let read: mlcourse::neighbors::FittedKNeighborsClassifier =
            serde_json::from_str(&text).unwrap();
        assert_eq!(read, fitted);
        assert_eq!(
            read.predict(iris.features()).unwrap(),
            fitted.predict(iris.features()).unwrap()
        );
    }
}

#[test]
fn the_algorithm_is_chosen_by_shape_and_shown() {
    let chosen = |n, p| {
        NearestNeighbors::new()
            .fit(&random(n, p, 1))
            .unwrap()
            .algorithm()
    };
    assert_eq!(chosen(5000, 3), Algorithm::KdTree);
    assert_eq!(chosen(5000, 40), Algorithm::Brute);
    assert_eq!(chosen(20, 3), Algorithm::Brute);
    let iris = datasets::iris();
    let fitted = KNeighborsClassifier::new()
        .fit((iris.features(), iris.labels().unwrap()))
        .unwrap();
    assert!(
        fitted
            .to_string()
            .contains("the 5 nearest of 150 samples × 4 features"),
        "{fitted}"
    );
}

#[test]
fn what_does_not_fit_is_an_error() {
    let (x, y) = (array![[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], array![0, 1, 1]);
    let model = || KNeighborsClassifier::new().n_neighbors(2);
    let name = |error: Error| match error {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(
        name(KNeighborsClassifier::new().fit((&x, &y)).unwrap_err()),
        "n_neighbors"
    );
    assert_eq!(
        name(model().n_neighbors(0).fit((&x, &y)).unwrap_err()),
        "n_neighbors"
    );
    assert_eq!(name(model().p(0.5).fit((&x, &y)).unwrap_err()), "p");
    assert_eq!(name(model().p(f64::NAN).fit((&x, &y)).unwrap_err()), "p");
    assert_eq!(
        name(model().leaf_size(0).fit((&x, &y)).unwrap_err()),
        "leaf_size"
    );
    let weighted = model().fit((&x, &y, &array![1.0, 1.0, 2.0])).unwrap_err();
    assert_eq!(name(weighted), "sample_weight");
    assert!(matches!(
        model().fit((&x, &array![0, 1])),
        Err(Error::LengthMismatch { .. })
    ));
    assert!(matches!(
        model().fit((&Array2::zeros((0, 2)), &array![])),
        Err(Error::Empty { .. })
    ));
    let nan = array![[0.0, 1.0], [f64::NAN, 0.0], [2.0, 2.0]];
    assert!(matches!(
        model().fit((&nan, &y)),
        Err(Error::NotFinite { row: 1, .. })
    ));
    let numbers = KNeighborsRegressor::new()
        .n_neighbors(1)
        .fit((&x, &array![0.0, f64::NAN, 1.0]));
    assert!(matches!(
        numbers,
        Err(Error::NotFinite {
            what: "y",
            row: 1,
            ..
        })
    ));
    let fitted = model().fit((&x, &y)).unwrap();
    assert!(matches!(
        fitted.predict(&array![[1.0]]),
        Err(Error::FeatureCount {
            expected: 2,
            found: 1,
            ..
        })
    ));
    assert!(matches!(
        fitted.predict(&array![[1.0, f64::INFINITY]]),
        Err(Error::NotFinite { .. })
    ));
    assert_eq!(name(fitted.nearest(&x, 4).unwrap_err()), "n_neighbors");
    assert_eq!(fitted.nearest(&x, 3).unwrap().1.dim(), (3, 3));
}
