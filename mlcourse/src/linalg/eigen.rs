//! Eigenvalues and eigenvectors.

use super::Complex;
use super::dense::{check_square, to_array, to_columns};
use super::svd::largest;
use crate::display::{Display, MimeBundle, Table};
use crate::{Error, Result};
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::{Mat, Par};
use ndarray::{Array1, Array2, ArrayRef2, ArrayViewMut1};
use std::fmt;

/// The eigenvalues and eigenvectors of a symmetric matrix: see [`eigh`]. It shows as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigh {
    values: Array1<f64>,
    vectors: Array2<f64>,
}

impl Eigh {
    /// The eigenvalues λ, shape (n), ascending.
    pub fn values(&self) -> &Array1<f64> {
        &self.values
    }

    /// The eigenvectors v as columns, shape (n, n), in the order of the eigenvalues; each has length 1.
    pub fn vectors(&self) -> &Array2<f64> {
        &self.vectors
    }

    fn table(&self) -> Table {
        let shown = self.vectors.nrows().min(8);
        let mut columns = vec!["λ".to_owned()];
        columns.extend((0..shown).map(|entry| format!("v{entry}")));
        let mut table = Table::new(&columns).decimals(4).caption(format!(
            "eigenvalues and eigenvectors of a symmetric matrix of {0}×{0}",
            self.values.len()
        ));
        for (&value, vector) in self.values.iter().zip(self.vectors.columns()) {
            let mut cells = vec![value.into()];
            cells.extend(vector.iter().take(shown).map(|&entry| entry.into()));
            table.push(cells);
        }
        table
    }
}

impl fmt::Display for Eigh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Eigh {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// The eigenvalues λ and eigenvectors v of a symmetric matrix: A v = λ v, that is det(A − λ I) = 0.
///
/// A has shape (n, n). All λ are real, and the eigenvectors are orthogonal: A = V diag(λ) Vᵀ. The eigenvalues are
/// ascending; each eigenvector has length 1, and its largest entry by absolute value is positive (the first of entries
/// that are equal up to rounding), so that the same matrix always gives the same vectors.
///
/// ```
/// use mlcourse::linalg::eigh;
/// use mlcourse::prelude::*;
///
/// let eigen = eigh(&array![[2.0, 0.0], [0.0, 1.0]])?;
/// assert_eq!(eigen.values(), array![1.0, 2.0]);
/// assert_eq!(eigen.vectors(), array![[0.0, 1.0], [1.0, 0.0]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is not square, not symmetric (by more than 10⁻⁸ of its largest entry), empty or not finite.
///
/// Source: course, section 1.1 (*Valeurs Propres*); NumPy's `eigh`, which does not look at the upper half.
pub fn eigh(a: &ArrayRef2<f64>) -> Result<Eigh> {
    check_square("eigh", a)?;
    check_symmetric("eigh", a)?;
    let n = a.nrows();
    let a = to_columns(a);
    let mut values = Diag::zeros(n);
    let mut vectors = Mat::zeros(n, n);
    // Two pieces, whatever the number of threads: another number would round otherwise.
    let par = if n < 256 { Par::Seq } else { Par::rayon(2) };
    let scratch =
        evd::self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, par, Default::default());
    evd::self_adjoint_evd(
        a.as_ref(),
        values.as_mut(),
        Some(vectors.as_mut()),
        par,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .map_err(|_| Error::NoConvergence { operation: "eigh" })?;
    let mut vectors = to_array(vectors.as_ref());
    for mut vector in vectors.columns_mut() {
        if leading(vector.iter().copied(), f64::abs) < 0.0 {
            vector.mapv_inplace(|entry| -entry);
        }
    }
    Ok(Eigh {
        values: values.column_vector().iter().copied().collect(),
        vectors,
    })
}

fn check_symmetric(operation: &'static str, a: &ArrayRef2<f64>) -> Result<()> {
    let bound = 1e-8 * largest(a.iter()).abs();
    for row in 0..a.nrows() {
        for column in 0..row {
            let (value, mirrored) = (a[[row, column]], a[[column, row]]);
            if (value - mirrored).abs() > bound {
                return Err(Error::NotSymmetric {
                    operation,
                    row,
                    column,
                    value,
                    mirrored,
                });
            }
        }
    }
    Ok(())
}

/// The entry of the largest size, the first of those that differ by rounding only.
fn leading<T: Copy + Default>(entries: impl Iterator<Item = T> + Clone, size: fn(T) -> f64) -> T {
    let most = entries.clone().map(size).fold(0.0, f64::max);
    entries
        .clone()
        .find(|&entry| size(entry) >= most * (1.0 - 1e-9))
        .unwrap_or_default()
}

/// The eigenvalues and eigenvectors of any square matrix, complex in general: see [`eig`]. It shows as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Eig {
    values: Array1<Complex>,
    vectors: Array2<Complex>,
}

impl Eig {
    /// The eigenvalues λ, shape (n): by descending real part; of a complex pair the one with positive imaginary part
    /// first.
    pub fn values(&self) -> &Array1<Complex> {
        &self.values
    }

    /// The eigenvectors v as columns, shape (n, n), in the order of the eigenvalues; each has length 1.
    pub fn vectors(&self) -> &Array2<Complex> {
        &self.vectors
    }

    /// Whether no eigenvalue has an imaginary part.
    pub fn is_real(&self) -> bool {
        self.values.iter().all(|value| value.im == 0.0)
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["Re λ", "Im λ", "|λ|"])
            .decimals(4)
            .caption(format!(
                "eigenvalues of a matrix of {0}×{0}",
                self.values.len()
            ));
        for value in &self.values {
            table.push(vec![
                value.re.into(),
                value.im.into(),
                value.re.hypot(value.im).into(),
            ]);
        }
        table
    }
}

impl fmt::Display for Eig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for Eig {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// The eigenvalues λ and eigenvectors v of any square matrix: A v = λ v, that is det(A − λ I) = 0.
///
/// A has shape (n, n). Eigenvalues that are not real come in pairs a ± b i, one after the other, and so do their vectors.
/// The order is that of [`Eig::values`]; each vector has length 1 and a largest entry that is real and positive. A matrix
/// that cannot be diagonalised has (nearly) parallel vectors. Of a symmetric matrix ask [`eigh`]: it is faster, exact and
/// real.
///
/// ```
/// use mlcourse::linalg::{Complex, eig};
/// use mlcourse::prelude::*;
///
/// // A quarter turn has no real direction that it keeps.
/// let eigen = eig(&array![[0.0, -1.0], [1.0, 0.0]])?;
/// assert!((eigen.values()[0] - Complex::new(0.0, 1.0)).norm() < 1e-12);
/// assert_eq!(eigen.values()[1], eigen.values()[0].conj());
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is not square, empty or not finite.
///
/// Source: course, section 1.1 (*Valeurs Propres*); NumPy's `eig`, in another order.
pub fn eig(a: &ArrayRef2<f64>) -> Result<Eig> {
    check_square("eig", a)?;
    let n = a.nrows();
    let a = to_columns(a);
    let (mut re, mut im) = (Diag::zeros(n), Diag::zeros(n));
    let mut parts = Mat::zeros(n, n);
    let par = Par::Seq;
    let scratch = evd::evd_scratch::<f64>(
        n,
        ComputeEigenvectors::No,
        ComputeEigenvectors::Yes,
        par,
        Default::default(),
    );
    evd::evd_real(
        a.as_ref(),
        re.as_mut(),
        im.as_mut(),
        None,
        Some(parts.as_mut()),
        par,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .map_err(|_| Error::NoConvergence { operation: "eig" })?;
    let values: Vec<Complex> = re
        .column_vector()
        .iter()
        .zip(im.column_vector().iter())
        .map(|(&re, &im)| Complex::new(re, im))
        .collect();
    Ok(paired(&values, &parts))
}

/// Puts the real and imaginary columns of a pair together, and all in order.
fn paired(values: &[Complex], parts: &Mat<f64>) -> Eig {
    let n = values.len();
    let mut pairs: Vec<(Complex, Vec<Complex>)> = Vec::with_capacity(n);
    let mut place = 0;
    while place < n {
        if values[place].im == 0.0 || place + 1 == n {
            let vector = (0..n).map(|row| Complex::new(parts[(row, place)], 0.0));
            pairs.push((values[place], vector.collect()));
            place += 1;
        } else {
            // One pair: λ and its conjugate, v in two columns, its real and its imaginary part.
            let vector: Vec<Complex> = (0..n)
                .map(|row| Complex::new(parts[(row, place)], parts[(row, place + 1)]))
                .collect();
            let conjugate = vector.iter().map(|entry| entry.conj()).collect();
            pairs.push((values[place], vector));
            pairs.push((values[place].conj(), conjugate));
            place += 2;
        }
    }
    pairs.sort_by(|(left, _), (right, _)| {
        right
            .re
            .total_cmp(&left.re)
            .then(right.im.abs().total_cmp(&left.im.abs()))
            .then(right.im.total_cmp(&left.im))
    });
    let mut vectors = Array2::from_elem((n, n), Complex::new(0.0, 0.0));
    for ((_, entries), vector) in pairs.iter().zip(vectors.columns_mut()) {
        normalise(entries, vector);
    }
    Eig {
        values: pairs.iter().map(|(value, _)| *value).collect(),
        vectors,
    }
}

/// Length 1, and the largest entry real and positive.
fn normalise(entries: &[Complex], mut vector: ArrayViewMut1<'_, Complex>) {
    let leader = leading(entries.iter().copied(), |entry: Complex| entry.norm());
    let scale = leader.norm();
    if scale == 0.0 {
        return;
    }
    let turn = leader.conj() / scale;
    let length = entries
        .iter()
        .map(|entry| (entry / scale).norm_sqr())
        .sum::<f64>()
        .sqrt();
    for (place, entry) in vector.iter_mut().zip(entries) {
        *place = entry / scale * turn / length;
    }
}
