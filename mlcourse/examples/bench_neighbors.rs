//! Times of nearest neighbours: `name<TAB>median_ms<TAB>check`, to read beside scikit-learn's on the same data.
//!
//!     cargo run --release -p mlcourse --example bench_neighbors
#![allow(missing_docs)]

#[path = "common/datagen.rs"]
mod datagen;

use mlcourse::neighbors::Algorithm;
use mlcourse::prelude::*;
use std::hint::black_box;
use std::time::Instant;

/// The median of some runs, in milliseconds.
fn median(mut run: impl FnMut(), runs: usize) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn main() -> mlcourse::Result<()> {
    let labels: Array1<usize> = (0..100_000)
        .map(|i| (datagen::bits(11, i) % 10) as usize)
        .collect();
    let mut x = datagen::matrix(12, 100_000, 20);
    for (mut row, &label) in x.outer_iter_mut().zip(&labels) {
        for (column, value) in row.iter_mut().enumerate() {
            let center = datagen::uniform(10, (label * 20 + column) as u64) * 20.0 - 10.0;
            *value = center + 2.0 * *value;
        }
    }
    let queries = x.slice(s![..2000, ..]).mapv(|value| value + 0.01);
    for (name, algorithm) in [("brute", Algorithm::Brute), ("kd_tree", Algorithm::KdTree)] {
        let start = Instant::now();
        let model = KNeighborsClassifier::new()
            .algorithm(algorithm)
            .fit((&x, &labels))?;
        println!(
            "knn5_{name}_fit_100kx20\t{:.2}\t-",
            start.elapsed().as_secs_f64() * 1e3
        );
        let time = median(|| drop(black_box(model.predict(&queries))), 5);
        let sum: usize = model.predict(&queries)?.sum();
        println!("knn5_{name}_100kx20_q2k\t{time:.2}\t{sum}");
    }
    for columns in [2, 4, 6, 8, 10, 12] {
        let few = datagen::matrix(50, 100_000, columns);
        let queries = datagen::matrix(51, 5000, columns);
        for (name, algorithm) in [("brute", Algorithm::Brute), ("kd_tree", Algorithm::KdTree)] {
            let model = NearestNeighbors::new().algorithm(algorithm).fit(&few)?;
            let time = median(|| drop(black_box(model.kneighbors(&queries))), 3);
            let sum = model.kneighbors(&queries)?.0.sum();
            println!("nn5_{name}_100kx{columns}_q5k\t{time:.2}\t{sum:.9}");
        }
    }
    let mut train = datagen::matrix(25, 100_000, 20);
    for row in 0..5000 {
        let copied = (datagen::bits(26, row as u64) % 95_000) as usize;
        let copy = train.row(copied).to_owned();
        train.row_mut(95_000 + row).assign(&copy);
    }
    let mut test = datagen::matrix(27, 20_000, 20);
    for row in 0..1000 {
        let leaked = (datagen::bits(28, row as u64) % 95_000) as usize;
        test.row_mut(row).assign(&train.row(leaked));
    }
    let model = NearestNeighbors::new()
        .n_neighbors(1)
        .algorithm(Algorithm::Brute)
        .fit(&train)?;
    let start = Instant::now();
    let (distances, _) = model.kneighbors(&test)?;
    let time = start.elapsed().as_secs_f64() * 1e3;
    let near = distances
        .iter()
        .filter(|distance| **distance < 1e-6)
        .count();
    println!("neardup_nn1_brute_100k_train_20k_test\t{time:.2}\t{near}");
    Ok(())
}
