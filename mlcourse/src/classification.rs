//! Predicting a class.

mod logistic;
pub(crate) mod logistic_loss;
pub(crate) mod logistic_newton;

pub use logistic::{FittedLogisticRegression, LogisticRegression, Solver};
