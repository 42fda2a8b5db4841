//! Solving small dense systems: Cholesky, eigenvalues, singular values. All in one thread, so that the result is the same
//! to the last bit wherever it runs.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Mat, MatMut, MatRef, Par};

/// The factor L of a positive definite A = LLᵀ.
pub(super) struct Cholesky(Mat<f64>);

impl Cholesky {
    /// Nothing where A, of which the lower triangle is read, is not positive definite to working precision.
    pub(super) fn of(mut a: Mat<f64>) -> Option<Self> {
        let size = a.nrows();
        let mut memory = MemBuffer::new(llt::factor::cholesky_in_place_scratch::<f64>(
            size,
            Par::Seq,
            Default::default(),
        ));
        llt::factor::cholesky_in_place(
            a.as_mut(),
            Default::default(),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        )
        .ok()?;
        (0..size)
            .all(|place| a[(place, place)].is_finite())
            .then_some(Self(a))
    }

    /// A⁻¹b.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut solution = b.to_vec();
        let size = solution.len();
        llt::solve::solve_in_place(
            self.0.as_ref(),
            MatMut::from_column_major_slice_mut(&mut solution, size, 1),
            Par::Seq,
            MemStack::new(&mut []),
        );
        solution
    }
}

/// The eigenvalues of a symmetric matrix, ascending; nothing where the iteration does not converge.
pub(super) fn eigenvalues(a: MatRef<'_, f64>) -> Option<Vec<f64>> {
    let mut values = Diag::<f64>::zeros(a.nrows());
    let mut memory = MemBuffer::new(self_adjoint_evd_scratch::<f64>(
        a.nrows(),
        ComputeEigenvectors::No,
        Par::Seq,
        Default::default(),
    ));
    self_adjoint_evd(
        a,
        values.as_mut(),
        None,
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .ok()?;
    Some(values.column_vector().iter().copied().collect())
}

/// A = U Σ Vᵀ with as many singular values, descending, as the shorter side is long.
pub(super) struct Svd {
    pub u: Mat<f64>,
    pub singular: Vec<f64>,
    pub v: Mat<f64>,
}

impl Svd {
    /// Nothing where the iteration does not converge.
    pub(super) fn of(a: MatRef<'_, f64>) -> Option<Self> {
        let (rows, columns) = a.shape();
        let size = rows.min(columns);
        let mut u = Mat::zeros(rows, size);
        let mut v = Mat::zeros(columns, size);
        let mut singular = Diag::<f64>::zeros(size);
        let mut memory = MemBuffer::new(svd_scratch::<f64>(
            rows,
            columns,
            ComputeSvdVectors::Thin,
            ComputeSvdVectors::Thin,
            Par::Seq,
            Default::default(),
        ));
        svd(
            a,
            singular.as_mut(),
            Some(u.as_mut()),
            Some(v.as_mut()),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        )
        .ok()?;
        Some(Self {
            u,
            singular: singular.column_vector().iter().copied().collect(),
            v,
        })
    }

    /// V · diag(f(σ_k)) · Uᵀb.
    pub(super) fn apply(&self, b: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut solution = vec![0.0; self.v.nrows()];
        for (k, &singular) in self.singular.iter().enumerate() {
            let along: f64 = self.u.col(k).iter().zip(b).map(|(u, b)| u * b).sum();
            let step = f(singular) * along;
            for (solution, v) in solution.iter_mut().zip(self.v.col(k).iter()) {
                *solution += step * v;
            }
        }
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_solves_what_it_was_made_of() {
        let a = Mat::from_fn(3, 3, |i, j| if i == j { 4.0 } else { 1.0 });
        let b: Vec<f64> = (0..3).map(|i| a.row(i).iter().sum()).collect();
        let x = Cholesky::of(a).expect("positive definite").solve(&b);
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-15), "{x:?}");
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        assert!(Cholesky::of(Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 2.0 })).is_none());
        assert!(Cholesky::of(Mat::from_fn(2, 2, |_, _| f64::NAN)).is_none());
    }

    #[test]
    fn singular_values_are_roots_of_the_gram_matrix_eigenvalues() {
        let a = Mat::from_fn(4, 2, |i, j| (i * i + 3 * j) as f64);
        let svd = Svd::of(a.as_ref()).expect("it converges");
        let gram = a.transpose() * &a;
        let mut values = eigenvalues(gram.as_ref()).expect("it converges");
        values.reverse();
        for (singular, value) in svd.singular.iter().zip(values) {
            assert!((singular * singular - value).abs() < 1e-12 * svd.singular[0].powi(2));
        }
    }
}
