//! How near samples are to each other in the original space, as probabilities.

use crate::linalg::product_into;
use faer::{Mat, MatRef};
use ndarray::{Array2, ArrayRef2, Axis};
use rayon::prelude::*;

/// How far the entropy of a row may be from the logarithm of the perplexity.
const TOLERANCE: f64 = 1e-5;

/// Probabilities p_ij of pairs of near samples, one row a sample, symmetric, adding up to 1.
#[derive(Debug)]
pub(super) struct Sparse {
    /// Where each row starts in the other two, and the end.
    pub starts: Vec<usize>,
    pub columns: Vec<u32>,
    pub values: Vec<f64>,
}

/// p_ij for all pairs, shape (n, n), symmetric, adding up to 1, none below 2⁻⁵².
pub(super) fn dense(x: &ArrayRef2<f64>, perplexity: f64) -> Array2<f64> {
    let n = x.nrows();
    let rows = rows_of(x);
    let mut p = Array2::zeros((n, n));
    p.as_slice_mut()
        .expect("a fresh array is in standard layout")
        .par_chunks_mut(n)
        .enumerate()
        .for_each(|(i, row)| {
            let mut distances: Vec<f64> = (0..n)
                .filter(|&j| j != i)
                .map(|j| squared_distance(rows.row(i), rows.row(j)))
                .collect();
            conditional(&mut distances, perplexity);
            row[..i].copy_from_slice(&distances[..i]);
            row[i + 1..].copy_from_slice(&distances[i..]);
        });
    let mut joint = &p + &p.t();
    let total = joint.sum().max(f64::EPSILON);
    joint.mapv_inplace(|value| (value / total).max(f64::EPSILON));
    joint.diag_mut().fill(0.0);
    joint
}

/// p_ij for the nearest neighbours of each sample: three times the perplexity of them.
pub(super) fn sparse(x: &ArrayRef2<f64>, perplexity: f64) -> Sparse {
    let n = x.nrows();
    let n_neighbors = (n - 1).min((3.0 * perplexity + 1.0) as usize);
    let neighbors: Vec<Vec<(u32, f64)>> = nearest(x, n_neighbors)
        .into_par_iter()
        .map(|mut near| {
            let mut distances: Vec<f64> = near.iter().map(|(_, distance)| *distance).collect();
            conditional(&mut distances, perplexity);
            for (near, probability) in near.iter_mut().zip(distances) {
                near.1 = probability;
            }
            near.sort_unstable_by_key(|(column, _)| *column);
            near
        })
        .collect();
    symmetric(&neighbors)
}

/// P + Pᵀ, divided by its sum.
fn symmetric(rows: &[Vec<(u32, f64)>]) -> Sparse {
    let mut transposed: Vec<Vec<(u32, f64)>> = vec![Vec::new(); rows.len()];
    for (i, row) in rows.iter().enumerate() {
        for &(j, value) in row {
            transposed[j as usize].push((i as u32, value));
        }
    }
    let mut sum = Sparse {
        starts: vec![0],
        columns: Vec::new(),
        values: Vec::new(),
    };
    for (row, other) in rows.iter().zip(&transposed) {
        // Both ascend, so that they merge.
        let (mut left, mut right) = (row.iter().peekable(), other.iter().peekable());
        loop {
            let column = match (left.peek(), right.peek()) {
                (Some(left), Some(right)) => left.0.min(right.0),
                (Some(one), None) | (None, Some(one)) => one.0,
                (None, None) => break,
            };
            let one = left
                .next_if(|entry| entry.0 == column)
                .map_or(0.0, |entry| entry.1);
            let two = right
                .next_if(|entry| entry.0 == column)
                .map_or(0.0, |entry| entry.1);
            sum.columns.push(column);
            sum.values.push(one + two);
        }
        sum.starts.push(sum.columns.len());
    }
    let total = sum.values.iter().sum::<f64>().max(f64::EPSILON);
    for value in &mut sum.values {
        *value /= total;
    }
    sum
}

/// Makes of squared distances d_j the probabilities p_j ∝ exp(−β d_j) whose entropy is ln(perplexity): β by bisection.
fn conditional(distances: &mut [f64], perplexity: f64) {
    // A common shift changes no probability, and keeps the largest exponential at 1.
    let nearest = distances.iter().copied().fold(f64::INFINITY, f64::min);
    for distance in distances.iter_mut() {
        *distance -= nearest;
    }
    let target = perplexity.ln();
    let (mut beta, mut below, mut above) = (1.0, None, None);
    for _ in 0..100 {
        let (mut sum, mut weighted) = (0.0, 0.0);
        for &distance in distances.iter() {
            let weight = (-beta * distance).exp();
            sum += weight;
            weighted += distance * weight;
        }
        let excess = sum.ln() + beta * weighted / sum - target;
        if excess.abs() <= TOLERANCE {
            break;
        }
        if excess > 0.0 {
            below = Some(beta);
            beta = above.map_or(2.0 * beta, |above: f64| (beta + above) / 2.0);
        } else {
            above = Some(beta);
            beta = below.map_or(beta / 2.0, |below: f64| (beta + below) / 2.0);
        }
    }
    let mut sum = 0.0;
    for distance in distances.iter_mut() {
        *distance = (-beta * *distance).exp();
        sum += *distance;
    }
    for probability in distances.iter_mut() {
        *probability /= sum;
    }
}

/// The rows, centred: large common numbers would cost the products their digits.
struct Rows {
    values: Vec<f64>,
    n_features: usize,
}

impl Rows {
    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.n_features..][..self.n_features]
    }

    fn block(&self, start: usize, len: usize) -> MatRef<'_, f64> {
        let values = &self.values[start * self.n_features..][..len * self.n_features];
        MatRef::from_row_major_slice(values, len, self.n_features)
    }
}

fn rows_of(x: &ArrayRef2<f64>) -> Rows {
    let mean = x.sum_axis(Axis(0)) / x.nrows() as f64;
    Rows {
        values: (&x.view() - &mean).into_iter().collect(),
        n_features: x.ncols(),
    }
}

fn squared_distance(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| (left - right).powi(2))
        .sum()
}

/// The `n_neighbors` nearest other samples of each, with their squared distances: ‖x‖² + ‖y‖² − 2xᵀy finds them, the
/// plain formula measures them.
fn nearest(x: &ArrayRef2<f64>, n_neighbors: usize) -> Vec<Vec<(u32, f64)>> {
    const LEN: usize = 64;
    let n = x.nrows();
    let rows = rows_of(x);
    let squares: Vec<f64> = (0..n)
        .map(|row| rows.row(row).iter().map(|value| value * value).sum())
        .collect();
    let all = rows.block(0, n);
    let blocks: Vec<usize> = (0..n).step_by(LEN).collect();
    let found: Vec<Vec<Vec<(u32, f64)>>> = blocks
        .par_iter()
        .map(|&start| {
            let len = LEN.min(n - start);
            let mut products = Mat::zeros(n, len);
            product_into(products.as_mut(), all, rows.block(start, len).transpose());
            (0..len)
                .map(|offset| {
                    let i = start + offset;
                    let products = products.col(offset);
                    let mut near: Vec<(u32, f64)> = (0..n)
                        .filter(|&j| j != i)
                        .map(|j| (j as u32, squares[j] - 2.0 * products[j]))
                        .collect();
                    if n_neighbors < near.len() {
                        near.select_nth_unstable_by(n_neighbors - 1, |left, right| {
                            left.1.total_cmp(&right.1).then(left.0.cmp(&right.0))
                        });
                        near.truncate(n_neighbors);
                    }
                    for (j, distance) in &mut near {
                        *distance = squared_distance(rows.row(i), rows.row(*j as usize));
                    }
                    near
                })
                .collect()
        })
        .collect();
    found.into_iter().flatten().collect()
}
