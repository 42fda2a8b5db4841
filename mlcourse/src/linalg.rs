//! Linear algebra as the course writes it: products, eigenvalues, singular values, equations.
//!
//! Everything takes references to `ndarray` matrices or views and gives owned arrays. The work is done by faer; what is
//! added is what a reader needs: shapes in errors, an order and a sign that do not change between runs, and numbers that
//! are the same to the last bit on one core or many.
//!
//! ```
//! use mlcourse::linalg;
//! use mlcourse::prelude::*;
//!
//! let a = array![[2.0, 1.0], [1.0, 2.0]];
//! assert_eq!(linalg::matmul(&a, &a)?, array![[5.0, 4.0], [4.0, 5.0]]);
//!
//! // A v = λ v, smallest λ first.
//! let eigen = linalg::eigh(&a)?;
//! assert!((eigen.values()[0] - 1.0).abs() < 1e-12 && (eigen.values()[1] - 3.0).abs() < 1e-12);
//!
//! // A = U Σ Vᵀ, largest σ first.
//! let svd = linalg::svd(&a)?;
//! assert!((svd.reconstruct() - &a).iter().all(|error| error.abs() < 1e-12));
//!
//! // The shapes are named when they do not fit.
//! let error = linalg::matmul(&a, &array![[1.0, 2.0, 3.0]]).unwrap_err();
//! assert!(error.to_string().contains("2×2 and 1×3"), "{error}");
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! | for | function |
//! |---|---|
//! | C = A B | [`matmul`] |
//! | A v = λ v | [`eigh`] (symmetric), [`eig`] (any square matrix) |
//! | A = U Σ Vᵀ | [`svd`], [`svd_full`], [`singular_values`] |
//! | A x = b | [`solve`], [`solve_matrix`], [`inverse`], [`determinant`] |
//! | min ‖A x − b‖ | [`least_squares`], [`pseudo_inverse`] |
//! | size and safety | [`norm`], [`matrix_norm`], [`rank`], [`condition_number`] |
//!
//! Source: course, section 1.1; names follow NumPy's `numpy.linalg`.

mod dense;
mod eigen;
mod least_squares;
mod norms;
mod product;
mod solve;
mod svd;

pub(crate) use dense::{Dense, to_array};
pub use eigen::{Eig, Eigh, eig, eigh};
/// A complex number, `re + im·i`.
pub use faer::c64 as Complex;
pub use least_squares::{LeastSquares, least_squares, pseudo_inverse};
pub use norms::{MatrixNorm, Norm, matrix_norm, norm};
pub use product::matmul;
pub(crate) use product::{gram_of_rows, product_into};
pub use solve::{determinant, inverse, log_determinant, solve, solve_matrix};
pub(crate) use svd::{Keep, decompose, flip_by_rows};
pub use svd::{Svd, condition_number, rank, singular_values, svd, svd_full};
