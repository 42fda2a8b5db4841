//! Times the metrics on a million rows: `name<TAB>median_ms<TAB>value`, one line each.
//!
//!     cargo run --release -p mlcourse --example bench_metrics
//!
//! The data are those of the other benchmarks, bit by bit: a SplitMix64 counter stream, and normals as sums of four
//! uniforms.

use mlcourse::metrics::{
    Ranking, Tally, average_precision, balanced_accuracy, log_loss_binary, roc_auc, roc_curve,
    silhouette_score,
};
use mlcourse::prelude::*;
use std::time::Instant;

const N: u64 = 1_000_000;

fn main() -> mlcourse::Result<()> {
    let y_true: Array1<usize> = (0..N).map(|i| (random(18, i) % 10) as usize).collect();
    let y_pred: Array1<usize> = (0..N)
        .map(|i| match uniform(19, i) < 0.8 {
            true => y_true[i as usize],
            false => (random(20, i) % 10) as usize,
        })
        .collect();
    let weights: Array1<f64> = (0..N).map(|i| uniform(40, i)).collect();
    let y: Array1<usize> = (0..N).map(|i| usize::from(uniform(21, i) < 0.3)).collect();
    let scores: Array1<f64> = (0..N)
        .map(|i| {
            let z = normal(22, i) + 1.2 * y[i as usize] as f64 - 0.6;
            1.0 / (1.0 + (-z).exp())
        })
        .collect();
    let rounded = scores.mapv(|score| (score * 1e4).round_ties_even() / 1e4);

    time("classification_report_1M_10c", || {
        let report = classification_report(&y_true, &y_pred)?
            .digits(4)
            .to_string();
        Ok(report.len() as f64)
    })?;
    time("report_weighted_1M_10c", || {
        Ok(Tally::weighted(&y_true, &y_pred, &weights)?
            .report()?
            .accuracy())
    })?;
    time("confusion_matrix_1M", || {
        Ok(confusion_matrix(&y_true, &y_pred)?.counts()[[0, 0]] as f64)
    })?;
    time("f1_weighted_1M", || {
        f1_score(&y_true, &y_pred, Average::Weighted)
    })?;
    time("balanced_accuracy_1M", || {
        balanced_accuracy(&y_true, &y_pred)
    })?;
    time("accuracy_1M", || accuracy(&y_true, &y_pred))?;
    time("roc_auc_s_1M", || roc_auc(&y, &scores))?;
    time("roc_auc_s_ties_1M", || roc_auc(&y, &rounded))?;
    time("roc_auc_weighted_1M", || {
        Ok(Ranking::weighted(&y, &scores, &weights)?.roc_auc())
    })?;
    time("average_precision_1M", || average_precision(&y, &scores))?;
    time("roc_curve_1M", || {
        Ok(roc_curve(&y, &scores)?.fpr.len() as f64)
    })?;
    time("log_loss_1M", || log_loss_binary(&y, &scores))?;

    // Ten blobs of 1000 samples in 20 dimensions.
    let x = Array2::from_shape_fn((10_000, 20), |(row, column)| {
        let centre = uniform(10, ((row % 10) * 20 + column) as u64) * 20.0 - 10.0;
        centre + 2.0 * normal(12, (row * 20 + column) as u64)
    });
    let clusters = Array1::from_shape_fn(10_000, |row| row % 10);
    time("silhouette_10kx20", || silhouette_score(&x, &clusters))
}

/// The median of several runs, in milliseconds, after one that warms up.
fn time(name: &str, run: impl Fn() -> mlcourse::Result<f64>) -> mlcourse::Result<()> {
    let mut value = run()?;
    let mut times = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        value = run()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{name}\t{:.3}\t{value}", times[times.len() / 2]);
    Ok(())
}

/// Number `index` of the stream of `seed`.
fn random(seed: u64, index: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xD1B5_4A32_D192_ED03)
        .wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number in [0, 1).
fn uniform(seed: u64, index: u64) -> f64 {
    (random(seed, index) >> 11) as f64 * 2.0_f64.powi(-53)
}

/// A number of mean 0 and variance 1 (Irwin-Hall of order 4).
fn normal(seed: u64, index: u64) -> f64 {
    let u = |part| uniform(seed, 4 * index + part);
    (u(0) + u(1) + u(2) + u(3) - 2.0) * 1.732_050_807_568_877_2
}
