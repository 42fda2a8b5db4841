//! The largest singular values and vectors, from random directions.

use crate::Result;
use crate::linalg::{self, Dense, Keep, decompose, product_into, to_array};
use crate::random::Random;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
};
use faer::linalg::qr::no_pivoting::factor as qr;
use faer::{Conj, Mat, MatRef, Par};
use ndarray::{Array1, Array2, ArrayRef2, s};

/// How hard to try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub n_oversamples: usize,
    /// None: 7 for few components, 4 for many.
    pub n_iter: Option<usize>,
    pub seed: u64,
}

/// The `n_components` largest singular values σ of X and the rows of Vᵀ that belong to them.
///
/// Random directions are multiplied by X and Xᵀ by turns, which favours the large singular values, and made orthogonal
/// after each product; then X is decomposed within the space they span. N. Halko, P.-G. Martinsson, J. A. Tropp, *Finding
/// structure with randomness*, 2011; scikit-learn's `randomized_svd`.
pub(super) fn largest_singular(
    operation: &'static str,
    x: &ArrayRef2<f64>,
    n_components: usize,
    effort: Effort,
) -> Result<(Array1<f64>, Array2<f64>)> {
    let (n_samples, n_features) = x.dim();
    let smaller = n_samples.min(n_features);
    let size = (n_components + effort.n_oversamples).min(smaller);
    let n_iter = effort
        .n_iter
        .unwrap_or(if 10 * n_components < smaller { 7 } else { 4 });
    let dense = Dense::new(x);
    // The side with fewer columns, as the random directions live there.
    let transposed = n_samples < n_features;
    let a = if transposed {
        dense.mat().transpose()
    } else {
        dense.mat()
    };
    let mut random = Random::seeded(effort.seed);
    let mut directions = Mat::from_fn(a.ncols(), size, |_, _| random.normal());
    for _ in 0..n_iter {
        directions = orthonormal(product(a, directions.as_ref()));
        directions = orthonormal(product(a.transpose(), directions.as_ref()));
    }
    let basis = orthonormal(product(a, directions.as_ref()));
    // B = Qᵀ A is small: size × smaller.
    let small = to_array(product(basis.transpose(), a).as_ref());
    let (u, values, v) = decompose(
        operation,
        &small,
        if transposed { Keep::Left } else { Keep::Right },
    )?;
    let vt = if transposed {
        // A = Xᵀ: its left vectors are the right ones of X.
        to_array(product(basis.as_ref(), u.as_ref()).transpose())
    } else {
        to_array(v.transpose())
    };
    Ok((
        values.slice(s![..n_components]).to_owned(),
        vt.slice(s![..n_components, ..]).to_owned(),
    ))
}

fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut c = Mat::zeros(a.nrows(), b.ncols());
    product_into(c.as_mut(), a, b);
    c
}

/// Q of X = Q R, shape (m, min(m, n)): the same space, directions at right angles.
fn orthonormal(mut x: Mat<f64>) -> Mat<f64> {
    let (m, n) = (x.nrows(), x.ncols().min(x.nrows()));
    let block = qr::recommended_block_size::<f64>(m, x.ncols());
    let mut householder = Mat::zeros(block, n);
    let scratch = qr::qr_in_place_scratch::<f64>(m, x.ncols(), block, Par::Seq, Default::default());
    qr::qr_in_place(
        x.as_mut(),
        householder.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    let mut q = Mat::identity(m, n);
    let scratch = apply_block_householder_sequence_on_the_left_in_place_scratch::<f64>(m, block, n);
    apply_block_householder_sequence_on_the_left_in_place_with_conj(
        x.as_ref().subcols(0, n),
        householder.as_ref(),
        Conj::No,
        q.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
    );
    q
}

/// The `n_components` largest singular values σ of X and the rows of Vᵀ, exactly.
pub(super) fn exact_singular(
    operation: &'static str,
    x: &ArrayRef2<f64>,
    n_components: usize,
) -> Result<(Array1<f64>, Array2<f64>)> {
    let (_, values, v) = linalg::decompose(operation, x, Keep::Right)?;
    let vt = to_array(v.transpose());
    Ok((
        values.slice(s![..n_components]).to_owned(),
        vt.slice(s![..n_components, ..]).to_owned(),
    ))
}
