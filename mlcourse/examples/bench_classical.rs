//! Times of logistic regression, clustering and support vectors on the data of `bench/datagen.py`.
//!
//! One line a row: name, median milliseconds, a value to check the result by. An argument selects rows by name.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "common/datagen.rs"]
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

fn main() {
    let _ = u64s(0, 1);
    logistic();
}
