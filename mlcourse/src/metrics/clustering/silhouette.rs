use super::Clusters;
use crate::Result;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{Array1, ArrayRef1, ArrayRef2, Axis};
use rayon::prelude::*;

/// Rows handled by one task, and columns of distances at a time: a block of them stays in the cache.
const ROWS: usize = 64;
const COLUMNS: usize = 256;

/// A squared distance below this share of the squared norms has lost digits, and is computed again from the difference.
const CANCELLED: f64 = 1e-5;

/// How well each sample lies in its cluster, in \[−1, 1\], shape (n_samples): s = (b − a) / max(a, b), with a the mean
/// distance to the other samples of its cluster and b the smallest mean distance to the samples of another.
///
/// Near 1 it is far closer to its own cluster, near 0 between two, below 0 closer to another. A sample that is alone in its
/// cluster has 0. Distances are Euclidean.
///
/// Costs O(n² d) time, by matrix products in blocks, and O(n d) memory.
///
/// ```
/// use mlcourse::metrics::silhouette_samples;
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [1.0], [10.0], [11.0]];
/// let s = silhouette_samples(&x, &array![0, 0, 1, 1])?;
/// assert!((s[0] - (10.5 - 1.0) / 10.5).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *silhouette_samples*; Rousseeuw (1987).
///
/// # Errors
/// When the features are empty, not finite or differ in length from the labels, or there are not between 2 and
/// n_samples − 1 clusters.
pub fn silhouette_samples(x: &ArrayRef2<f64>, labels: &ArrayRef1<usize>) -> Result<Array1<f64>> {
    let clusters = Clusters::new(x, labels)?;
    let sorted = SortedRows::new(x, &clusters);
    let n_samples = x.nrows();
    let scores: Vec<f64> = (0..n_samples.div_ceil(ROWS))
        .into_par_iter()
        .flat_map_iter(|block| {
            let rows = block * ROWS..n_samples.min((block + 1) * ROWS);
            sorted.scores(rows)
        })
        .collect();
    let mut of_samples = Array1::zeros(n_samples);
    for (&sample, score) in sorted.order.iter().zip(scores) {
        of_samples[sample] = score;
    }
    Ok(of_samples)
}

/// The mean of [`silhouette_samples`]: 1 for tight clusters far apart, below 0 for a clustering that puts samples into the
/// wrong ones. The number of clusters where it is largest is often a good one.
///
/// ```
/// use mlcourse::metrics::silhouette_score;
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [1.0], [10.0], [11.0]];
/// assert!(silhouette_score(&x, &array![0, 0, 1, 1])? > 0.89);
/// assert!(silhouette_score(&x, &array![0, 1, 0, 1])? < 0.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *silhouette_score*.
///
/// # Errors
/// As [`silhouette_samples`].
pub fn silhouette_score(x: &ArrayRef2<f64>, labels: &ArrayRef1<usize>) -> Result<f64> {
    let scores = silhouette_samples(x, labels)?;
    Ok(scores.sum() / scores.len() as f64)
}

/// The samples one cluster after the other, around their mean.
struct SortedRows {
    /// Which sample stands in each row.
    order: Vec<usize>,
    /// Where each cluster starts, and where the last ends.
    starts: Vec<usize>,
    /// The features, row by row.
    values: Vec<f64>,
    n_features: usize,
    /// The squared norm of each row.
    norms: Vec<f64>,
}

impl SortedRows {
    fn new(x: &ArrayRef2<f64>, clusters: &Clusters) -> Self {
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        order.sort_by_key(|&sample| clusters.of[sample]);
        let mut starts = vec![0];
        for size in &clusters.sizes {
            starts.push(starts[starts.len() - 1] + size);
        }
        let centre = x.map_axis(Axis(0), |column| {
            column
                .iter()
                .map(|value| value / x.nrows() as f64)
                .sum::<f64>()
        });
        let mut values = Vec::with_capacity(x.len());
        for &sample in &order {
            values.extend(
                x.row(sample)
                    .iter()
                    .zip(&centre)
                    .map(|(value, centre)| value - centre),
            );
        }
        let n_features = x.ncols();
        let norms = values
            .chunks_exact(n_features)
            .map(|row| row.iter().map(|value| value * value).sum())
            .collect();
        Self {
            order,
            starts,
            values,
            n_features,
            norms,
        }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.n_features..(row + 1) * self.n_features]
    }

    /// The silhouettes of some rows.
    fn scores(&self, rows: std::ops::Range<usize>) -> Vec<f64> {
        let n_clusters = self.starts.len() - 1;
        let n_samples = self.order.len();
        let mut sums = vec![0.0; rows.len() * n_clusters];
        let mut block = vec![0.0; ROWS * COLUMNS];
        for start in (0..n_samples).step_by(COLUMNS) {
            let columns = start..n_samples.min(start + COLUMNS);
            let products = &mut block[..rows.len() * columns.len()];
            self.products(rows.clone(), columns.clone(), products);
            for (place, row) in rows.clone().enumerate() {
                let width = columns.len();
                let distances = &mut products[place * width..(place + 1) * width];
                self.distances(row, columns.clone(), distances);
                let sums = &mut sums[place * n_clusters..(place + 1) * n_clusters];
                self.add_up(columns.clone(), distances, sums);
            }
        }
        let of_row = |(place, row)| self.score(row, &sums[place * n_clusters..][..n_clusters]);
        rows.enumerate().map(of_row).collect()
    }

    /// −2 X_rows X_columnsᵀ.
    fn products(
        &self,
        rows: std::ops::Range<usize>,
        columns: std::ops::Range<usize>,
        products: &mut [f64],
    ) {
        let part = |range: std::ops::Range<usize>| {
            let values = &self.values[range.start * self.n_features..range.end * self.n_features];
            MatRef::from_row_major_slice(values, range.len(), self.n_features)
        };
        let (height, width) = (rows.len(), columns.len());
        matmul(
            MatMut::from_row_major_slice_mut(products, height, width),
            Accum::Replace,
            part(rows),
            part(columns).transpose(),
            -2.0,
            Par::Seq,
        );
    }

    /// Makes distances of products: ‖x − y‖² = ‖x‖² + ‖y‖² − 2 xᵀy.
    fn distances(&self, row: usize, columns: std::ops::Range<usize>, products: &mut [f64]) {
        let norm = self.norms[row];
        let norms = &self.norms[columns.clone()];
        // A count, and no early end: so that several are computed at once.
        let mut n_cancelled = 0_u64;
        for (product, other) in products.iter_mut().zip(norms) {
            let norms = norm + other;
            *product += norms;
            n_cancelled += u64::from(*product <= CANCELLED * norms);
        }
        if n_cancelled > 0 {
            for ((place, square), other) in products.iter_mut().enumerate().zip(norms) {
                if *square <= CANCELLED * (norm + other) {
                    let pairs = self.row(row).iter().zip(self.row(columns.start + place));
                    *square = pairs.map(|(x, y)| (x - y) * (x - y)).sum();
                }
            }
        }
        products
            .iter_mut()
            .for_each(|square| *square = square.sqrt());
    }

    /// Adds the distances to the sum of each cluster.
    fn add_up(&self, columns: std::ops::Range<usize>, distances: &[f64], sums: &mut [f64]) {
        let first = self.starts.partition_point(|&start| start <= columns.start) - 1;
        for (cluster, sum) in sums.iter_mut().enumerate().skip(first) {
            let start = self.starts[cluster].max(columns.start);
            let end = self.starts[cluster + 1].min(columns.end);
            if start >= end {
                break;
            }
            let part = &distances[start - columns.start..end - columns.start];
            // Four sums side by side: each alone would wait for the one before.
            let blocks = part.chunks_exact(4);
            let rest: f64 = blocks.remainder().iter().sum();
            let mut lanes = [0.0; 4];
            for block in blocks {
                for (lane, distance) in lanes.iter_mut().zip(block) {
                    *lane += distance;
                }
            }
            *sum += (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest;
        }
    }

    fn score(&self, row: usize, sums: &[f64]) -> f64 {
        let own = self.starts.partition_point(|&start| start <= row) - 1;
        let size = |cluster: usize| (self.starts[cluster + 1] - self.starts[cluster]) as f64;
        let within = sums[own] / (size(own) - 1.0);
        let nearest = (0..sums.len())
            .filter(|&cluster| cluster != own)
            .map(|cluster| sums[cluster] / size(cluster))
            .fold(f64::INFINITY, f64::min);
        let score = (nearest - within) / within.max(nearest);
        // Alone in its cluster, or all distances 0.
        if score.is_nan() || size(own) == 1.0 {
            0.0
        } else {
            score
        }
    }
}
