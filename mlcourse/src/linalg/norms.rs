//! How large a vector or a matrix is.

use super::svd::singular_values;
use crate::{Result, check};
use ndarray::{ArrayRef1, ArrayRef2};

/// A norm of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// ‖x‖₁ = Σ |x_i|.
    L1,
    /// ‖x‖₂ = √(Σ x_i²), the length.
    L2,
    /// ‖x‖∞ = max |x_i|.
    Max,
}

/// A norm of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixNorm {
    /// √(Σ a_ij²), the length of all entries.
    Frobenius,
    /// σ₁, the most that A can stretch a vector.
    Spectral,
    /// Σ σ_k.
    Nuclear,
    /// The largest sum of absolute values of a column.
    One,
    /// The largest sum of absolute values of a row.
    Infinity,
}

/// The norm of a vector. Nothing overflows on the way: ‖(10³⁰⁰, 10³⁰⁰)‖₂ is finite.
///
/// ```
/// use mlcourse::linalg::{Norm, norm};
/// use mlcourse::prelude::*;
///
/// let x = array![3.0, -4.0];
/// assert_eq!(norm(&x, Norm::L2)?, 5.0);
/// assert_eq!(norm(&x, Norm::L1)?, 7.0);
/// assert_eq!(norm(&x, Norm::Max)?, 4.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When x is empty or not finite.
///
/// Source: NumPy's `norm`; the penalties of section 1.3 are its square and `L1`.
pub fn norm(x: &ArrayRef1<f64>, norm: Norm) -> Result<f64> {
    check::column("x", x)?;
    Ok(match norm {
        Norm::L1 => x.iter().map(|value| value.abs()).sum(),
        Norm::L2 => length(&|| x.iter()),
        Norm::Max => x.iter().fold(0.0, |most: f64, value| most.max(value.abs())),
    })
}

/// √(Σ x²), scaled only when the squares would overflow or vanish.
fn length<'a, I: Iterator<Item = &'a f64>>(values: &dyn Fn() -> I) -> f64 {
    let squares: f64 = values().map(|value| value * value).sum();
    if (1e-200..1e300).contains(&squares) {
        return squares.sqrt();
    }
    let most = values().fold(0.0, |most: f64, value| most.max(value.abs()));
    if most == 0.0 {
        return 0.0;
    }
    most * values()
        .map(|value| (value / most).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// The norm of a matrix.
///
/// ```
/// use mlcourse::linalg::{MatrixNorm, matrix_norm};
/// use mlcourse::prelude::*;
///
/// let a = array![[1.0, -2.0], [3.0, 4.0]];
/// assert_eq!(matrix_norm(&a, MatrixNorm::One)?, 6.0);
/// assert_eq!(matrix_norm(&a, MatrixNorm::Infinity)?, 7.0);
/// assert!((matrix_norm(&a, MatrixNorm::Frobenius)? - 30f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When A is empty or not finite.
///
/// Source: NumPy's `norm` with `ord` `"fro"`, `2`, `"nuc"`, `1` and `inf`.
pub fn matrix_norm(a: &ArrayRef2<f64>, norm: MatrixNorm) -> Result<f64> {
    check::table("a", a)?;
    let sum = |values: ndarray::ArrayView1<'_, f64>| values.iter().map(|value| value.abs()).sum();
    Ok(match norm {
        MatrixNorm::Frobenius => length(&|| a.iter()),
        MatrixNorm::Spectral => singular_values(a)?[0],
        MatrixNorm::Nuclear => singular_values(a)?.sum(),
        MatrixNorm::One => a.columns().into_iter().map(sum).fold(0.0, f64::max),
        MatrixNorm::Infinity => a.rows().into_iter().map(sum).fold(0.0, f64::max),
    })
}
