//! Clusterings against scikit-learn's and SciPy's.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod common;

use common::{distance, file, floats, labels, list, table};
use mlcourse::cluster::{FittedDBSCAN, FittedKMeans, Init};
use mlcourse::estimator::Parameters;
use mlcourse::prelude::*;
use mlcourse::warning::Warning;
use mlcourse::{Error, cluster};
use serde_json::Value;

fn signed(value: &Value) -> Array1<i64> {
    list(value)
        .iter()
        .map(|label| label.as_i64().unwrap())
        .collect()
}

fn kmeans(case: &Value) -> KMeans {
    let mut model = KMeans::new().centers(table(&case["start"]));
    for (name, value) in case["parameters"].as_object().unwrap() {
        model = match name.as_str() {
            "max_iter" => model.max_iter(value.as_u64().unwrap() as usize),
            "tol" => model.tol(value.as_f64().unwrap()),
            other => panic!("unknown parameter {other}"),
        };
    }
    model
}

#[test]
fn from_the_same_centres_kmeans_takes_scikit_learns_steps() {
    let data = file("cluster");
    for case in list(&data["kmeans"]) {
        let x = table(&data["data"][case["x"].as_str().unwrap()]);
        let fitted = if case["weighted"] == true {
            kmeans(case)
                .fit_weighted(&x, &floats(&data["weight"]))
                .unwrap()
        } else {
            kmeans(case).fit(&x).unwrap()
        };
        let name = format!("{} {} {}", case["x"], case["start"], case["parameters"]);
        assert_eq!(fitted.labels(), labels(&case["labels"]), "{name}");
        assert!(
            distance(fitted.cluster_centers(), &table(&case["centers"])) < 1e-9,
            "{name}"
        );
        assert!(
            (fitted.inertia() - case["inertia"].as_f64().unwrap()).abs() < 1e-8,
            "{name}"
        );
        assert_eq!(
            fitted.n_iter() as u64,
            case["n_iter"].as_u64().unwrap(),
            "{name}"
        );
        let near = fitted
            .transform(&x.slice(s![..x.nrows().min(5), ..]))
            .unwrap();
        assert!(distance(&near, &table(&case["transform"])) < 1e-7, "{name}");
        assert_eq!(fitted.history().len(), fitted.n_iter() + 1);
        assert_eq!(fitted.steps().len(), fitted.n_iter() + 1);
        assert_eq!(fitted.predict(&x).unwrap(), fitted.labels());
        if case["weighted"] == false {
            assert!((fitted.score(&x).unwrap() + fitted.inertia()).abs() < 1e-9);
        }
    }
}

fn mean_inertia(fit: impl Fn(u64) -> f64) -> f64 {
    (0..200).map(fit).sum::<f64>() / 200.0
}

#[test]
fn over_many_seeds_the_starts_are_as_good_as_scikit_learns() {
    let data = file("cluster");
    for name in ["blobs", "iris"] {
        let bands = &data["bands"][name];
        let x = if name == "iris" {
            datasets::iris().features().clone()
        } else {
            table(&data["data"][name])
        };
        let k = bands["k"].as_u64().unwrap() as usize;
        let model = |seed| KMeans::new().n_clusters(k).seed(seed);
        let single = mean_inertia(|seed| model(seed).fit(&x).unwrap().inertia());
        let random = mean_inertia(|seed| {
            model(seed)
                .init(Init::Random)
                .n_init(1)
                .fit(&x)
                .unwrap()
                .inertia()
        });
        let mini = mean_inertia(|seed| {
            MiniBatchKMeans::new()
                .n_clusters(k)
                .batch_size(32)
                .seed(seed)
                .fit(&x)
                .unwrap()
                .inertia()
        });
        let best = (0..10)
            .map(|seed| model(seed).n_init(10).fit(&x).unwrap().inertia())
            .fold(f64::INFINITY, f64::min);
        println!("{name}: {single} {random} {mini} {best}, scikit-learn {bands}");
        for (ours, theirs, band) in [
            (single, "single", 0.04),
            (random, "random", 0.15),
            (mini, "mini_batch", 0.06),
            (best, "best", 1e-6),
        ] {
            let theirs = bands[theirs].as_f64().unwrap();
            assert!(
                (ours / theirs - 1.0).abs() < band,
                "{name}: {ours} {theirs}"
            );
        }
    }
}

#[test]
fn lloyds_iteration_is_that_of_a_few_plain_lines() {
    let data = file("cluster");
    let x = table(&data["data"]["blobs"]);
    let mut centers = x.slice(s![..4, ..]).to_owned();
    let fitted = KMeans::new()
        .centers(centers.clone())
        .tol(0.0)
        .max_iter(3)
        .fit(&x)
        .unwrap();
    let squared =
        |a: ArrayView1<f64>, b: ArrayView1<f64>| (&a - &b).mapv(|apart| apart * apart).sum();
    for _ in 0..3 {
        let label: Vec<usize> = x
            .outer_iter()
            .map(|row| {
                (0..4)
                    .min_by(|&a, &b| {
                        squared(row, centers.row(a)).total_cmp(&squared(row, centers.row(b)))
                    })
                    .unwrap()
            })
            .collect();
        for cluster in 0..4 {
            let rows: Vec<usize> = (0..x.nrows())
                .filter(|&row| label[row] == cluster)
                .collect();
            centers
                .row_mut(cluster)
                .assign(&x.select(Axis(0), &rows).mean_axis(Axis(0)).unwrap());
        }
    }
    assert!(distance(fitted.cluster_centers(), &centers) < 1e-12);
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_a_weight_of_zero_is_no_row() {
    let data = file("cluster");
    let x = table(&data["data"]["blobs"]);
    let weight: Array1<f64> = (0..x.nrows()).map(|row| (row % 3) as f64).collect();
    let rows: Vec<usize> = (0..x.nrows()).flat_map(|row| vec![row; row % 3]).collect();
    let model = || KMeans::new().centers(x.slice(s![..5, ..]).to_owned());
    let weighted = model().fit_weighted(&x, &weight).unwrap();
    let repeated = model().fit(&x.select(Axis(0), &rows)).unwrap();
    assert!(distance(weighted.cluster_centers(), repeated.cluster_centers()) < 1e-9);
    assert!((weighted.inertia() - repeated.inertia()).abs() < 1e-8);
    assert_eq!(weighted.labels().len(), x.nrows());
}

#[test]
fn fewer_different_rows_than_clusters_are_said() {
    let x = array![[1.0], [1.0], [2.0], [2.0]];
    let fitted = KMeans::new().n_clusters(3).fit(&x).unwrap();
    assert_eq!(
        fitted.warnings(),
        [Warning::FewerClusters { asked: 3, found: 2 }]
    );
    assert_eq!(fitted.inertia(), 0.0);
}

#[test]
fn one_thread_or_two_give_the_same_bits() {
    let x = Array2::from_shape_fn((10_000, 3), |(row, column)| {
        ((row * (column + 3)) as f64).sin()
    });
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                KMeans::new().seed(3).fit(&x).unwrap(),
                MiniBatchKMeans::new().seed(3).fit(&x).unwrap(),
                DBSCAN::new().eps(0.05).fit(&x).unwrap(),
            )
        })
    };
    assert_eq!(on(1), on(2));
    assert_ne!(on(1).0, KMeans::new().seed(4).fit(&x).unwrap());
}

#[test]
fn the_merge_tree_is_scipys_and_its_cuts_are_scikit_learns() {
    let data = file("cluster");
    for case in list(&data["trees"]) {
        let x = table(&data["data"][case["x"].as_str().unwrap()]);
        let linkage: Linkage = case["linkage"].as_str().unwrap().parse().unwrap();
        let matrix = table(&case["matrix"]);
        for (k, expected) in case["cuts"].as_object().unwrap() {
            let model = AgglomerativeClustering::new()
                .n_clusters(k.parse().unwrap())
                .linkage(linkage);
            let fitted = model.fit(&x).unwrap();
            let name = format!("{} {linkage} {k}", case["x"]);
            assert!(distance(&fitted.linkage_matrix(), &matrix) < 1e-9, "{name}");
            // scikit-learn's tree of single linkage has other left and right sides: other numbers for many clusters.
            let same_numbers = linkage != Linkage::Single || (case["x"] == "blobs" && k.len() == 1);
            if same_numbers {
                assert_eq!(fitted.labels(), labels(expected), "{name}");
            }
        }
    }
}

#[test]
fn a_threshold_cuts_the_tree_at_a_distance() {
    let x = array![[0.0], [1.0], [5.0], [5.5], [20.0]];
    let cut = |threshold| {
        let model = AgglomerativeClustering::new()
            .linkage(Linkage::Single)
            .distance_threshold(threshold);
        model.fit(&x).unwrap().n_clusters()
    };
    assert_eq!(
        [0.1, 0.5, 0.75, 1.0, 4.5, 100.0].map(cut),
        [5, 5, 4, 4, 2, 1]
    );
    let alone = AgglomerativeClustering::new()
        .n_clusters(1)
        .fit(&array![[1.0]])
        .unwrap();
    assert_eq!(
        (alone.labels().to_vec(), alone.children().nrows()),
        (vec![0], 0)
    );
}

#[test]
fn dbscan_finds_scikit_learns_clusters() {
    let data = file("cluster");
    for case in list(&data["dbscan"]) {
        let x = table(&data["data"][case["x"].as_str().unwrap()]);
        let model = DBSCAN::new()
            .eps(case["eps"].as_f64().unwrap())
            .min_samples(case["min_samples"].as_u64().unwrap() as usize);
        let fitted = if case["weighted"] == true {
            model.fit_weighted(&x, &floats(&data["weight"])).unwrap()
        } else {
            model.fit(&x).unwrap()
        };
        assert_eq!(
            fitted.labels(),
            signed(&case["labels"]),
            "{} {}",
            case["x"],
            case["eps"]
        );
        assert_eq!(fitted.core_sample_indices(), labels(&case["core"]).to_vec());
    }
}

#[test]
fn the_neighbours_that_a_tree_finds_are_those_that_comparing_all_finds() {
    let x = Array2::from_shape_fn((500, 4), |(row, column)| {
        ((row * 7 + column * 31) as f64).sin()
    });
    let fitted = DBSCAN::new().eps(0.4).min_samples(4).fit(&x).unwrap();
    let core: Vec<usize> = (0..500)
        .filter(|&row| {
            let near = |other: &ArrayView1<f64>| {
                x.row(row)
                    .iter()
                    .zip(other)
                    .map(|(a, b)| (a - b).powi(2))
                    .sum::<f64>()
                    .sqrt()
                    <= 0.4
            };
            x.outer_iter().filter(near).count() >= 4
        })
        .collect();
    assert_eq!(fitted.core_sample_indices(), core);
}

#[test]
fn fitted_clusterings_survive_a_file_and_show_as_tables() {
    let x = array![[0.0], [0.1], [5.0]];
    let kmeans = KMeans::new().n_clusters(2).fit(&x).unwrap();
    let text = serde_json::to_string(&kmeans).unwrap();
    assert_eq!(serde_json::from_str::<FittedKMeans>(&text).unwrap(), kmeans);
    let dense = DBSCAN::new().min_samples(2).fit(&x).unwrap();
    let text = serde_json::to_string(&dense).unwrap();
    assert_eq!(serde_json::from_str::<FittedDBSCAN>(&text).unwrap(), dense);
    assert!(dense.to_string().contains("noise"));
    assert!(kmeans.to_string().contains("inertia 0.005"), "{kmeans}");
    assert!(
        AgglomerativeClustering::new()
            .fit(&x)
            .unwrap()
            .to_string()
            .contains("3 samples in 2 clusters")
    );
}

#[test]
fn hyperparameters_are_set_by_name() {
    let mut model = KMeans::new();
    model.set_parameter("init", &"random".into()).unwrap();
    model.set_parameter("n_init", &3_usize.into()).unwrap();
    assert_eq!(model, KMeans::new().init(Init::Random).n_init(3));
    let mut tree = AgglomerativeClustering::new();
    tree.set_parameter("linkage", &"average".into()).unwrap();
    assert_eq!(
        tree,
        AgglomerativeClustering::new().linkage(cluster::Linkage::Average)
    );
}

#[test]
fn what_cannot_be_clustered_is_an_error() {
    let x = array![[0.0], [1.0]];
    assert!(matches!(
        KMeans::new().fit(&x).unwrap_err(),
        Error::InvalidParameter {
            name: "n_clusters",
            ..
        }
    ));
    assert!(KMeans::new().n_clusters(0).fit(&x).is_err());
    assert!(KMeans::new().n_clusters(2).n_init(0).fit(&x).is_err());
    assert!(KMeans::new().n_clusters(2).tol(f64::NAN).fit(&x).is_err());
    assert!(matches!(
        KMeans::new()
            .centers(array![[1.0, 2.0]])
            .fit(&x)
            .unwrap_err(),
        Error::FeatureCount { .. }
    ));
    assert!(
        MiniBatchKMeans::new()
            .n_clusters(2)
            .batch_size(0)
            .fit(&x)
            .is_err()
    );
    assert!(
        AgglomerativeClustering::new()
            .n_clusters(3)
            .fit(&x)
            .is_err()
    );
    assert!(
        AgglomerativeClustering::new()
            .distance_threshold(-1.0)
            .fit(&x)
            .is_err()
    );
    assert!(DBSCAN::new().eps(0.0).fit(&x).is_err());
    assert!(DBSCAN::new().min_samples(0).fit(&x).is_err());
    let hole = array![[0.0], [f64::NAN]];
    assert!(matches!(
        KMeans::new().n_clusters(1).fit(&hole).unwrap_err(),
        Error::NotFinite { row: 1, .. }
    ));
    assert!(matches!(
        DBSCAN::new().fit(&hole).unwrap_err(),
        Error::NotFinite { .. }
    ));
    assert!(matches!(
        DBSCAN::new().fit(&Array2::zeros((0, 2))).unwrap_err(),
        Error::Empty { .. }
    ));
    let fitted = KMeans::new().n_clusters(1).fit(&x).unwrap();
    assert!(matches!(
        fitted.predict(&array![[1.0, 2.0]]).unwrap_err(),
        Error::FeatureCount { .. }
    ));
    assert!(
        KMeans::new()
            .n_clusters(1)
            .fit_weighted(&x, &array![1.0])
            .is_err()
    );
}
