//! Times of logistic regression, clustering and support vectors on the data of `bench/datagen.py`.
//!
//! One line a row: name, median milliseconds, a value to check the result by. An argument selects rows by name.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "common/streams.rs"]
mod datagen;

use datagen::{normals, u64s, uniforms};
use mlcourse::classification::Solver;
use mlcourse::prelude::*;
use std::time::Instant;

/// Runs `work` a few times; prints the median and the value of the last run.
fn row<T>(name: &str, repetitions: usize, work: impl Fn() -> T, value: impl Fn(&T) -> f64) {
    if let Some(wanted) = std::env::args().nth(1)
        && !name.contains(&wanted)
    {
        return;
    }
    let mut times = Vec::new();
    let mut last = work();
    for _ in 0..repetitions {
        let start = Instant::now();
        last = work();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{name}\t{:.1}\t{}", times[times.len() / 2], value(&last));
}

fn matrix(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_vec((rows, columns), normals(seed, rows * columns)).unwrap()
}

fn linear(x: &Array2<f64>, weights: &[f64], start: f64) -> Array1<f64> {
    x.outer_iter()
        .map(|x| x.iter().zip(weights).fold(start, |sum, (x, w)| sum + x * w))
        .collect()
}

fn logistic() {
    let x = matrix(5, 100_000, 50);
    let weights: Vec<f64> = (0..50).map(|k| f64::from(k % 7 - 3) / 5.0).collect();
    let y2: Array1<usize> = linear(&x, &weights, 0.2)
        .iter()
        .zip(uniforms(7, 100_000))
        .map(|(z, p)| usize::from(p < 1.0 / (1.0 + (-z).exp())))
        .collect();
    let w: Vec<f64> = normals(8, 500).iter().map(|w| w * 0.4).collect();
    let scores: Vec<Array1<f64>> = w.chunks(50).map(|w| linear(&x, w, 0.0)).collect();
    let gumbel: Vec<f64> = uniforms(9, 1_000_000)
        .iter()
        .map(|u| -(-u.clamp(1e-300, 1.0 - 1e-16).ln()).ln())
        .collect();
    let y10: Array1<usize> = (0..100_000)
        .map(|i| {
            (0..10).fold(0, |best, c| {
                let value = |c: usize| scores[c][i] + gumbel[i * 10 + c];
                if value(c) > value(best) { c } else { best }
            })
        })
        .collect();
    let newton = || LogisticRegression::new().solver(Solver::NewtonCholesky);
    row(
        "logreg_lbfgs_bin_100kx50",
        5,
        || LogisticRegression::new().fit((&x, &y2)).unwrap(),
        |m| m.score(&x, &y2).unwrap(),
    );
    row(
        "logreg_newtonchol_bin_100kx50",
        5,
        || newton().fit((&x, &y2)).unwrap(),
        |m| m.score(&x, &y2).unwrap(),
    );
    row(
        "logreg_lbfgs_10c_100kx50",
        5,
        || LogisticRegression::new().fit((&x, &y10)).unwrap(),
        |m| m.score(&x, &y10).unwrap(),
    );
    row(
        "logreg_newtonchol_10c_100kx50",
        1,
        || newton().fit((&x, &y10)).unwrap(),
        |m| m.score(&x, &y10).unwrap(),
    );
    row(
        "logreg_l1_bin_100kx50",
        3,
        || {
            LogisticRegression::new()
                .l1_ratio(1.0)
                .c(0.01)
                .fit((&x, &y2))
                .unwrap()
        },
        |m| m.score(&x, &y2).unwrap(),
    );
}

fn clusters() {
    let centers: Vec<f64> = uniforms(10, 200).iter().map(|u| u * 20.0 - 10.0).collect();
    let noise = normals(12, 2_000_000);
    let x: Vec<f64> = u64s(11, 100_000)
        .enumerate()
        .flat_map(|(row, label)| {
            let center = &centers[(label % 10) as usize * 20..][..20];
            center
                .iter()
                .zip(&noise[row * 20..])
                .map(|(c, g)| c + 2.0 * g)
                .collect::<Vec<_>>()
        })
        .collect();
    let x = Array2::from_shape_vec((100_000, 20), x).unwrap();
    let model = || KMeans::new().n_clusters(10);
    row(
        "kmeans_lloyd_100kx20_k10_ninit1",
        5,
        || model().n_init(1).fit(&x).unwrap(),
        |m| m.inertia(),
    );
    row(
        "kmeans_lloyd_100kx20_k10_ninit10",
        3,
        || model().n_init(10).fit(&x).unwrap(),
        |m| m.inertia(),
    );
    let first = x.slice(s![..10, ..]).to_owned();
    row(
        "kmeans_lloyd_fixedinit_20iter",
        5,
        || {
            model()
                .centers(first.clone())
                .max_iter(20)
                .tol(0.0)
                .fit(&x)
                .unwrap()
        },
        |m| m.inertia(),
    );
    let hard = matrix(5, 100_000, 50);
    let first = hard.slice(s![..10, ..]).to_owned();
    row(
        "kmeans_hard_100kx50_50iter",
        3,
        || {
            model()
                .centers(first.clone())
                .max_iter(50)
                .tol(0.0)
                .fit(&hard)
                .unwrap()
        },
        |m| m.inertia(),
    );
    row(
        "minibatch_kmeans_100kx20_k10",
        5,
        || MiniBatchKMeans::new().n_clusters(10).fit(&x).unwrap(),
        |m| m.inertia(),
    );
    let few = x.slice(s![..5_000, ..]).to_owned();
    row(
        "ward_5kx20",
        3,
        || {
            AgglomerativeClustering::new()
                .n_clusters(10)
                .fit(&few)
                .unwrap()
        },
        |m| m.distances()[4_998],
    );
    let flat = x.slice(s![..50_000, ..3]).to_owned();
    row(
        "dbscan_50kx3",
        3,
        || DBSCAN::new().eps(0.3).fit(&flat).unwrap(),
        |m| m.n_clusters() as f64,
    );
}

fn vectors() {
    let all = matrix(16, 20_000, 20);
    let noise = normals(17, 20_000);
    let score: Vec<f64> = all
        .outer_iter()
        .zip(noise)
        .map(|(x, g)| x[0] * x[1] + x[2] * x[2] - x[3].abs() + 0.5 * x[4] + 0.3 * g)
        .collect();
    let mut sorted = score.clone();
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| {
        let place = q * 19_999.0;
        let (low, share) = (place.floor() as usize, place.fract());
        sorted[low] + share * (sorted[low + 1] - sorted[low])
    };
    let (low, high) = (quantile(1.0 / 3.0), quantile(2.0 / 3.0));
    let y: Array1<usize> = score[..5_000]
        .iter()
        .map(|&s| usize::from(s >= low) + usize::from(s >= high))
        .collect();
    let x = all.slice(s![..5_000, ..]).to_owned();
    row(
        "svc_rbf_5kx20",
        3,
        || SVC::new().fit((&x, &y)).unwrap(),
        |m| m.score(&x, &y).unwrap(),
    );
    row(
        "svc_rbf_5kx20_support",
        1,
        || SVC::new().fit((&x, &y)).unwrap(),
        |m| m.support().len() as f64,
    );
    let fitted = SVC::new().fit((&x, &y)).unwrap();
    row(
        "svc_rbf_predict_5k",
        3,
        || fitted.predict(&x).unwrap(),
        |p| p.sum() as f64,
    );
    let number: Array1<f64> = score[..5_000].iter().copied().collect();
    row(
        "svr_rbf_5kx20",
        1,
        || SVR::new().fit((&x, &number)).unwrap(),
        |m| m.score(&x, &number).unwrap(),
    );
    row(
        "linear_svc_5kx20",
        3,
        || LinearSVC::new().fit((&x, &y)).unwrap(),
        |m| m.score(&x, &y).unwrap(),
    );
}

fn main() {
    logistic();
    clusters();
    vectors();
}
