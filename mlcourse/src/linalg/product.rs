//! Products, cut into the same pieces whatever the number of threads.

use super::dense::{Dense, to_array};
use crate::{Error, Result, check};
use faer::linalg::matmul::matmul as faer_matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::{Array2, ArrayRef2};
use rayon::prelude::*;

/// The side of a piece of the result.
const TILE: usize = 256;

/// How many terms of a sum one piece adds up, at least, where the result is small and the sums are long.
const DEPTH: usize = 1024;

/// The product C = A B: C_ij = Σ_k A_ik B_kj.
///
/// A has shape (m, n), B has shape (n, p), C has shape (m, p). The result is the same to the last bit on any number of
/// threads.
///
/// ```
/// use mlcourse::linalg::matmul;
/// use mlcourse::prelude::*;
///
/// let c = matmul(&array![[1.0, 2.0]], &array![[3.0], [4.0]])?;
/// assert_eq!(c, array![[11.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A has not as many columns as B has rows ([`Error::ShapeMismatch`]), or a matrix is empty or not finite.
///
/// Source: course, section 1.1 (*Produit Matriciel*); NumPy's `A @ B`.
pub fn matmul(a: &ArrayRef2<f64>, b: &ArrayRef2<f64>) -> Result<Array2<f64>> {
    if a.ncols() != b.nrows() {
        return Err(Error::ShapeMismatch {
            operation: "the product A B",
            needed: "as many columns in A as rows in B, (m×n) · (n×p)",
            left: a.dim(),
            right: b.dim(),
            advice: if a.ncols() == b.ncols() {
                "B.t() would fit"
            } else if a.nrows() == b.nrows() {
                "A.t() would fit"
            } else {
                "check which table is which"
            },
        });
    }
    check::table("a", a)?;
    check::table("b", b)?;
    let (left, right) = (Dense::new(a), Dense::new(b));
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    product_into(rows_of(&mut c), left.mat(), right.mat());
    Ok(c)
}

/// A fresh array as faer sees it.
fn rows_of(array: &mut Array2<f64>) -> MatMut<'_, f64> {
    let (n_rows, n_columns) = array.dim();
    let values = array
        .as_slice_mut()
        .expect("a fresh array is in standard layout");
    MatMut::from_row_major_slice_mut(values, n_rows, n_columns)
}

/// C = A B. The pieces depend on the shapes alone, so that the sums round alike on any number of threads.
pub(crate) fn product_into(c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    if c.nrows() <= TILE && c.ncols() <= TILE && a.ncols() >= 2 * DEPTH {
        return deep_product(c, a, b);
    }
    if c.nrows() > TILE && c.nrows() >= c.ncols() {
        let at = halfway(c.nrows());
        let ((upper, lower), (a_upper, a_lower)) = (c.split_at_row_mut(at), a.split_at_row(at));
        rayon::join(
            || product_into(upper, a_upper, b),
            || product_into(lower, a_lower, b),
        );
    } else if c.ncols() > TILE {
        let at = halfway(c.ncols());
        let ((left, right), (b_left, b_right)) = (c.split_at_col_mut(at), b.split_at_col(at));
        rayon::join(
            || product_into(left, a, b_left),
            || product_into(right, a, b_right),
        );
    } else {
        faer_matmul(c, Accum::Replace, a, b, 1.0, Par::Seq);
    }
}

/// About the middle, at the edge of a tile.
fn halfway(len: usize) -> usize {
    len.div_ceil(2).next_multiple_of(TILE).min(len - 1)
}

/// A small result of long sums: partial sums, added in order.
fn deep_product(mut c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let depth = a.ncols().div_ceil(64).max(DEPTH);
    let starts: Vec<usize> = (0..a.ncols()).step_by(depth).collect();
    let parts: Vec<Mat<f64>> = starts
        .par_iter()
        .map(|&start| {
            let len = depth.min(a.ncols() - start);
            let mut part = Mat::zeros(c.nrows(), c.ncols());
            faer_matmul(
                &mut part,
                Accum::Replace,
                a.subcols(start, len),
                b.subrows(start, len),
                1.0,
                Par::Seq,
            );
            part
        })
        .collect();
    c.fill(0.0);
    for part in &parts {
        c += part;
    }
}

/// XᵀX of rows that come in blocks of `n_columns` numbers each: `block(start, len)` gives rows start..start + len.
///
/// One block at a time is in memory on each thread.
pub(crate) fn gram_of_rows(
    n_rows: usize,
    n_columns: usize,
    block: &(dyn Fn(usize, &mut [f64]) + Sync),
) -> Array2<f64> {
    let len = n_rows.div_ceil(16).clamp(256, 2048);
    let starts: Vec<usize> = (0..n_rows).step_by(len).collect();
    let parts: Vec<Mat<f64>> = starts
        .par_iter()
        .map(|&start| {
            let len = len.min(n_rows - start);
            let mut rows = vec![0.0; len * n_columns];
            block(start, &mut rows);
            let rows = MatRef::from_row_major_slice(&rows, len, n_columns);
            let mut part = Mat::zeros(n_columns, n_columns);
            triangular::matmul(
                &mut part,
                BlockStructure::TriangularLower,
                Accum::Replace,
                rows.transpose(),
                BlockStructure::Rectangular,
                rows,
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
            part
        })
        .collect();
    let mut sum = Mat::<f64>::zeros(n_columns, n_columns);
    for part in &parts {
        sum += part;
    }
    let mut gram = to_array(sum.as_ref());
    for row in 0..n_columns {
        for column in 0..row {
            gram[[column, row]] = gram[[row, column]];
        }
    }
    gram
}
