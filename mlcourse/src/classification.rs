//! Predicting a class.

mod logistic;
pub(crate) mod logistic_loss;
pub(crate) mod logistic_newton;
mod naive_bayes;

pub use logistic::{FittedLogisticRegression, LogisticRegression, Solver};
pub use naive_bayes::{FittedGaussianNB, FittedMultinomialNB, GaussianNB, MultinomialNB};
