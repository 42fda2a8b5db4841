//! Metrics of clusterings against scikit-learn's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{file, floats, labels, list, table};
use mlcourse::Error;
use mlcourse::metrics::{
    NormalizeBy, adjusted_mutual_info, adjusted_rand, calinski_harabasz, completeness,
    davies_bouldin, fowlkes_mallows, homogeneity, homogeneity_completeness_v_measure, mutual_info,
    normalized_mutual_info, rand_score, silhouette_samples, silhouette_score, v_measure,
};
use mlcourse::prelude::*;
use serde_json::Value;

fn close(ours: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    let tolerance = 1e-12 * theirs.abs().max(1.0);
    assert!(
        (ours - theirs).abs() <= tolerance,
        "{what}: {ours}, not {theirs}"
    );
}

#[test]
fn agreement_with_classes_is_scikit_learns() {
    for case in list(&file("metrics_clustering")["agreement"]) {
        let (a, b) = (labels(&case["a"]), labels(&case["b"]));
        let what = case["name"].as_str().unwrap();
        close(rand_score(&a, &b).unwrap(), &case["rand"], what);
        close(adjusted_rand(&a, &b).unwrap(), &case["adjusted_rand"], what);
        close(
            fowlkes_mallows(&a, &b).unwrap(),
            &case["fowlkes_mallows"],
            what,
        );
        close(mutual_info(&a, &b).unwrap(), &case["mutual_info"], what);
        for (name, by) in [
            ("arithmetic", NormalizeBy::Arithmetic),
            ("geometric", NormalizeBy::Geometric),
            ("min", NormalizeBy::Min),
            ("max", NormalizeBy::Max),
        ] {
            let what = format!("{what} {name}");
            close(
                normalized_mutual_info(&a, &b, by).unwrap(),
                &case["normalized"][name],
                &what,
            );
            // Where everything is by chance, 0/0 is left to rounding: ±ε / ±ε.
            if what.starts_with("each alone") || what.starts_with("discordant") {
                continue;
            }
            close(
                adjusted_mutual_info(&a, &b, by).unwrap(),
                &case["adjusted"][name],
                &what,
            );
        }
        for (beta, name) in [(1.0, "hcv"), (2.0, "hcv_2")] {
            let scores = homogeneity_completeness_v_measure(&a, &b, beta).unwrap();
            close(scores.homogeneity, &case[name][0], what);
            close(scores.completeness, &case[name][1], what);
            close(scores.v_measure, &case[name][2], what);
        }
        close(homogeneity(&a, &b).unwrap(), &case["hcv"][0], what);
        close(completeness(&a, &b).unwrap(), &case["hcv"][1], what);
        close(v_measure(&a, &b).unwrap(), &case["hcv"][2], what);
    }
}

#[test]
fn shapes_of_clusters_are_scikit_learns() {
    for case in list(&file("metrics_clustering")["shape"]) {
        let (x, clusters) = (table(&case["x"]), labels(&case["labels"]));
        let what = case["name"].as_str().unwrap();
        let tolerance = 1e-9;
        let ours = silhouette_samples(&x, &clusters).unwrap();
        for (ours, theirs) in ours.iter().zip(&floats(&case["silhouette"])) {
            assert!(
                (ours - theirs).abs() < tolerance,
                "{what}: {ours}, not {theirs}"
            );
        }
        let score = silhouette_score(&x, &clusters).unwrap();
        assert!(
            (score - case["score"].as_f64().unwrap()).abs() < tolerance,
            "{what}"
        );
        let ours = calinski_harabasz(&x, &clusters).unwrap();
        let theirs = case["calinski_harabasz"].as_f64().unwrap();
        assert!(
            (ours - theirs).abs() < 1e-7 * theirs.max(1.0),
            "{what}: {ours}, not {theirs}"
        );
        let ours = davies_bouldin(&x, &clusters).unwrap();
        let theirs = case["davies_bouldin"].as_f64().unwrap();
        assert!((ours - theirs).abs() < 1e-7, "{what}: {ours}, not {theirs}");
    }
}

/// The definition, pair by pair.
fn naive_silhouette(x: &Array2<f64>, labels: &Array1<usize>) -> Array1<f64> {
    let n_clusters = labels.iter().max().unwrap() + 1;
    let distance = |i: usize, j: usize| (&x.row(i) - &x.row(j)).mapv(|d| d * d).sum().sqrt();
    Array1::from_shape_fn(x.nrows(), |i| {
        let mean_to = |cluster: usize| {
            let others = (0..x.nrows()).filter(|&j| j != i && labels[j] == cluster);
            let distances: Vec<f64> = others.map(|j| distance(i, j)).collect();
            distances.iter().sum::<f64>() / distances.len() as f64
        };
        let within = mean_to(labels[i]);
        let others = (0..n_clusters).filter(|&cluster| cluster != labels[i]);
        let nearest = others.map(mean_to).fold(f64::INFINITY, f64::min);
        (nearest - within) / within.max(nearest)
    })
}

#[test]
fn silhouettes_by_blocks_are_those_by_pairs_even_where_digits_cancel() {
    // More than one block of rows and of columns; neighbours a millionth apart.
    let x = Array2::from_shape_fn((1500, 3), |(i, j)| {
        ((i / 2 * 31 + j * 17) % 101) as f64 + 1e-6 * (i % 2) as f64
    });
    let labels = Array1::from_shape_fn(1500, |i| (i / 2) % 4);
    let ours = silhouette_samples(&x, &labels).unwrap();
    let naive = naive_silhouette(&x, &labels);
    assert!(common::distance(&ours, &naive) < 1e-12);
}

#[test]
fn order_of_samples_and_number_of_threads_do_not_matter() {
    let x = Array2::from_shape_fn((300, 4), |(i, j)| ((i * 31 + j * 17) % 101) as f64);
    let labels = Array1::from_shape_fn(300, |i| (i * 7) % 3);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let ami = adjusted_mutual_info(&labels, &labels.mapv(|l| l / 2), NormalizeBy::Max);
            (silhouette_samples(&x, &labels).unwrap(), ami.unwrap())
        })
    };
    assert_eq!(run(1), run(2));
    let backward = silhouette_samples(&x.slice(s![..;-1, ..]), &labels.slice(s![..;-1])).unwrap();
    assert!(common::distance(backward.slice(s![..;-1]), &run(1).0) < 1e-12);
}

#[test]
fn renaming_clusters_changes_nothing() {
    let a = Array1::from_shape_fn(50, |i| (i * 7) % 4);
    let b = Array1::from_shape_fn(50, |i| (i * 11) % 3);
    let renamed = b.mapv(|label| 1_000_000 - 3 * label);
    let close = |left: f64, right: f64| (left - right).abs() < 1e-12;
    assert!(close(
        rand_score(&a, &b).unwrap(),
        rand_score(&a, &renamed).unwrap()
    ));
    assert!(close(
        mutual_info(&a, &b).unwrap(),
        mutual_info(&a, &renamed).unwrap()
    ));
    assert!(close(
        adjusted_rand(&a, &b).unwrap(),
        adjusted_rand(&renamed, &a).unwrap()
    ));
}

#[test]
fn data_that_does_not_fit_is_an_error() {
    let none: Array1<usize> = array![];
    assert!(matches!(rand_score(&none, &none), Err(Error::Empty { .. })));
    assert!(matches!(
        mutual_info(&array![0, 1], &array![0]),
        Err(Error::LengthMismatch { .. })
    ));
    let x = array![[0.0], [1.0], [2.0]];
    for labels in [array![0, 0, 0], array![0, 1, 2]] {
        let error = silhouette_score(&x, &labels).unwrap_err();
        assert!(error.to_string().contains("at least 2 clusters"), "{error}");
        assert!(davies_bouldin(&x, &labels).is_err());
        assert!(calinski_harabasz(&x, &labels).is_err());
    }
    let labels = array![0, 0, 1];
    assert!(matches!(
        silhouette_score(&array![[0.0], [f64::NAN], [1.0]], &labels),
        Err(Error::NotFinite { row: 1, .. })
    ));
    assert!(silhouette_score(&array![[0.0]], &labels).is_err());
    assert!(homogeneity_completeness_v_measure(&labels, &labels, -1.0).is_err());
}
