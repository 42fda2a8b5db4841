//! Sums, means and variances of each class, in one walk over the rows.

use super::Labelled;
use ndarray::{Array1, Array2, s};
use rayon::prelude::*;

/// Weight, mean and sum of squared distances from the mean of each class and feature.
pub(super) struct Moments {
    pub weight: Array1<f64>,
    pub mean: Array2<f64>,
    /// Σ w (x − mean)², shape (n_classes, n_features).
    pub squares: Array2<f64>,
}

/// A block's sums may hold this many numbers in all.
const MOST_SUMS: usize = 1 << 22;

/// How many rows a block has: it depends on the shape alone, so that the sums round alike on any number of threads.
fn block_len(n_rows: usize, n_sums: usize) -> usize {
    let n_blocks = (MOST_SUMS / n_sums.max(1)).clamp(1, 256);
    n_rows.div_ceil(n_blocks).max(512)
}

impl Moments {
    pub(super) fn of_classes(data: &Labelled<'_>) -> Self {
        Self::new(data, data.classes.len(), &|row| {
            (data.places[row], data.weight(row))
        })
    }

    /// All rows as one class, each counting once.
    pub(super) fn of_all(data: &Labelled<'_>) -> Self {
        Self::new(data, 1, &|_| (0, 1.0))
    }

    fn new(
        data: &Labelled<'_>,
        n_classes: usize,
        class_and_weight: &(dyn Fn(usize) -> (usize, f64) + Sync),
    ) -> Self {
        let (n_rows, n_features) = data.x.dim();
        let len = block_len(n_rows, 2 * n_classes * n_features);
        let starts: Vec<usize> = (0..n_rows).step_by(len).collect();
        let blocks: Vec<Self> = starts
            .par_iter()
            .map(|&start| {
                Self::of_block(
                    data,
                    n_classes,
                    class_and_weight,
                    start..n_rows.min(start + len),
                )
            })
            .collect();
        let mut blocks = blocks.into_iter();
        let first = blocks.next().expect("there is at least one row");
        blocks.fold(first, Self::merge)
    }

    /// Two walks over rows that the cache still holds: the means, then the distances from them.
    fn of_block(
        data: &Labelled<'_>,
        n_classes: usize,
        class_and_weight: &dyn Fn(usize) -> (usize, f64),
        rows: std::ops::Range<usize>,
    ) -> Self {
        let n_features = data.x.ncols();
        let mut weight = Array1::zeros(n_classes);
        let mut mean = Array2::<f64>::zeros((n_classes, n_features));
        let mut squares = Array2::<f64>::zeros((n_classes, n_features));
        let block = data.x.slice(s![rows.clone(), ..]);
        let values = block.as_slice().expect("rows lie together");
        let sums = mean
            .as_slice_mut()
            .expect("a fresh array is in standard layout");
        for (row, values) in rows.clone().zip(values.chunks_exact(n_features)) {
            let (class, row_weight) = class_and_weight(row);
            weight[class] += row_weight;
            let sums = &mut sums[class * n_features..][..n_features];
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += row_weight * value;
            }
        }
        for (class, &weight) in weight.iter().enumerate() {
            if weight > 0.0 {
                mean.row_mut(class).mapv_inplace(|sum| sum / weight);
            }
        }
        let means = mean
            .as_slice()
            .expect("a fresh array is in standard layout");
        let sums = squares
            .as_slice_mut()
            .expect("a fresh array is in standard layout");
        for (row, values) in rows.zip(values.chunks_exact(n_features)) {
            let (class, row_weight) = class_and_weight(row);
            let sums = &mut sums[class * n_features..][..n_features];
            let means = &means[class * n_features..][..n_features];
            for ((sum, mean), value) in sums.iter_mut().zip(means).zip(values) {
                let distance = value - mean;
                *sum += row_weight * distance * distance;
            }
        }
        Self {
            weight,
            mean,
            squares,
        }
    }

    /// Both together: T. F. Chan, G. H. Golub, R. J. LeVeque, *Updating formulae and a pairwise algorithm for computing
    /// sample variances*, 1979.
    fn merge(mut self, other: Self) -> Self {
        for class in 0..self.weight.len() {
            let (ours, theirs) = (self.weight[class], other.weight[class]);
            let total = ours + theirs;
            if theirs == 0.0 {
                continue;
            }
            for feature in 0..self.mean.ncols() {
                let place = [class, feature];
                let distance = other.mean[place] - self.mean[place];
                self.mean[place] += distance * (theirs / total);
                self.squares[place] +=
                    other.squares[place] + distance * distance * (ours * theirs / total);
            }
            self.weight[class] = total;
        }
        self
    }

    /// The largest population variance of a feature over all classes together.
    pub(super) fn largest_variance(&self) -> f64 {
        let total = self.weight.sum();
        (0..self.mean.ncols())
            .map(|feature| {
                // From the first mean, so that means far from 0 lose no digit.
                let means = &self.mean.column(feature) - self.mean[[0, feature]];
                let grand = means.dot(&self.weight) / total;
                let between: f64 = means
                    .iter()
                    .zip(&self.weight)
                    .map(|(mean, weight)| weight * (mean - grand).powi(2))
                    .sum();
                (self.squares.column(feature).sum() + between) / total
            })
            .fold(0.0, f64::max)
    }
}

/// Σ w x of each class and feature, shape (n_classes, n_features), and whether a number was negative or not finite.
#[allow(clippy::manual_range_contains)]
pub(super) fn class_sums(data: &Labelled<'_>) -> (Array2<f64>, bool) {
    let (n_rows, n_features) = data.x.dim();
    let n_classes = data.classes.len();
    let len = block_len(n_rows, n_classes * n_features);
    let starts: Vec<usize> = (0..n_rows).step_by(len).collect();
    let blocks: Vec<(Array2<f64>, bool)> = starts
        .par_iter()
        .map(|&start| {
            let rows = start..n_rows.min(start + len);
            let mut sums = Array2::<f64>::zeros((n_classes, n_features));
            let all = sums
                .as_slice_mut()
                .expect("a fresh array is in standard layout");
            let block = data.x.slice(s![rows.clone(), ..]);
            let values = block.as_slice().expect("rows lie together");
            let mut wrong = false;
            for (row, values) in rows.zip(values.chunks_exact(n_features)) {
                let weight = data.weight(row);
                let sums = &mut all[data.places[row] * n_features..][..n_features];
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum += weight * value;
                    // Not `contains`: without a branch the loop runs on several numbers at once.
                    wrong |= !((value >= 0.0) & (value < f64::INFINITY));
                }
            }
            (sums, wrong)
        })
        .collect();
    let mut total = Array2::zeros((n_classes, n_features));
    let mut wrong = false;
    for (sums, block_wrong) in blocks {
        total += &sums;
        wrong |= block_wrong;
    }
    (total, wrong)
}
