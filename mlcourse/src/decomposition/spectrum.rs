//! The variances of a table along its principal components, found in three ways.

use super::components::Components;
use super::randomized::{Effort, exact_singular, largest_singular};
use crate::estimator::value::Value as _;
use crate::linalg::{self, flip_by_rows, gram_of_rows};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, Axis, s};
use rayon::prelude::*;

/// Components, how much each explains, and how much there is to explain.
pub(super) struct Spectrum {
    pub variances: Array1<f64>,
    pub components: Array2<f64>,
    total: f64,
}

impl Spectrum {
    fn new(variances: Array1<f64>, mut components: Array2<f64>, total: f64) -> Self {
        flip_by_rows(&mut components);
        Self {
            variances,
            components,
            total,
        }
    }

    /// The mean variance of the components after the first `n_components`, of `most` there are.
    pub(super) fn noise(&self, n_components: usize, most: usize) -> f64 {
        if n_components == most {
            return 0.0;
        }
        let rest = if self.variances.len() == most {
            self.variances.slice(s![n_components..]).sum()
        } else {
            (self.total - self.variances.slice(s![..n_components]).sum()).max(0.0)
        };
        rest / (most - n_components) as f64
    }

    /// The share that each explains; 0 where there is nothing to explain.
    pub(super) fn ratios(&self) -> Array1<f64> {
        let total = if self.total > 0.0 { self.total } else { 1.0 };
        &self.variances / total
    }
}

/// The mean of each column, in blocks of rows. A number that is not finite leaves no finite sum, so that the table is
/// looked through only then.
pub(super) fn column_means(x: &ArrayRef2<f64>) -> Result<Array1<f64>> {
    let (n_samples, n_features) = x.dim();
    let len = n_samples.div_ceil(64).max(256);
    let blocks: Vec<Array1<f64>> = (0..n_samples.div_ceil(len))
        .into_par_iter()
        .map(|block| {
            x.slice(s![block * len..n_samples.min((block + 1) * len), ..])
                .sum_axis(Axis(0))
        })
        .collect();
    let mut means = Array1::zeros(n_features);
    for block in &blocks {
        means += block;
    }
    means /= n_samples as f64;
    if let Some(column) = means.iter().position(|mean| !mean.is_finite()) {
        check::table("x", x)?;
        return Err(Error::Overflow { what: "x", column });
    }
    Ok(means)
}

pub(super) fn by_svd(x: &ArrayRef2<f64>, mean: &Array1<f64>) -> Result<Spectrum> {
    let centred = &x.view() - mean;
    overflow(x, centred.iter().map(|value| value * value).sum())?;
    let (values, components) = exact_singular("PCA::fit", &centred, x.nrows().min(x.ncols()))?;
    let degrees = x.nrows() as f64 - 1.0;
    let variances = values.mapv(|value| value * value / degrees);
    let total = variances.sum();
    Ok(Spectrum::new(variances, components, total))
}

/// The covariance is summed over centred rows, so that a mean far from 0 costs no digits.
pub(super) fn by_covariance(x: &ArrayRef2<f64>, mean: &Array1<f64>) -> Result<Spectrum> {
    let (n_samples, n_features) = x.dim();
    let mut covariance = gram_of_rows(n_samples, n_features, &|start, rows| {
        centre(x, mean, start, rows);
    });
    covariance /= n_samples as f64 - 1.0;
    overflow(x, covariance.sum())?;
    let eigen = linalg::eigh(&covariance)?;
    let n_kept = n_samples.min(n_features);
    // Largest first; rounding may have made a variance of 0 negative.
    let variances: Array1<f64> = eigen
        .values()
        .iter()
        .rev()
        .map(|value| value.max(0.0))
        .collect();
    let total = variances.sum();
    let components = eigen.vectors().slice(s![.., ..;-1]).reversed_axes();
    Ok(Spectrum::new(
        variances.slice(s![..n_kept]).to_owned(),
        components
            .slice(s![..n_kept, ..])
            .as_standard_layout()
            .into_owned(),
        total,
    ))
}

/// x − μ, from row `start` on, as many rows as there is place for.
pub(super) fn centre(x: &ArrayRef2<f64>, mean: &Array1<f64>, start: usize, rows: &mut [f64]) {
    for (offset, row) in rows.chunks_exact_mut(mean.len()).enumerate() {
        let values = x.row(start + offset);
        for ((place, value), mean) in row.iter_mut().zip(&values).zip(mean) {
            *place = value - mean;
        }
    }
}

/// Squares of large numbers may not be finite.
fn overflow(x: &ArrayRef2<f64>, total: f64) -> Result<()> {
    if total.is_finite() {
        return Ok(());
    }
    let size = |column: usize| {
        x.column(column)
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()))
    };
    let column = (1..x.ncols()).fold(0, |best, column| {
        if size(column) > size(best) {
            column
        } else {
            best
        }
    });
    Err(Error::Overflow { what: "x", column })
}

/// The largest components alone.
pub(super) fn by_random_directions(
    x: &ArrayRef2<f64>,
    mean: &Array1<f64>,
    n_components: Components,
    effort: Effort,
) -> Result<Spectrum> {
    let Components::Count(n_components) = n_components else {
        return Err(Error::parameter(
            "n_components",
            "a whole number where `svd_solver` is `randomized`",
            n_components.to_parameter(),
        ));
    };
    let centred = &x.view() - mean;
    let squares = centred.iter().map(|value| value * value).sum::<f64>();
    overflow(x, squares)?;
    let (values, components) = largest_singular("PCA::fit", &centred, n_components, effort)?;
    let degrees = x.nrows() as f64 - 1.0;
    Ok(Spectrum::new(
        values.mapv(|value| value * value / degrees),
        components,
        squares / degrees,
    ))
}
