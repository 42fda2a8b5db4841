//! Newton's method for the squared hinge: few passes where there are more samples than features.

use super::linear::Solution;
use crate::classification::logistic_newton::cholesky_solve;
use crate::simd;
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, MatRef, Par};

/// Rows that are multiplied at a time.
const BLOCK: usize = 256;
/// Sufficient decrease.
const DECREASE: f64 = 1e-4;
/// Halvings of one step.
const MAX_HALVINGS: usize = 40;

/// ½ ‖w‖² + Σ C_i max(0, 1 − y_i wᵀx_i)², for rows that end with the intercept's column.
pub(super) struct Primal<'a> {
    pub rows: &'a [f64],
    pub signs: &'a [f64],
    pub upper: &'a [f64],
}

impl Primal<'_> {
    fn n_columns(&self) -> usize {
        self.rows.len() / self.signs.len()
    }

    /// How far each sample is inside its margin's wrong side, max(0, 1 − y wᵀx), and the objective.
    fn evaluate(&self, w: &[f64], slack: &mut [f64]) -> f64 {
        let mut loss = 0.0;
        simd::wide!(|| {
            let samples = self
                .rows
                .chunks_exact(w.len())
                .zip(self.signs)
                .zip(self.upper);
            for (((x, sign), upper), slack) in samples.zip(slack.iter_mut()) {
                *slack = (1.0 - sign * simd::dot(x, w)).max(0.0);
                loss += upper * *slack * *slack;
            }
        });
        0.5 * simd::dot(w, w) + loss
    }

    /// w − 2 Σ C y slack x.
    fn gradient(&self, w: &[f64], slack: &[f64]) -> Vec<f64> {
        let mut gradient = w.to_vec();
        simd::wide!(|| {
            for (row, x) in self.rows.chunks_exact(w.len()).enumerate() {
                if slack[row] > 0.0 {
                    let factor = -2.0 * self.upper[row] * self.signs[row] * slack[row];
                    simd::add_scaled(&mut gradient, factor, x);
                }
            }
        });
        gradient
    }

    /// The lower half of I + 2 Σ C x xᵀ over the samples with slack, row by row.
    fn hessian(&self, slack: &[f64]) -> Vec<f64> {
        let columns = self.n_columns();
        let mut hessian = vec![0.0; columns * columns];
        (0..columns).for_each(|place| hessian[place * (columns + 1)] = 1.0);
        let active: Vec<usize> = (0..slack.len()).filter(|&row| slack[row] > 0.0).collect();
        let mut scaled = vec![0.0; BLOCK * columns];
        for rows in active.chunks(BLOCK) {
            for (scaled, &row) in scaled.chunks_exact_mut(columns).zip(rows) {
                let factor = (2.0 * self.upper[row]).sqrt();
                let x = &self.rows[row * columns..(row + 1) * columns];
                scaled
                    .iter_mut()
                    .zip(x)
                    .for_each(|(scaled, x)| *scaled = factor * x);
            }
            let block =
                MatRef::from_row_major_slice(&scaled[..rows.len() * columns], rows.len(), columns);
            matmul(
                simd::rows_mut(&mut hessian, columns, columns, columns),
                BlockStructure::TriangularLower,
                Accum::Add,
                block.transpose(),
                BlockStructure::Rectangular,
                block,
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
        }
        hessian
    }

    /// Solves H d = −∇ and goes d, half of it, … until the objective falls enough. Converged when no slope exceeds
    /// `tol` times the largest at w = 0, or rounding allows no lower value.
    pub(super) fn minimize(&self, tol: f64, max_iter: usize) -> Solution {
        let mut w = vec![0.0; self.n_columns()];
        let mut slack = vec![0.0; self.signs.len()];
        let mut value = self.evaluate(&w, &mut slack);
        let mut gradient = self.gradient(&w, &slack);
        let limit = tol * 1e-3 * max_abs(&gradient);
        for n_iter in 0..max_iter {
            if max_abs(&gradient) <= limit {
                return Solution {
                    w,
                    n_iter,
                    converged: true,
                };
            }
            let Some(step) = cholesky_solve(&mut self.hessian(&slack), &gradient) else {
                return Solution {
                    w,
                    n_iter,
                    converged: false,
                };
            };
            let slope = simd::dot(&step, &gradient);
            let mut length = 1.0;
            let lower = (0..MAX_HALVINGS).find_map(|_| {
                let mut near = w.clone();
                simd::add_scaled(&mut near, -length, &step);
                let there = self.evaluate(&near, &mut slack);
                let falls = there < value && there <= value - DECREASE * length * slope;
                length *= 0.5;
                falls.then_some((near, there))
            });
            let Some((near, there)) = lower else {
                return Solution {
                    w,
                    n_iter,
                    converged: true,
                };
            };
            (w, value) = (near, there);
            gradient = self.gradient(&w, &slack);
        }
        Solution {
            w,
            n_iter: max_iter,
            converged: false,
        }
    }
}

fn max_abs(vector: &[f64]) -> f64 {
    vector
        .iter()
        .fold(0.0, |largest, value| largest.max(value.abs()))
}
