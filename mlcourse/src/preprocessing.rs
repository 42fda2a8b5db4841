//! Features on a scale that models can compare.

mod polynomial;
mod standard_scaler;

pub use polynomial::{FittedPolynomialFeatures, PolynomialFeatures};
pub use standard_scaler::{FittedStandardScaler, StandardScaler};
