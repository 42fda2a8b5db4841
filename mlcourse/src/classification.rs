//! Predicting a class.

mod logistic;
mod logistic_loss;
mod naive_bayes;

pub use logistic::{FittedLogisticRegression, LogisticRegression};
pub use naive_bayes::{FittedGaussianNB, FittedMultinomialNB, GaussianNB, MultinomialNB};
