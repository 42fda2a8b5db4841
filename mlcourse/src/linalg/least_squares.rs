//! Equations with more rows than unknowns, or fewer: the best answer.

use super::dense::{to_array, to_columns};
use super::svd::{Keep, count_above_rounding, decompose};
use crate::display::{Display, MimeBundle, Table};
use crate::{Error, Result, check};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::qr::no_pivoting::factor as qr;
use faer::linalg::svd::ComputeSvdVectors;
use faer::{Mat, Par};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, s};
use rayon::prelude::*;
use std::fmt;

/// The solution of min ‖A x − b‖: see [`least_squares`]. It shows as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct LeastSquares {
    solution: Array1<f64>,
    residual_sum: f64,
    rank: usize,
    singular_values: Array1<f64>,
}

impl LeastSquares {
    /// x, shape (n).
    pub fn solution(&self) -> &Array1<f64> {
        &self.solution
    }

    /// ‖A x − b‖², the sum of squared residuals.
    pub fn residual_sum(&self) -> f64 {
        self.residual_sum
    }

    /// The rank of A: below n, other x are as good, and this is the shortest.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The singular values of A, largest first.
    pub fn singular_values(&self) -> &Array1<f64> {
        &self.singular_values
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["unknown", "value"]).caption(format!(
            "least squares: rank {} of {}, sum of squared residuals {:.4e}",
            self.rank,
            self.solution.len(),
            self.residual_sum
        ));
        for (place, &value) in self.solution.iter().enumerate() {
            table.push(vec![place.into(), value.into()]);
        }
        table
    }
}

impl fmt::Display for LeastSquares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for LeastSquares {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// x that minimises ‖A x − b‖²; the shortest such x where there are several.
///
/// A has shape (m, n), b has shape (m), x has shape (n). Singular values up to σ₁ · max(m, n) · 2⁻⁵² count as 0.
///
/// ```
/// use mlcourse::linalg::least_squares;
/// use mlcourse::prelude::*;
///
/// // The line through (0, 1), (1, 3), (2, 5): intercept 1, slope 2.
/// let a = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]];
/// let fit = least_squares(&a, &array![1.0, 3.0, 5.0])?;
/// assert!((fit.solution() - &array![1.0, 2.0]).iter().all(|error| error.abs() < 1e-12));
/// assert_eq!(fit.rank(), 2);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A and b differ in their number of rows, or one is empty or not finite.
///
/// Source: course, section 1.3 (*Régression Linéaire*); NumPy's `lstsq`. A tall A is first reduced to a triangle by a
/// QR factorisation of blocks of rows, then the triangle is solved by its singular value decomposition.
pub fn least_squares(a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Result<LeastSquares> {
    if a.nrows() != b.len() {
        return Err(Error::ShapeMismatch {
            operation: "least_squares",
            needed: "as many rows in b as in A, (m×n) · x = (m×1)",
            left: a.dim(),
            right: (b.len(), 1),
            advice: "give one right-hand side for each equation",
        });
    }
    check::table("a", a)?;
    check::column("b", b)?;
    let n = a.ncols();
    let mut both = Array2::zeros((a.nrows(), n + 1));
    both.slice_mut(s![.., ..n]).assign(a);
    both.column_mut(n).assign(b);
    // A and b side by side: the last column of the triangle is Qᵀ b.
    let triangle = triangle(&both);
    let (r, c) = (triangle.slice(s![.., ..n]), triangle.column(n));
    let (u, singular_values, v) =
        decompose("least_squares", &r, Keep::Both(ComputeSvdVectors::Thin))?;
    let (u, v) = (to_array(u.as_ref()), to_array(v.as_ref()));
    let rank = count_above_rounding(&singular_values, a.dim());
    let mut scores = u.t().dot(&c);
    let fitted = u.slice(s![.., ..rank]).dot(&scores.slice(s![..rank]));
    let residual_sum = (&c - &fitted).mapv(|value| value * value).sum();
    for (place, score) in scores.iter_mut().enumerate() {
        *score = if place < rank {
            *score / singular_values[place]
        } else {
            0.0
        };
    }
    Ok(LeastSquares {
        solution: v.dot(&scores),
        residual_sum,
        rank,
        singular_values,
    })
}

/// R of X = Q R, by blocks of rows that depend on the shape alone; X itself where it is not tall.
fn triangle(x: &Array2<f64>) -> Array2<f64> {
    let (m, n) = x.dim();
    if m < 2 * n {
        return x.clone();
    }
    let len = m.div_ceil(64).max(4 * n).max(512);
    let starts: Vec<usize> = (0..m).step_by(len).collect();
    let parts: Vec<Array2<f64>> = starts
        .par_iter()
        .map(|&start| upper(&x.slice(s![start..m.min(start + len), ..])))
        .collect();
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let stacked = ndarray::concatenate(ndarray::Axis(0), &views)
        .expect("the parts have the same number of columns");
    upper(&stacked)
}

/// R of X = Q R, shape (min(m, n), n).
fn upper(x: &ArrayRef2<f64>) -> Array2<f64> {
    let mut factors = to_columns(x);
    let (m, n) = x.dim();
    let block = qr::recommended_block_size::<f64>(m, n);
    let mut householder = Mat::zeros(block, m.min(n));
    let scratch = qr::qr_in_place_scratch::<f64>(m, n, block, Par::Seq, Default::default());
    qr::qr_in_place(
        factors.as_mut(),
        householder.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    Array2::from_shape_fn((m.min(n), n), |(row, column)| {
        if row <= column {
            factors[(row, column)]
        } else {
            0.0
        }
    })
}

/// The pseudo-inverse A⁺ = V Σ⁺ Uᵀ of Moore and Penrose, shape (n, m): A⁺ b is the solution of [`least_squares`], and
/// A⁺ = A⁻¹ where there is an inverse.
///
/// Singular values up to σ₁ · max(m, n) · 2⁻⁵² count as 0.
///
/// ```
/// use mlcourse::linalg::pseudo_inverse;
/// use mlcourse::prelude::*;
///
/// let inverse = pseudo_inverse(&array![[2.0, 0.0], [0.0, 0.0]])?;
/// assert_eq!(inverse, array![[0.5, 0.0], [0.0, 0.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: SciPy's `pinv`.
pub fn pseudo_inverse(a: &ArrayRef2<f64>) -> Result<Array2<f64>> {
    check::table("a", a)?;
    let (u, singular_values, v) =
        decompose("pseudo_inverse", a, Keep::Both(ComputeSvdVectors::Thin))?;
    let rank = count_above_rounding(&singular_values, a.dim());
    let (u, mut v) = (to_array(u.as_ref()), to_array(v.as_ref()));
    for place in 0..rank {
        v.column_mut(place)
            .mapv_inplace(|entry| entry / singular_values[place]);
    }
    Ok(v.slice(s![.., ..rank]).dot(&u.slice(s![.., ..rank]).t()))
}
