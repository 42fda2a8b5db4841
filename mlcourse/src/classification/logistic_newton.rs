//! Newton's method for logistic regression: few iterations, each with the whole Hessian.

use super::logistic_loss::LogisticLoss;
use crate::optimize::{Minimum, Stop};
use crate::simd;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::{MatMut, MatRef, Par};

/// Sufficient decrease.
const DECREASE: f64 = 1e-4;
/// Halvings of one step.
const MAX_HALVINGS: usize = 30;

/// Minimises from 0: solve H d = −∇ by Cholesky, go d, half of it, … until the value falls enough.
///
/// It stops as scikit-learn's `newton-cholesky` does: no slope and no half squared decrement ½ dᵀHd above `tol`. `None`
/// when H is not positive definite: columns depend on each other and nothing is penalised.
pub(super) fn minimize(loss: &LogisticLoss<'_>, max_iter: usize, tol: f64) -> Option<Minimum> {
    let size = loss.n_parameters();
    let mut x = vec![0.0; size];
    let mut gradient = vec![0.0; size];
    let mut value = loss.evaluate(&x, &mut gradient);
    let mut history = vec![value];
    let mut n_evaluations = 1;
    let mut decrement = f64::INFINITY;
    let stop = loop {
        let flat = max_abs(&gradient) <= tol;
        if flat && (0.5 * decrement <= tol || max_abs(&gradient) == 0.0) {
            break Stop::Gradient;
        }
        if history.len() > max_iter {
            break Stop::MaxIter;
        }
        let step = solve(loss, &x, &gradient)?;
        let slope = simd::dot(&step, &gradient);
        decrement = -slope;
        let Some(next) = descend(loss, &x, value, &step, slope, &mut n_evaluations) else {
            // Rounding is all that is left.
            break if flat { Stop::Gradient } else { Stop::Decrease };
        };
        (x, value, gradient) = next;
        history.push(value);
    };
    Some(Minimum {
        gradient_norm: max_abs(&gradient),
        x,
        value,
        n_iter: history.len() - 1,
        n_evaluations,
        history,
        stop,
    })
}

type Place = (Vec<f64>, f64, Vec<f64>);

fn descend(
    loss: &LogisticLoss<'_>,
    x: &[f64],
    value: f64,
    step: &[f64],
    slope: f64,
    n_evaluations: &mut usize,
) -> Option<Place> {
    let rounding = 16.0 * f64::EPSILON * value.abs().max(1.0);
    let mut length = 1.0;
    for _ in 0..MAX_HALVINGS {
        let near: Vec<f64> = x
            .iter()
            .zip(step)
            .map(|(x, step)| x + length * step)
            .collect();
        let mut gradient = vec![0.0; x.len()];
        let there = loss.evaluate(&near, &mut gradient);
        *n_evaluations += 1;
        if there <= value + DECREASE * length * slope + rounding {
            return (-slope > f64::EPSILON * f64::EPSILON).then_some((near, there, gradient));
        }
        length *= 0.5;
    }
    None
}

/// −H⁻¹ ∇.
///
/// The softmax does not change when the same is added to all classes. In that direction the gradient is 0, so a term
/// that makes H positive there, α (11ᵀ ⊗ I), leaves the solution as it is.
fn solve(loss: &LogisticLoss<'_>, x: &[f64], gradient: &[f64]) -> Option<Vec<f64>> {
    let (size, columns) = (loss.n_parameters(), loss.n_columns());
    let mut hessian = loss.hessian(x);
    if loss.n_outputs > 1 {
        let mean = (0..size)
            .map(|place| hessian[place * size + place])
            .sum::<f64>()
            / size as f64;
        for row in 0..size {
            for column in (row % columns..=row).step_by(columns) {
                hessian[row * size + column] += mean;
            }
        }
    }
    cholesky_solve(&mut hessian, gradient).map(|mut step| {
        step.iter_mut().for_each(|along| *along = -*along);
        step
    })
}

/// Solves A x = b by A = L Lᵀ, A symmetric by its lower half, row by row. `None` when A is not positive definite.
pub(crate) fn cholesky_solve(a: &mut [f64], b: &[f64]) -> Option<Vec<f64>> {
    let size = b.len();
    let mut matrix = MatMut::from_row_major_slice_mut(a, size, size);
    let largest = (0..size)
        .map(|place| matrix[(place, place)])
        .fold(0.0, f64::max);
    let scratch = llt::factor::cholesky_in_place_scratch::<f64>(size, Par::Seq, Default::default());
    let mut memory = MemBuffer::try_new(scratch).ok()?;
    llt::factor::cholesky_in_place(
        matrix.as_mut(),
        Default::default(),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .ok()?;
    // A pivot that is nothing but rounding makes a step of arbitrary length.
    if (0..size).any(|place| matrix[(place, place)].powi(2) <= f64::EPSILON * 4.0 * largest) {
        return None;
    }
    let factor: MatRef<'_, f64> = matrix.as_ref();
    let mut x = b.to_vec();
    llt::solve::solve_in_place(
        factor,
        MatMut::from_column_major_slice_mut(&mut x, size, 1),
        Par::Seq,
        MemStack::new(&mut MemBuffer::try_new(Default::default()).ok()?),
    );
    x.iter().all(|x| x.is_finite()).then_some(x)
}

fn max_abs(vector: &[f64]) -> f64 {
    vector
        .iter()
        .fold(0.0, |largest, value| largest.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_and_a_singular_one_refused() {
        let x =
            cholesky_solve(&mut [4.0, f64::NAN, 2.0, 3.0], &[8.0, 7.0]).expect("it is definite");
        assert!(
            (x[0] - 1.25).abs() < 1e-14 && (x[1] - 1.5).abs() < 1e-14,
            "{x:?}"
        );
        assert_eq!(cholesky_solve(&mut [1.0, 0.0, 1.0, 1.0], &[1.0, 1.0]), None);
        assert_eq!(cholesky_solve(&mut [1.0, 0.0, 2.0, 1.0], &[1.0, 1.0]), None);
    }
}
