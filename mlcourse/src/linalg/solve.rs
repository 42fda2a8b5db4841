//! Equations with as many unknowns as rows: LU factorisation with row exchanges.

use super::dense::{check_square, to_array, to_columns};
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::lu::partial_pivoting as lu;
use faer::perm::PermRef;
use faer::{Mat, MatRef, Par};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};

/// P A = L U, both triangles in one matrix.
struct Lu {
    factors: Mat<f64>,
    order: Vec<usize>,
    inverse_order: Vec<usize>,
    /// Whether the number of row exchanges is odd.
    odd: bool,
    /// ‖A‖₁, the largest sum of a column.
    norm: f64,
}

impl Lu {
    fn new(a: &ArrayRef2<f64>) -> Self {
        let mut factors = to_columns(a);
        let n = factors.nrows();
        let norm = factors
            .col_iter()
            .map(|column| column.iter().map(|value| value.abs()).sum())
            .fold(0.0, f64::max);
        let (mut order, mut inverse_order) = (vec![0; n], vec![0; n]);
        let scratch =
            lu::factor::lu_in_place_scratch::<usize, f64>(n, n, Par::Seq, Default::default());
        let (info, _) = lu::factor::lu_in_place(
            factors.as_mut(),
            &mut order,
            &mut inverse_order,
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
            Default::default(),
        );
        Self {
            odd: info.transposition_count % 2 == 1,
            factors,
            order,
            inverse_order,
            norm,
        }
    }

    /// The factorisation of a matrix that can be inverted; a warning when it hardly can.
    fn invertible(operation: &'static str, a: &ArrayRef2<f64>) -> Result<Self> {
        let lu = Self::new(a);
        if let Some(column) = lu.pivots().position(|pivot| pivot == 0.0 || pivot.is_nan()) {
            return Err(Error::Singular { operation, column });
        }
        let rcond = lu.reciprocal_condition();
        if rcond < f64::EPSILON {
            warning::record(Warning::IllConditioned { operation, rcond });
        }
        Ok(lu)
    }

    fn pivots(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.factors.nrows()).map(|place| self.factors[(place, place)])
    }

    fn perm(&self) -> PermRef<'_, usize> {
        PermRef::new_checked(&self.order, &self.inverse_order, self.order.len())
    }

    /// X with A X = B, or Aᵀ X = B.
    fn solve(&self, b: &mut Mat<f64>, transposed: bool) {
        let (n, n_columns) = (b.nrows(), b.ncols());
        let factors = self.factors.as_ref();
        let scratch: StackReq =
            lu::solve::solve_in_place_scratch::<usize, f64>(n, n_columns, Par::Seq);
        let mut memory = MemBuffer::new(scratch);
        let stack = MemStack::new(&mut memory);
        if transposed {
            lu::solve::solve_transpose_in_place(
                factors,
                factors,
                self.perm(),
                b.as_mut(),
                Par::Seq,
                stack,
            );
        } else {
            lu::solve::solve_in_place(factors, factors, self.perm(), b.as_mut(), Par::Seq, stack);
        }
    }

    /// An estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁) from a few solutions (W. W. Hager, *Condition estimates*, 1984; N. J. Higham,
    /// *FORTRAN codes for estimating the one-norm*, 1988: LAPACK's `gecon`).
    fn reciprocal_condition(&self) -> f64 {
        let n = self.factors.nrows();
        let sum = |x: MatRef<'_, f64>| x.col(0).iter().map(|value| value.abs()).sum::<f64>();
        let mut x = Mat::from_fn(n, 1, |_, _| 1.0 / n as f64);
        let mut inverse_norm = 0.0;
        let mut last = usize::MAX;
        for _ in 0..5 {
            self.solve(&mut x, false);
            let estimate = sum(x.as_ref());
            if estimate <= inverse_norm || estimate.is_nan() {
                break;
            }
            inverse_norm = estimate;
            let mut signs = Mat::from_fn(n, 1, |row, _| 1f64.copysign(x[(row, 0)]));
            self.solve(&mut signs, true);
            let steepest = (0..n).fold(0, |best, row| {
                if signs[(row, 0)].abs() > signs[(best, 0)].abs() {
                    row
                } else {
                    best
                }
            });
            if steepest == last {
                break;
            }
            last = steepest;
            x = Mat::from_fn(n, 1, |row, _| f64::from(row == steepest));
        }
        // The vector that the ascent above is known to miss.
        let mut alternating = Mat::from_fn(n, 1, |row, _| {
            let size = 1.0 + row as f64 / (n.max(2) - 1) as f64;
            if row % 2 == 0 { size } else { -size }
        });
        self.solve(&mut alternating, false);
        let inverse_norm = inverse_norm.max(2.0 * sum(alternating.as_ref()) / (3.0 * n as f64));
        1.0 / (self.norm * inverse_norm)
    }
}

/// x with A x = b.
///
/// A has shape (n, n), b and x have shape (n).
///
/// ```
/// use mlcourse::linalg::solve;
/// use mlcourse::prelude::*;
///
/// // 2x + y = 5, x − y = 1.
/// let x = solve(&array![[2.0, 1.0], [1.0, -1.0]], &array![5.0, 1.0])?;
/// assert!((x - array![2.0, 1.0]).iter().all(|error| error.abs() < 1e-14));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is not square or singular, b has another length, or one is empty or not finite. A matrix that is nearly singular
/// records [`Warning::IllConditioned`] in the [journal](crate::warning).
///
/// Source: NumPy's `solve`; LU factorisation with row exchanges.
pub fn solve(a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Result<Array1<f64>> {
    check::column("b", b)?;
    let b = b.view().insert_axis(ndarray::Axis(1));
    Ok(solved("solve", a, &b)?.column(0).to_owned())
}

/// X with A X = B: as [`solve`], for each column of B.
///
/// A has shape (n, n), B and X have shape (n, p).
///
/// ```
/// use mlcourse::linalg::solve_matrix;
/// use mlcourse::prelude::*;
///
/// let x = solve_matrix(&array![[2.0, 0.0], [0.0, 4.0]], &array![[2.0, 4.0], [4.0, 8.0]])?;
/// assert_eq!(x, array![[1.0, 2.0], [1.0, 2.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// As [`solve`].
///
/// Source: NumPy's `solve`.
pub fn solve_matrix(a: &ArrayRef2<f64>, b: &ArrayRef2<f64>) -> Result<Array2<f64>> {
    check::table("b", b)?;
    solved("solve_matrix", a, b)
}

fn solved(operation: &'static str, a: &ArrayRef2<f64>, b: &ArrayRef2<f64>) -> Result<Array2<f64>> {
    check_square(operation, a)?;
    if a.nrows() != b.nrows() {
        return Err(Error::ShapeMismatch {
            operation,
            needed: "as many rows in B as in A, (n×n) · X = (n×p)",
            left: a.dim(),
            right: b.dim(),
            advice: "give one right-hand side for each equation",
        });
    }
    let lu = Lu::invertible(operation, a)?;
    let mut x = to_columns(b);
    lu.solve(&mut x, false);
    Ok(to_array(x.as_ref()))
}

/// The inverse A⁻¹: A A⁻¹ = I, shape (n, n).
///
/// To solve A x = b use [`solve`], which is faster and more accurate than A⁻¹ b.
///
/// ```
/// use mlcourse::linalg::inverse;
/// use mlcourse::prelude::*;
///
/// assert_eq!(inverse(&array![[2.0, 0.0], [0.0, 4.0]])?, array![[0.5, 0.0], [0.0, 0.25]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// As [`solve`].
///
/// Source: NumPy's `inv`.
pub fn inverse(a: &ArrayRef2<f64>) -> Result<Array2<f64>> {
    check_square("inverse", a)?;
    let lu = Lu::invertible("inverse", a)?;
    let n = a.nrows();
    let mut inverse = Mat::zeros(n, n);
    lu::inverse::inverse(
        inverse.as_mut(),
        lu.factors.as_ref(),
        lu.factors.as_ref(),
        lu.perm(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(lu::inverse::inverse_scratch::<
            usize,
            f64,
        >(n, Par::Seq))),
    );
    Ok(to_array(inverse.as_ref()))
}

/// The determinant of A, shape (n, n): the product of the pivots, with the sign of the row exchanges; 0 for a singular
/// matrix.
///
/// ```
/// use mlcourse::linalg::determinant;
/// use mlcourse::prelude::*;
///
/// assert!((determinant(&array![[1.0, 2.0], [3.0, 4.0]])? + 2.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is not square, empty or not finite.
///
/// Source: course, section 1.1 (*Valeurs Propres*); NumPy's `det`.
pub fn determinant(a: &ArrayRef2<f64>) -> Result<f64> {
    check_square("determinant", a)?;
    let lu = Lu::new(a);
    // After a pivot that is 0 the rest says nothing.
    if lu.pivots().any(|pivot| pivot == 0.0) {
        return Ok(0.0);
    }
    let sign = if lu.odd { -1.0 } else { 1.0 };
    Ok(lu.pivots().product::<f64>() * sign)
}

/// The sign of the determinant (−1, 0 or 1) and the logarithm of its absolute value, which does not overflow where the
/// [`determinant`] does.
///
/// ```
/// use mlcourse::linalg::log_determinant;
/// use mlcourse::prelude::*;
///
/// let (sign, log) = log_determinant(&(Array2::eye(500) * 1e-3))?;
/// assert_eq!(sign, 1.0);
/// assert!((log - 500.0 * 1e-3f64.ln()).abs() < 1e-9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is not square, empty or not finite.
///
/// Source: NumPy's `slogdet`.
pub fn log_determinant(a: &ArrayRef2<f64>) -> Result<(f64, f64)> {
    check_square("log_determinant", a)?;
    let lu = Lu::new(a);
    if lu.pivots().any(|pivot| pivot == 0.0 || pivot.is_nan()) {
        return Ok((0.0, f64::NEG_INFINITY));
    }
    let odd = lu.pivots().filter(|pivot| *pivot < 0.0).count() % 2 == 1;
    let sign = if odd == lu.odd { 1.0 } else { -1.0 };
    Ok((sign, lu.pivots().map(|pivot| pivot.abs().ln()).sum()))
}
