//! The objective of logistic regression with its gradient and Hessian.

use crate::simd;
use faer::linalg::matmul::{matmul, triangular};
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{Array2, ArrayRef2};
use rayon::prelude::*;

/// Rows that are multiplied at a time: they stay in the cache between the loss and the gradient.
const BLOCK: usize = 128;

/// Rows that one task works through. It depends on nothing, so that the sums are the same at any number of threads.
const CHUNK: usize = 32 * BLOCK;

/// (1/Σs) Σ s_i loss(z_i, y_i) + (λ/2) ‖W‖², z = X Wᵀ + b, over the parameters \[W | b\], one row per output.
///
/// One output is the sigmoid's binary log-loss, K ≥ 3 outputs are the softmax's cross-entropy.
pub(super) struct LogisticLoss<'a> {
    /// The samples, row by row.
    pub x: &'a [f64],
    pub n_features: usize,
    /// The class index of each sample.
    pub y: &'a [usize],
    /// The weight of each sample; 1 for all if there is none.
    pub sample_weight: Option<&'a [f64]>,
    pub n_outputs: usize,
    pub fit_intercept: bool,
    /// λ = 1 / (C Σs).
    pub l2: f64,
}

/// A sum over some rows: the loss, and the gradient without the penalty.
struct Partial {
    loss: f64,
    gradient: Vec<f64>,
}

/// What a task needs for one block of rows.
struct Scratch {
    /// Scores, then residuals; class by class, so that the exponentials of many samples are taken at once.
    z: Vec<f64>,
    largest: Vec<f64>,
    sum: Vec<f64>,
}

impl LogisticLoss<'_> {
    /// The number of parameters of one output.
    pub(super) fn n_columns(&self) -> usize {
        self.n_features + usize::from(self.fit_intercept)
    }

    /// The number of parameters.
    pub(super) fn n_parameters(&self) -> usize {
        self.n_outputs * self.n_columns()
    }

    pub(super) fn n_samples(&self) -> usize {
        self.y.len()
    }

    /// Σs.
    pub(super) fn total_weight(&self) -> f64 {
        match self.sample_weight {
            Some(weights) => simd::sum(weights),
            None => self.y.len() as f64,
        }
    }

    /// The value at `parameters`; its gradient is written into `gradient`.
    pub(super) fn evaluate(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        let chunks = self.n_samples().div_ceil(CHUNK);
        let partials: Vec<Partial> = if chunks == 1 {
            vec![self.partial(0, parameters)]
        } else {
            (0..chunks)
                .into_par_iter()
                .map(|chunk| self.partial(chunk, parameters))
                .collect()
        };
        gradient.fill(0.0);
        let mut loss = 0.0;
        for partial in partials {
            loss += partial.loss;
            simd::add_scaled(gradient, 1.0, &partial.gradient);
        }
        let scale = 1.0 / self.total_weight();
        gradient.iter_mut().for_each(|slope| *slope *= scale);
        let mut squares = 0.0;
        for (gradient, parameters) in gradient
            .chunks_exact_mut(self.n_columns())
            .zip(parameters.chunks_exact(self.n_columns()))
        {
            let weights = &parameters[..self.n_features];
            squares += simd::dot(weights, weights);
            simd::add_scaled(gradient, self.l2, weights);
        }
        loss * scale + 0.5 * self.l2 * squares
    }

    /// ½ (Σ_k b_k)² / K, added to the gradient: the softmax does not change when all intercepts do alike, and this keeps
    /// them where their sum is 0 without moving the minimum.
    pub(super) fn pin_intercepts(&self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        if self.n_outputs == 1 || !self.fit_intercept {
            return 0.0;
        }
        let of = |class: usize| class * self.n_columns() + self.n_features;
        let sum: f64 = (0..self.n_outputs).map(|class| parameters[of(class)]).sum();
        let slope = sum / self.n_outputs as f64;
        (0..self.n_outputs).for_each(|class| gradient[of(class)] += slope);
        0.5 * sum * slope
    }

    fn partial(&self, chunk: usize, parameters: &[f64]) -> Partial {
        let end = self.n_samples().min((chunk + 1) * CHUNK);
        let mut partial = Partial {
            loss: 0.0,
            gradient: vec![0.0; self.n_parameters()],
        };
        let mut scratch = Scratch {
            z: vec![0.0; BLOCK * self.n_outputs],
            largest: vec![0.0; BLOCK],
            sum: vec![0.0; BLOCK],
        };
        for start in (chunk * CHUNK..end).step_by(BLOCK) {
            let rows = start..end.min(start + BLOCK);
            let x = &self.x[rows.start * self.n_features..rows.end * self.n_features];
            let y = &self.y[rows.clone()];
            let weights = self.sample_weight.map(|weights| &weights[rows]);
            simd::wide!(|| {
                if self.n_outputs == 1 {
                    self.binary_block(x, y, weights, parameters, &mut scratch, &mut partial);
                } else {
                    self.softmax_block(x, y, weights, parameters, &mut scratch, &mut partial);
                }
            });
        }
        partial
    }

    #[inline(always)]
    fn binary_block(
        &self,
        x: &[f64],
        y: &[usize],
        weights: Option<&[f64]>,
        parameters: &[f64],
        scratch: &mut Scratch,
        partial: &mut Partial,
    ) {
        let z = &mut scratch.z[..y.len()];
        self.binary_scores(x, parameters, z);
        partial.loss += match weights {
            None => binary_residuals(z, y, &mut scratch.sum),
            Some(weights) => weighted_binary_residuals(z, y, weights),
        };
        let (gradient, intercept) = partial.gradient.split_at_mut(self.n_features);
        for (x, &residual) in x.chunks_exact(self.n_features).zip(z.iter()) {
            simd::add_scaled(gradient, residual, x);
        }
        if let [intercept] = intercept {
            *intercept += simd::sum(z);
        }
    }

    #[inline(always)]
    fn binary_scores(&self, x: &[f64], parameters: &[f64], z: &mut [f64]) {
        let (slopes, intercept) = parameters.split_at(self.n_features);
        let intercept = intercept.first().copied().unwrap_or(0.0);
        for (z, x) in z.iter_mut().zip(x.chunks_exact(self.n_features)) {
            *z = simd::dot(x, slopes) + intercept;
        }
    }

    #[inline(always)]
    fn softmax_block(
        &self,
        x: &[f64],
        y: &[usize],
        weights: Option<&[f64]>,
        parameters: &[f64],
        scratch: &mut Scratch,
        partial: &mut Partial,
    ) {
        let n_rows = y.len();
        self.softmax_scores(x, n_rows, parameters, &mut scratch.z);
        let of_class: f64 = (0..n_rows)
            .map(|row| scratch.z[y[row] * BLOCK + row] * weights.map_or(1.0, |w| w[row]))
            .sum();
        let (largest, sum) = (&mut scratch.largest[..n_rows], &mut scratch.sum[..n_rows]);
        softmax_columns(&mut scratch.z, n_rows, largest, sum);
        for row in 0..n_rows {
            let log_sum = sum[row].ln() + largest[row];
            partial.loss += log_sum * weights.map_or(1.0, |weights| weights[row]);
            scratch.z[y[row] * BLOCK + row] -= 1.0;
        }
        partial.loss -= of_class;
        for (class, z) in scratch.z.chunks_exact_mut(BLOCK).enumerate() {
            let z = &mut z[..n_rows];
            if let Some(weights) = weights {
                z.iter_mut()
                    .zip(weights)
                    .for_each(|(z, weight)| *z *= weight);
            }
            if self.fit_intercept {
                partial.gradient[class * self.n_columns() + self.n_features] += simd::sum(z);
            }
        }
        let shape = (self.n_outputs, n_rows);
        let residuals =
            MatRef::from_row_major_slice_with_stride(&scratch.z, shape.0, shape.1, BLOCK);
        let rows = MatRef::from_row_major_slice(x, n_rows, self.n_features);
        let gradient = simd::rows_mut(
            &mut partial.gradient,
            self.n_outputs,
            self.n_features,
            self.n_columns(),
        );
        matmul(gradient, Accum::Add, residuals, rows, 1.0, Par::Seq);
    }

    /// z = W Xᵀ + b, class by class.
    #[inline(always)]
    fn softmax_scores(&self, x: &[f64], n_rows: usize, parameters: &[f64], z: &mut [f64]) {
        for (class, z) in z.chunks_exact_mut(BLOCK).enumerate() {
            let intercept = class * self.n_columns() + self.n_features;
            z.fill(if self.fit_intercept {
                parameters[intercept]
            } else {
                0.0
            });
        }
        let slopes = MatRef::from_row_major_slice_with_stride(
            parameters,
            self.n_outputs,
            self.n_features,
            self.n_columns(),
        );
        let rows = MatRef::from_row_major_slice(x, n_rows, self.n_features);
        let z = simd::rows_mut(z, self.n_outputs, n_rows, BLOCK);
        matmul(z, Accum::Add, slopes, rows.transpose(), 1.0, Par::Seq);
    }

    /// The Hessian at `parameters`, its lower half, row by row: H_kl = (1/Σs) Σ s_i p_ik (δ_kl − p_il) x_i x_iᵀ + δ_kl λ,
    /// each x_i with a 1 at its end for the intercept.
    pub(super) fn hessian(&self, parameters: &[f64]) -> Vec<f64> {
        let curvatures = self.curvatures(parameters);
        let (size, columns) = (self.n_parameters(), self.n_columns());
        let grams: Vec<Vec<f64>> = if self.n_outputs == 1 {
            vec![self.parallel_gram(&curvatures[0])]
        } else {
            curvatures
                .par_iter()
                .map(|curvature| self.gram(0, self.n_samples(), curvature))
                .collect()
        };
        let mut hessian = vec![0.0; size * size];
        let pairs = (0..self.n_outputs).flat_map(|k| (0..=k).map(move |l| (k, l)));
        for ((k, l), gram) in pairs.zip(grams) {
            for row in 0..columns {
                for column in 0..columns {
                    let (high, low) = (row.max(column), row.min(column));
                    let mut value = gram[high * columns + low];
                    if k == l && row == column && row < self.n_features {
                        value += self.l2;
                    }
                    hessian[(k * columns + row) * size + l * columns + column] = value;
                }
            }
        }
        hessian
    }

    /// s_i p_ik (δ_kl − p_il) / Σs for each pair of classes k ≥ l; p (1 − p) for two classes.
    fn curvatures(&self, parameters: &[f64]) -> Vec<Vec<f64>> {
        let mut z = vec![0.0; BLOCK * self.n_outputs];
        let (mut largest, mut sum) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
        let n_pairs = self.n_outputs * (self.n_outputs + 1) / 2;
        let mut curvatures = vec![vec![0.0; self.n_samples()]; n_pairs];
        let scale = 1.0 / self.total_weight();
        for start in (0..self.n_samples()).step_by(BLOCK) {
            let rows = start..self.n_samples().min(start + BLOCK);
            let n_rows = rows.len();
            let x = &self.x[rows.start * self.n_features..rows.end * self.n_features];
            let scale_of =
                |row: usize| self.sample_weight.map_or(scale, |s| s[start + row] * scale);
            simd::wide!(|| {
                if self.n_outputs == 1 {
                    self.binary_scores(x, parameters, &mut z[..n_rows]);
                    for (row, curvature) in curvatures[0][rows.clone()].iter_mut().enumerate() {
                        let exp = simd::exp(-z[row].abs());
                        *curvature = scale_of(row) * exp / ((1.0 + exp) * (1.0 + exp));
                    }
                    return;
                }
                self.softmax_scores(x, n_rows, parameters, &mut z);
                softmax_columns(&mut z, n_rows, &mut largest[..n_rows], &mut sum[..n_rows]);
                let mut pair = 0;
                for k in 0..self.n_outputs {
                    for l in 0..=k {
                        let same = if k == l { 1.0 } else { 0.0 };
                        let (of_k, of_l) = (&z[k * BLOCK..], &z[l * BLOCK..]);
                        let curvature = &mut curvatures[pair][rows.clone()];
                        for (row, curvature) in curvature.iter_mut().enumerate() {
                            *curvature = scale_of(row) * of_k[row] * (same - of_l[row]);
                        }
                        pair += 1;
                    }
                }
            });
        }
        curvatures
    }

    fn parallel_gram(&self, curvature: &[f64]) -> Vec<f64> {
        let chunks: Vec<Vec<f64>> = (0..self.n_samples().div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                self.gram(
                    chunk * CHUNK,
                    self.n_samples().min((chunk + 1) * CHUNK),
                    curvature,
                )
            })
            .collect();
        let mut sum = vec![0.0; self.n_columns() * self.n_columns()];
        for chunk in &chunks {
            simd::add_scaled(&mut sum, 1.0, chunk);
        }
        sum
    }

    /// The lower half of \[X | 1\]ᵀ D \[X | 1\] over the rows from `start` to `end`, row by row.
    fn gram(&self, start: usize, end: usize, curvature: &[f64]) -> Vec<f64> {
        let columns = self.n_columns();
        let mut gram = vec![0.0; columns * columns];
        let mut plain = vec![1.0; BLOCK * columns];
        let mut scaled = vec![0.0; BLOCK * columns];
        for start in (start..end).step_by(BLOCK) {
            let n_rows = BLOCK.min(end - start);
            for row in 0..n_rows {
                let from = (start + row) * self.n_features;
                let place = row * columns;
                plain[place..place + self.n_features]
                    .copy_from_slice(&self.x[from..from + self.n_features]);
                for column in place..place + columns {
                    scaled[column] = plain[column] * curvature[start + row];
                }
            }
            let left = MatRef::from_row_major_slice(&scaled[..n_rows * columns], n_rows, columns);
            let right = MatRef::from_row_major_slice(&plain[..n_rows * columns], n_rows, columns);
            triangular::matmul(
                MatMut::from_row_major_slice_mut(&mut gram, columns, columns),
                triangular::BlockStructure::TriangularLower,
                Accum::Add,
                left.transpose(),
                triangular::BlockStructure::Rectangular,
                right,
                triangular::BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
        }
        gram
    }
}

/// Σ log(1 + e^∓z), each z replaced by σ(z) − y.
///
/// One logarithm is taken for the whole block: Σ log(1 + e^−|z|) = log Π(1 + e^−|z|), a product of at most 2^BLOCK.
#[inline(always)]
fn binary_residuals(z: &mut [f64], y: &[usize], exps: &mut [f64]) -> f64 {
    let mut linear = 0.0;
    for ((z, &y), exp) in z.iter_mut().zip(y).zip(exps.iter_mut()) {
        let against = if y == 1 { -*z } else { *z };
        linear += against.max(0.0);
        *exp = simd::exp(-against.abs());
        // σ(against): the residual up to its sign. It keeps its digits where it is near 0.
        let residual = if against >= 0.0 { 1.0 } else { *exp } / (1.0 + *exp);
        *z = if y == 1 { -residual } else { residual };
    }
    let product: f64 = exps[..z.len()].iter().map(|exp| 1.0 + exp).product();
    linear + product.ln()
}

/// The same where samples have weights: a logarithm for each.
#[inline(always)]
fn weighted_binary_residuals(z: &mut [f64], y: &[usize], weights: &[f64]) -> f64 {
    let mut loss = 0.0;
    for ((z, &y), &weight) in z.iter_mut().zip(y).zip(weights) {
        let against = if y == 1 { -*z } else { *z };
        let exp = simd::exp(-against.abs());
        loss += weight * (against.max(0.0) + exp.ln_1p());
        let residual = weight * if against >= 0.0 { 1.0 } else { exp } / (1.0 + exp);
        *z = if y == 1 { -residual } else { residual };
    }
    loss
}

/// Softmax over the classes of each of `n_rows` samples, z class by class; leaves the largest z and Σ e^{z − largest}.
#[inline(always)]
fn softmax_columns(z: &mut [f64], n_rows: usize, largest: &mut [f64], sum: &mut [f64]) {
    largest.fill(f64::NEG_INFINITY);
    for z in z.chunks_exact(BLOCK) {
        for (largest, z) in largest.iter_mut().zip(z) {
            *largest = largest.max(*z);
        }
    }
    sum.fill(0.0);
    for z in z.chunks_exact_mut(BLOCK) {
        for ((z, largest), sum) in z[..n_rows].iter_mut().zip(&*largest).zip(&mut *sum) {
            *z = simd::exp(*z - largest);
            *sum += *z;
        }
    }
    for z in z.chunks_exact_mut(BLOCK) {
        for (z, sum) in z[..n_rows].iter_mut().zip(&*sum) {
            *z /= sum;
        }
    }
}

/// σ(z) = 1 / (1 + e^−z), split by sign so that the exponential never overflows.
pub(crate) fn sigmoid(z: f64) -> f64 {
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

/// The linear scores x Wᵀ + b, shape (n_samples, n_outputs).
///
/// Each is summed by itself, in the same order whatever rows stand beside it.
pub(crate) fn linear_scores(
    x: &ArrayRef2<f64>,
    coef: &ArrayRef2<f64>,
    intercept: &[f64],
) -> Array2<f64> {
    let (rows, weights) = (x.as_standard_layout(), coef.as_standard_layout());
    let (Some(rows), Some(weights)) = (rows.as_slice(), weights.as_slice()) else {
        return x.dot(&coef.t());
    };
    let mut scores = Array2::zeros((x.nrows(), coef.nrows()));
    if let Some(scores) = scores.as_slice_mut() {
        let columns = x.ncols();
        scores
            .par_chunks_mut(coef.nrows() * CHUNK)
            .zip(rows.par_chunks(columns * CHUNK))
            .for_each(|(scores, rows)| {
                simd::wide!(|| {
                    for (scores, row) in scores
                        .chunks_exact_mut(intercept.len())
                        .zip(rows.chunks_exact(columns))
                    {
                        for ((score, weights), intercept) in scores
                            .iter_mut()
                            .zip(weights.chunks_exact(columns))
                            .zip(intercept)
                        {
                            *score = simd::dot(row, weights) + intercept;
                        }
                    }
                });
            });
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_loss(
        n_outputs: usize,
        weighted: bool,
        test: &mut dyn FnMut(&LogisticLoss<'_>, &[f64]),
    ) {
        let x: Vec<f64> = (0..700 * 3)
            .map(|place| ((place / 3 * 7 + place % 3 * 3) % 11) as f64 - 5.0)
            .collect();
        let y: Vec<usize> = (0..700).map(|row| row * 5 % n_outputs.max(2)).collect();
        let weights: Vec<f64> = (0..700).map(|row| (row % 4) as f64 * 0.5).collect();
        let loss = LogisticLoss {
            x: &x,
            n_features: 3,
            y: &y,
            sample_weight: weighted.then_some(&weights),
            n_outputs,
            fit_intercept: true,
            l2: 0.3,
        };
        let at: Vec<f64> = (0..4 * n_outputs)
            .map(|place| (place as f64).sin())
            .collect();
        test(&loss, &at);
    }

    /// (f(at + step) − f(at − step)) / 2 step, for every output of f.
    fn slope(f: &dyn Fn(&[f64]) -> Vec<f64>, at: &[f64], place: usize) -> Vec<f64> {
        let shifted = |shift: f64| {
            let mut near = at.to_vec();
            near[place] += shift;
            f(&near)
        };
        let (up, down) = (shifted(1e-5), shifted(-1e-5));
        up.iter()
            .zip(down)
            .map(|(up, down)| (up - down) / 2e-5)
            .collect()
    }

    #[test]
    fn the_gradient_and_the_hessian_are_those_of_finite_differences() {
        for (n_outputs, weighted) in [(1, false), (1, true), (3, false), (3, true), (5, false)] {
            with_loss(n_outputs, weighted, &mut |loss, at| {
                let mut gradient = vec![0.0; at.len()];
                loss.evaluate(at, &mut gradient);
                let hessian = loss.hessian(at);
                for place in 0..at.len() {
                    let value = |at: &[f64]| vec![loss.evaluate(at, &mut vec![0.0; at.len()])];
                    assert!((slope(&value, at, place)[0] - gradient[place]).abs() < 1e-8);
                    let slopes = |at: &[f64]| {
                        let mut gradient = vec![0.0; at.len()];
                        loss.evaluate(at, &mut gradient);
                        gradient
                    };
                    for (row, found) in slope(&slopes, at, place).iter().enumerate() {
                        if row >= place {
                            let exact = hessian[row * at.len() + place];
                            assert!((found - exact).abs() < 1e-8, "{found} {exact}");
                        }
                    }
                }
            });
        }
    }

    #[test]
    fn extreme_scores_give_finite_losses_and_probabilities() {
        let mut z = [1000.0, -1000.0];
        assert_eq!(binary_residuals(&mut z, &[0, 1], &mut [0.0; 2]), 2000.0);
        assert_eq!(z, [1.0, -1.0]);
        let mut z = vec![0.0; 3 * BLOCK];
        (z[0], z[BLOCK], z[2 * BLOCK]) = (1000.0, -1000.0, 0.0);
        softmax_columns(&mut z, 1, &mut [0.0], &mut [0.0]);
        assert_eq!((z[0], z[BLOCK], z[2 * BLOCK]), (1.0, 0.0, 0.0));
        assert_eq!((sigmoid(-1000.0), sigmoid(1000.0)), (0.0, 1.0));
    }
}
