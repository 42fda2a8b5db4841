//! The objective of logistic regression and its gradient.

use ndarray::linalg::{general_mat_mul, general_mat_vec_mul};
use ndarray::{Array2, ArrayRef2, ArrayView2, ArrayViewMut2, Axis, s};

/// Rows that are multiplied at a time: they stay in the cache between the loss and the gradient.
const BLOCK: usize = 256;

/// (1/n) Σ loss(z_i, y_i) + (λ/2) ‖W‖², z = X Wᵀ + b, over the parameters \[W | b\], one row per output.
///
/// One output is the sigmoid's binary log-loss, K ≥ 3 outputs are the softmax's cross-entropy.
pub(super) struct LogisticLoss<'a> {
    /// The samples, row by row in memory.
    pub x: ArrayView2<'a, f64>,
    /// The class index of each sample.
    pub y: &'a [usize],
    pub n_outputs: usize,
    pub fit_intercept: bool,
    /// λ = 1 / (C n).
    pub l2: f64,
}

impl LogisticLoss<'_> {
    /// The number of parameters of one output.
    pub(super) fn n_columns(&self) -> usize {
        self.x.ncols() + usize::from(self.fit_intercept)
    }

    /// The value at `parameters`; its gradient is written into `gradient`.
    pub(super) fn evaluate(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        let shape = (self.n_outputs, self.n_columns());
        let (Ok(parameters), Ok(mut gradient)) = (
            ArrayView2::from_shape(shape, parameters),
            ArrayViewMut2::from_shape(shape, gradient),
        ) else {
            return f64::NAN;
        };
        gradient.fill(0.0);
        let n_samples = self.x.nrows() as f64;
        let mut loss = 0.0;
        let mut z = Array2::zeros((BLOCK.min(self.x.nrows()), self.n_outputs));
        for (x, y) in self
            .x
            .axis_chunks_iter(Axis(0), BLOCK)
            .zip(self.y.chunks(BLOCK))
        {
            let mut z = z.slice_mut(s![..x.nrows(), ..]);
            self.raw(x, &parameters, &mut z);
            loss += if self.n_outputs == 1 {
                binary_block(&mut z, y)
            } else {
                softmax_block(&mut z, y)
            };
            self.add_gradient(x, &z, &mut gradient);
        }
        gradient.map_inplace(|slope| *slope /= n_samples);
        let weights = parameters.slice(s![.., ..self.x.ncols()]);
        gradient
            .slice_mut(s![.., ..self.x.ncols()])
            .scaled_add(self.l2, &weights);
        loss / n_samples + 0.5 * self.l2 * weights.iter().map(|weight| weight * weight).sum::<f64>()
    }

    /// z = X Wᵀ + b for a block of rows.
    fn raw(&self, x: ArrayView2<f64>, parameters: &ArrayRef2<f64>, z: &mut ArrayRef2<f64>) {
        let n_features = x.ncols();
        if self.fit_intercept {
            z.assign(&parameters.column(n_features));
        } else {
            z.fill(0.0);
        }
        let weights = parameters.slice(s![.., ..n_features]);
        if self.n_outputs == 1 {
            general_mat_vec_mul(1.0, &x, &weights.row(0), 1.0, &mut z.column_mut(0));
        } else {
            general_mat_mul(1.0, &x, &weights.t(), 1.0, z);
        }
    }

    /// Adds Rᵀ\[X | 1\] for a block of residuals R.
    fn add_gradient(
        &self,
        x: ArrayView2<f64>,
        residuals: &ArrayRef2<f64>,
        gradient: &mut ArrayRef2<f64>,
    ) {
        let n_features = x.ncols();
        if self.fit_intercept {
            let mut intercept = gradient.column_mut(n_features);
            intercept += &residuals.sum_axis(Axis(0));
        }
        let mut weights = gradient.slice_mut(s![.., ..n_features]);
        if self.n_outputs == 1 {
            let mut weights = weights.row_mut(0);
            for (x, &residual) in x.outer_iter().zip(residuals.column(0)) {
                weights.scaled_add(residual, &x);
            }
        } else {
            general_mat_mul(1.0, &residuals.t(), &x, 1.0, &mut weights);
        }
    }
}

/// Σ log(1 + e^∓z), each z replaced by σ(z) − y.
fn binary_block(z: &mut ArrayRef2<f64>, y: &[usize]) -> f64 {
    let mut loss = 0.0;
    for (z, &y) in z.iter_mut().zip(y) {
        let against = if y == 1 { -*z } else { *z };
        loss += against.max(0.0) + (-against.abs()).exp().ln_1p();
        // σ(z) − 1 = −σ(−z) keeps its digits where σ(z) is near 1.
        *z = if y == 1 { -sigmoid(-*z) } else { sigmoid(*z) };
    }
    loss
}

/// Σ (log Σ e^z − z_y), each row of z replaced by softmax(z) − one-hot(y).
fn softmax_block(z: &mut ArrayRef2<f64>, y: &[usize]) -> f64 {
    let mut loss = 0.0;
    for (mut z, &y) in z.outer_iter_mut().zip(y) {
        let of_class = z[y];
        let largest = z.fold(f64::NEG_INFINITY, |largest, &z| largest.max(z));
        let mut sum = 0.0;
        z.map_inplace(|z| {
            *z = (*z - largest).exp();
            sum += *z;
        });
        loss += sum.ln() + largest - of_class;
        z.map_inplace(|z| *z /= sum);
        z[y] -= 1.0;
    }
    loss
}

/// σ(z) = 1 / (1 + e^−z), split by sign so that the exponential never overflows.
pub(super) fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let exp = z.exp();
        exp / (1.0 + exp)
    }
}

/// softmax(z)_k = e^{z_k − max z} / Σ_j e^{z_j − max z}, row by row, in place.
pub(super) fn softmax_rows(z: &mut ArrayRef2<f64>) {
    for mut z in z.outer_iter_mut() {
        let largest = z.fold(f64::NEG_INFINITY, |largest, &z| largest.max(z));
        z.map_inplace(|z| *z = (*z - largest).exp());
        let sum = z.sum();
        z.map_inplace(|z| *z /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array;

    fn gradient_error(n_outputs: usize) -> f64 {
        let x = Array::from_shape_fn((700, 3), |(row, column)| {
            ((row * 7 + column * 3) % 11) as f64 - 5.0
        });
        let y: Vec<usize> = (0..700).map(|row| row * 5 % n_outputs.max(2)).collect();
        let loss = LogisticLoss {
            x: x.view(),
            y: &y,
            n_outputs,
            fit_intercept: true,
            l2: 0.3,
        };
        let at: Vec<f64> = (0..4 * n_outputs)
            .map(|place| (place as f64).sin())
            .collect();
        let mut gradient = vec![0.0; at.len()];
        loss.evaluate(&at, &mut gradient);
        let mut unused = gradient.clone();
        (0..at.len())
            .map(|place| {
                let mut value = |shift: f64| {
                    let mut near = at.clone();
                    near[place] += shift;
                    loss.evaluate(&near, &mut unused)
                };
                let slope = (value(1e-5) - value(-1e-5)) / 2e-5;
                (slope - gradient[place]).abs()
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        for n_outputs in [1, 3, 5] {
            assert!(gradient_error(n_outputs) < 1e-8, "{n_outputs}");
        }
    }

    #[test]
    fn extreme_scores_give_finite_losses_and_probabilities() {
        let mut z = ndarray::array![[1000.0], [-1000.0]];
        assert_eq!(binary_block(&mut z, &[0, 1]), 2000.0);
        let mut z = ndarray::array![[1000.0, -1000.0, 0.0]];
        assert_eq!(softmax_block(&mut z, &[1]), 2000.0);
        assert_eq!(sigmoid(-1000.0), 0.0);
        assert_eq!(sigmoid(1000.0), 1.0);
    }
}
