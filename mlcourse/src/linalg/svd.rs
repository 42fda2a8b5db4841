//! The singular value decomposition.

use super::dense::{to_array, to_columns};
use crate::display::{Display, MimeBundle, Table};
use crate::{Error, Result, check};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::svd::{self as faer_svd, ComputeSvdVectors};
use faer::{Mat, Par};
use ndarray::{Array1, Array2, ArrayRef2, Axis, s};
use std::fmt;

/// A = U Σ Vᵀ: see [`svd`]. It shows as a table of the singular values.
#[derive(Clone, Debug, PartialEq)]
pub struct Svd {
    u: Array2<f64>,
    singular_values: Array1<f64>,
    vt: Array2<f64>,
}

impl Svd {
    /// The left singular vectors U as columns, shape (m, k), or (m, m) of [`svd_full`].
    pub fn u(&self) -> &Array2<f64> {
        &self.u
    }

    /// The singular values σ, shape (k), largest first, none negative.
    pub fn singular_values(&self) -> &Array1<f64> {
        &self.singular_values
    }

    /// The right singular vectors as the rows of Vᵀ, shape (k, n), or (n, n) of [`svd_full`].
    pub fn vt(&self) -> &Array2<f64> {
        &self.vt
    }

    /// U Σ Vᵀ, shape (m, n).
    pub fn reconstruct(&self) -> Array2<f64> {
        self.truncate(self.singular_values.len())
    }

    /// The nearest matrix of rank `rank` (Eckart and Young): U Σ Vᵀ with the `rank` largest σ, shape (m, n).
    pub fn truncate(&self, rank: usize) -> Array2<f64> {
        let rank = rank.min(self.singular_values.len());
        let scaled = &self.u.slice(s![.., ..rank]) * &self.singular_values.slice(s![..rank]);
        scaled.dot(&self.vt.slice(s![..rank, ..]))
    }

    fn table(&self) -> Table {
        let total: f64 = self.singular_values.iter().map(|value| value * value).sum();
        let mut table = Table::new(&["k", "σ", "share of Σσ²"]).caption(format!(
            "SVD of a matrix of shape ({}, {})",
            self.u.nrows(),
            self.vt.ncols()
        ));
        for (place, &value) in self.singular_values.iter().enumerate() {
            let share = if total > 0.0 {
                value * value / total
            } else {
                0.0
            };
            table.push(vec![place.into(), value.into(), share.into()]);
        }
        table
    }
}

impl fmt::Display for Svd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Svd {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// The thin singular value decomposition A = U Σ Vᵀ with k = min(m, n) singular values.
///
/// A has shape (m, n), U has shape (m, k), Vᵀ has shape (k, n); UᵀU = VᵀV = I, and σ₁ ≥ σ₂ ≥ … ≥ 0. The decomposition
/// leaves a sign open for each pair of vectors: here the largest entry of each column of U, by absolute value, is
/// positive (scikit-learn's `svd_flip`).
///
/// ```
/// use mlcourse::linalg::svd;
/// use mlcourse::prelude::*;
///
/// let svd = svd(&array![[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])?;
/// assert_eq!(svd.u().dim(), (3, 2));
/// assert!((svd.singular_values()[0] - 4.0).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: course, section 1.1 (*SVD*); NumPy's `svd(a, full_matrices=False)`, then scikit-learn's `svd_flip`.
pub fn svd(a: &ArrayRef2<f64>) -> Result<Svd> {
    checked("svd", a, ComputeSvdVectors::Thin)
}

/// The full singular value decomposition: as [`svd`], with U of shape (m, m) and Vᵀ of shape (n, n), both orthogonal.
///
/// ```
/// use mlcourse::linalg::svd_full;
/// use mlcourse::prelude::*;
///
/// let svd = svd_full(&array![[3.0], [4.0]])?;
/// assert_eq!(svd.u().dim(), (2, 2));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: course, section 1.1 (*SVD*); NumPy's `svd(a, full_matrices=True)`.
pub fn svd_full(a: &ArrayRef2<f64>) -> Result<Svd> {
    checked("svd_full", a, ComputeSvdVectors::Full)
}

fn checked(operation: &'static str, a: &ArrayRef2<f64>, vectors: ComputeSvdVectors) -> Result<Svd> {
    check::table("a", a)?;
    let (u, singular_values, v) = decompose(operation, a, Keep::Both(vectors))?;
    let (mut u, mut vt) = (to_array(u.as_ref()), to_array(v.as_ref().transpose()));
    let n_values = singular_values.len();
    for place in 0..u.ncols().max(vt.nrows()) {
        let mut left = (place < u.ncols()).then(|| u.column_mut(place));
        let mut right = (place < vt.nrows()).then(|| vt.row_mut(place));
        // Beyond the last σ the vectors of U and V belong to no pair: each has its own sign.
        let negative_left = left.as_ref().is_some_and(|left| largest(left.iter()) < 0.0);
        let negative_right = match place < n_values {
            true => negative_left,
            false => right
                .as_ref()
                .is_some_and(|right| largest(right.iter()) < 0.0),
        };
        if negative_left && let Some(left) = &mut left {
            left.mapv_inplace(|value| -value);
        }
        if negative_right && let Some(right) = &mut right {
            right.mapv_inplace(|value| -value);
        }
    }
    Ok(Svd {
        u,
        singular_values,
        vt,
    })
}

/// The entry of the largest absolute value, the first of equal ones.
pub(crate) fn largest<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    values.fold(0.0, |largest: f64, &value| {
        if value.abs() > largest.abs() {
            value
        } else {
            largest
        }
    })
}

/// Makes the largest entry of each row positive: scikit-learn's `svd_flip(u_based_decision=False)`.
pub(crate) fn flip_by_rows(vt: &mut Array2<f64>) {
    for mut row in vt.axis_iter_mut(Axis(0)) {
        if largest(row.iter()) < 0.0 {
            row.mapv_inplace(|value| -value);
        }
    }
}

/// Which vectors to compute.
#[derive(Clone, Copy)]
pub(crate) enum Keep {
    Values,
    Left,
    Right,
    Both(ComputeSvdVectors),
}

/// U, σ and V as faer computes them; what is not kept has no columns.
pub(crate) fn decompose(
    operation: &'static str,
    a: &ArrayRef2<f64>,
    keep: Keep,
) -> Result<(Mat<f64>, Array1<f64>, Mat<f64>)> {
    let a = to_columns(a);
    let (m, n) = (a.nrows(), a.ncols());
    let (compute_u, compute_v) = match keep {
        Keep::Values => (ComputeSvdVectors::No, ComputeSvdVectors::No),
        Keep::Left => (ComputeSvdVectors::Thin, ComputeSvdVectors::No),
        Keep::Right => (ComputeSvdVectors::No, ComputeSvdVectors::Thin),
        Keep::Both(vectors) => (vectors, vectors),
    };
    let n_columns = |compute, len: usize| match compute {
        ComputeSvdVectors::No => 0,
        ComputeSvdVectors::Thin => m.min(n),
        ComputeSvdVectors::Full => len,
    };
    let mut u = Mat::zeros(m, n_columns(compute_u, m));
    let mut v = Mat::zeros(n, n_columns(compute_v, n));
    let mut values = faer::diag::Diag::zeros(m.min(n));
    let par = Par::Seq;
    let scratch = faer_svd::svd_scratch::<f64>(m, n, compute_u, compute_v, par, Default::default());
    faer_svd::svd(
        a.as_ref(),
        values.as_mut(),
        (u.ncols() > 0).then(|| u.as_mut()),
        (v.ncols() > 0).then(|| v.as_mut()),
        par,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .map_err(|_| Error::NoConvergence { operation })?;
    let values = values.column_vector().iter().copied().collect();
    Ok((u, values, v))
}

/// The singular values of A alone, shape (min(m, n)), largest first.
///
/// ```
/// use mlcourse::linalg::singular_values;
/// use mlcourse::prelude::*;
///
/// let values = singular_values(&array![[3.0, 0.0], [0.0, 4.0]])?;
/// assert!((values[0] - 4.0).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: course, section 1.1 (*SVD*); NumPy's `svdvals`.
pub fn singular_values(a: &ArrayRef2<f64>) -> Result<Array1<f64>> {
    check::table("a", a)?;
    Ok(decompose("singular_values", a, Keep::Values)?.1)
}

/// The rank of A: how many singular values are above σ₁ · max(m, n) · 2⁻⁵², what rounding makes of 0.
///
/// ```
/// use mlcourse::linalg::rank;
/// use mlcourse::prelude::*;
///
/// assert_eq!(rank(&array![[1.0, 2.0], [2.0, 4.0]])?, 1);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: NumPy's `matrix_rank`.
pub fn rank(a: &ArrayRef2<f64>) -> Result<usize> {
    let values = singular_values(a)?;
    Ok(count_above_rounding(&values, a.dim()))
}

pub(crate) fn count_above_rounding(values: &Array1<f64>, (m, n): (usize, usize)) -> usize {
    let bound = values[0] * m.max(n) as f64 * f64::EPSILON;
    values.iter().filter(|&&value| value > bound).count()
}

/// The condition number σ₁ / σ_k: by how much a relative error of b can grow in the solution of A x = b. It is 1 for an
/// orthogonal matrix and infinite for one that has not full rank.
///
/// ```
/// use mlcourse::linalg::condition_number;
/// use mlcourse::prelude::*;
///
/// assert!((condition_number(&array![[2.0, 0.0], [0.0, 8.0]])? - 4.0).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: NumPy's `cond`.
pub fn condition_number(a: &ArrayRef2<f64>) -> Result<f64> {
    let values = singular_values(a)?;
    let (first, last) = (values[0], values[values.len() - 1]);
    Ok(if last > 0.0 {
        first / last
    } else {
        f64::INFINITY
    })
}
