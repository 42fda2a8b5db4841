//! Predicting a class.

mod logistic;
mod logistic_loss;

pub use logistic::{FittedLogisticRegression, LogisticRegression};
