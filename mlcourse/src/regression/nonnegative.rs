//! Least squares whose coefficients may not be negative.

use super::centred::dot;
use super::solve::Cholesky;
use faer::{Mat, MatRef};

/// The w ≥ 0 that minimises ½ wᵀGw − wᵀq, for a positive semidefinite G = XᵀX and q = Xᵀy.
///
/// An active set: coefficients are freed from 0 one at a time, the one with the steepest descent first, and go back where
/// the minimum of the free ones alone would make them negative.
///
/// Source: C. L. Lawson and R. J. Hanson, *Solving Least Squares Problems*, 1974, chapter 23; on the Gram matrix: R. Bro
/// and S. de Jong, *A fast non-negativity-constrained least squares algorithm*, 1997.
pub(super) fn nonnegative(gram: MatRef<'_, f64>, xy: &[f64]) -> Vec<f64> {
    let n_features = xy.len();
    let scale = xy.iter().fold(0.0_f64, |max, value| max.max(value.abs()));
    let tolerance = 10.0 * f64::EPSILON * scale * n_features as f64;
    let mut coef = vec![0.0; n_features];
    let mut free: Vec<usize> = Vec::new();
    let mut barred = vec![false; n_features];
    for _ in 0..3 * n_features + 10 {
        let descent = descent(gram, xy, &coef);
        let steepest = (0..n_features)
            .filter(|j| !free.contains(j) && !barred[*j] && descent[*j] > tolerance)
            .max_by(|a, b| descent[*a].total_cmp(&descent[*b]));
        let Some(steepest) = steepest else { break };
        free.push(steepest);
        if !settle(gram, xy, &mut coef, &mut free) {
            // It depends on those already free: leave it at 0.
            free.retain(|&j| j != steepest);
            barred[steepest] = true;
            continue;
        }
        if free.contains(&steepest) {
            barred.fill(false);
        } else {
            barred[steepest] = true;
        }
    }
    coef
}

/// q − Gw.
fn descent(gram: MatRef<'_, f64>, xy: &[f64], coef: &[f64]) -> Vec<f64> {
    (0..xy.len())
        .map(|j| {
            xy[j]
                - gram
                    .col(j)
                    .iter()
                    .zip(coef)
                    .map(|(g, w)| g * w)
                    .sum::<f64>()
        })
        .collect()
}

/// Moves to the minimum of the free coefficients, fixing those at 0 that would pass it on the way. False where their
/// equations have no single solution.
fn settle(gram: MatRef<'_, f64>, xy: &[f64], coef: &mut [f64], free: &mut Vec<usize>) -> bool {
    while !free.is_empty() {
        let part = Mat::from_fn(free.len(), free.len(), |i, j| gram[(free[i], free[j])]);
        let right: Vec<f64> = free.iter().map(|&j| xy[j]).collect();
        let Some(cholesky) = Cholesky::of(part) else {
            return false;
        };
        let target = cholesky.solve(&right);
        if !dot(&target, &target).is_finite() {
            return false;
        }
        let step = free
            .iter()
            .zip(&target)
            .filter(|(_, target)| **target <= 0.0)
            .map(|(&j, target)| coef[j] / (coef[j] - target))
            .fold(
                1.0,
                |least: f64, step| if step.is_nan() { 0.0 } else { least.min(step) },
            );
        for (&j, target) in free.iter().zip(&target) {
            coef[j] += step * (target - coef[j]);
        }
        let before = free.len();
        let stays: Vec<bool> = free
            .iter()
            .zip(&target)
            .map(|(&j, target)| *target > 0.0 || coef[j] > f64::EPSILON * target.abs())
            .collect();
        let mut stays = stays.into_iter();
        free.retain(|&j| {
            let stays = stays.next().unwrap_or(true);
            if !stays {
                coef[j] = 0.0;
            }
            stays
        });
        if free.len() == before {
            return true;
        }
    }
    true
}
