//! Centred data by columns, for what cannot do with its second moments.

use super::moments::Samples;
use crate::Result;
use faer::MatRef;
use ndarray::{Array1, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Columns that are copied at a time: what a row holds of them lies together.
const PANEL: usize = 64;

/// √s · (x − x̄) by columns and √s · (y − ȳ), with the means: for data that is as wide as it is tall, or whose columns
/// nearly depend on each other.
pub(super) struct Centred {
    columns: Vec<f64>,
    /// ‖X_j‖².
    pub norms2: Vec<f64>,
    pub y: Vec<f64>,
    pub x_mean: Array1<f64>,
    pub y_mean: f64,
    pub weight: f64,
}

impl Centred {
    pub(super) fn of(samples: &Samples<'_>, center: bool) -> Result<Self> {
        let n_samples = samples.len();
        let mut columns = vec![0.0; samples.x.len()];
        let mut x_mean = vec![0.0; samples.n_features()];
        let mut norms2 = vec![0.0; samples.n_features()];
        let total_weight = samples
            .weight
            .map_or(n_samples as f64, |weight| weight.sum());
        let centring = Centring {
            center,
            weight: samples.weight.map(|weight| weight.to_vec()),
            roots: samples.weight.map(|weight| weight.mapv(f64::sqrt).to_vec()),
            total_weight,
        };
        columns
            .par_chunks_mut(PANEL * n_samples)
            .zip(x_mean.par_chunks_mut(PANEL))
            .zip(norms2.par_chunks_mut(PANEL))
            .enumerate()
            .for_each(|(panel, ((columns, means), norms2))| {
                let first = panel * PANEL;
                let x = samples.x.slice(s![.., first..first + means.len()]);
                copy_by_columns(x, columns);
                let columns = columns.chunks_exact_mut(n_samples);
                for ((column, mean), norm2) in columns.zip(means).zip(norms2) {
                    *mean = centring.apply(column);
                    *norm2 = dot(column, column);
                }
            });
        let mut y = samples.y.to_vec();
        let y_mean = centring.apply(&mut y);
        // Sums of squares overflow before anything else does.
        let column = norms2.iter().position(|norm2| !norm2.is_finite());
        if column.is_some() || !dot(&y, &y).is_finite() {
            return Err(samples.not_finite(column));
        }
        Ok(Self {
            columns,
            norms2,
            y,
            x_mean: x_mean.into(),
            y_mean,
            weight: total_weight,
        })
    }

    pub(super) fn n_features(&self) -> usize {
        self.x_mean.len()
    }

    pub(super) fn column(&self, column: usize) -> &[f64] {
        let n_samples = self.y.len();
        &self.columns[column * n_samples..(column + 1) * n_samples]
    }

    /// The table, shape (n_samples, n_features).
    pub(super) fn table(&self) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(&self.columns, self.y.len(), self.n_features())
    }

    /// Xᵀv.
    pub(super) fn products(&self, v: &[f64]) -> Vec<f64> {
        (0..self.n_features())
            .into_par_iter()
            .with_min_len(PANEL)
            .map(|column| dot(self.column(column), v))
            .collect()
    }

    /// b = ȳ − wᵀx̄.
    pub(super) fn intercept(&self, coef: &Array1<f64>) -> f64 {
        self.y_mean - self.x_mean.dot(coef)
    }
}

fn copy_by_columns(x: ArrayView2<'_, f64>, columns: &mut [f64]) {
    let n_samples = x.nrows();
    if x.strides()[0] == 1 {
        for (column, to) in x
            .axis_iter(Axis(1))
            .zip(columns.chunks_exact_mut(n_samples))
        {
            to.iter_mut()
                .zip(column)
                .for_each(|(to, value)| *to = *value);
        }
        return;
    }
    for (row, values) in x.outer_iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            columns[column * n_samples + row] = *value;
        }
    }
}

struct Centring {
    center: bool,
    weight: Option<Vec<f64>>,
    roots: Option<Vec<f64>>,
    total_weight: f64,
}

impl Centring {
    /// Centres and weights a column; returns its mean.
    fn apply(&self, column: &mut [f64]) -> f64 {
        let mean = if self.center { self.mean(column) } else { 0.0 };
        match &self.roots {
            None => column.iter_mut().for_each(|value| *value -= mean),
            Some(roots) => column
                .iter_mut()
                .zip(roots)
                .for_each(|(value, root)| *value = root * (*value - mean)),
        }
        mean
    }

    /// The weighted mean; of a constant column it is that constant.
    fn mean(&self, column: &[f64]) -> f64 {
        let first = column[0];
        let sum: f64 = match &self.weight {
            None => column.iter().map(|value| value - first).sum(),
            Some(weight) => column
                .iter()
                .zip(weight)
                .map(|(value, weight)| weight * (value - first))
                .sum(),
        };
        first + sum / self.total_weight
    }
}

/// aᵀb, in eight sums that go side by side.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// y += step · x.
pub(super) fn add_scaled(y: &mut [f64], step: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += step * x;
    }
}
