//! Models that predict a number as a weighted sum of the features: ŷ = wᵀx + b.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![1.0, 3.0, 5.0, 7.0]);
//! let model = LinearRegression::new().fit((&x, &y))?;
//! println!("{model}");
//! assert!((model.predict(&array![[10.0]])?[0] - 21.0).abs() < 1e-9);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! They differ in what they add to the squared error, so that coefficients stay small:
//!
//! | model | objective | effect |
//! |---|---|---|
//! | [`LinearRegression`] | ‖Xw − y‖² | |
//! | [`Ridge`] | ‖Xw − y‖² + α ‖w‖² | small coefficients, none of them 0 |
//! | [`Lasso`] | (1/2n) ‖Xw − y‖² + α ‖w‖₁ | few coefficients that are not 0 |
//! | [`ElasticNet`] | (1/2n) ‖Xw − y‖² + αρ ‖w‖₁ + ½ α(1 − ρ) ‖w‖² | few, and alike for features that are alike |
//!
//! α is scikit-learn's. The course's λ is α for Ridge and 2nα for Lasso; each model takes it by that name too.
//! [`lasso_path`] and [`enet_path`] fit many penalties in a row, [`LassoCV`] finds the best by cross-validation.
//!
//! Source: course, section 1.3; scikit-learn, *Linear models*.

mod centred;
mod descent;
mod elastic;
mod elastic_net;
mod lasso;
mod lasso_cv;
mod line;
mod linear;
mod moments;
mod nonnegative;
mod path;
mod ridge;
mod solve;

pub use descent::Sweep;
pub use elastic::Selection;
pub use elastic_net::{ElasticNet, FittedElasticNet};
pub use lasso::{FittedLasso, Lasso};
pub use lasso_cv::{FittedLassoCV, LassoCV};
pub use linear::{FittedLinearRegression, LinearRegression, LinearSolver};
pub use path::{PathOptions, RegularizationPath, enet_path, lasso_path};
pub use ridge::{FittedRidge, Ridge};
