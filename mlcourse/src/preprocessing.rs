//! Features on a scale that models can compare.

mod standard_scaler;

pub use standard_scaler::{FittedStandardScaler, StandardScaler};
