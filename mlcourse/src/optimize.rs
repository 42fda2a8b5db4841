//! Minimising a smooth function of many variables.
//!
//! [`Lbfgs`] is the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno: it keeps the last m steps
//! s = Δx and y = Δ∇f, and from them applies an approximation of the inverse Hessian to the gradient without ever storing
//! a matrix (the two-loop recursion). Each step length satisfies the strong Wolfe conditions
//!
//! f(x + αd) ≤ f(x) + c₁ α ∇f(x)ᵀd and |∇f(x + αd)ᵀd| ≤ c₂ |∇f(x)ᵀd|, c₁ = 10⁻³, c₂ = 0.9.
//!
//! ```
//! use mlcourse::optimize::Lbfgs;
//!
//! // f(a, b) = (a − 1)² + 10 (b + 2)²
//! let mut f = |x: &[f64], gradient: &mut [f64]| {
//!     gradient[0] = 2.0 * (x[0] - 1.0);
//!     gradient[1] = 20.0 * (x[1] + 2.0);
//!     (x[0] - 1.0).powi(2) + 10.0 * (x[1] + 2.0).powi(2)
//! };
//! let minimum = Lbfgs::new().tol(1e-8).minimize(&mut f, vec![0.0, 0.0]);
//! assert!(minimum.converged());
//! assert!((minimum.x[0] - 1.0).abs() < 1e-8 && (minimum.x[1] + 2.0).abs() < 1e-8);
//! ```
//!
//! [`OwlQn`] minimises such a function plus an L1 penalty, which has a corner wherever a variable is 0.
//!
//! Source: J. Nocedal and S. J. Wright, *Numerical Optimization*, chapters 3 and 7; the constants and stopping rules are
//! those of L-BFGS-B 3.0 as SciPy's `minimize(method="L-BFGS-B")` runs it without bounds.

mod lbfgs;
mod line_search;
mod owl_qn;

pub use lbfgs::{Lbfgs, Minimum, Stop};
pub use owl_qn::OwlQn;
