//! What all models have in common: hyperparameters by name, learning from training data, predicting.
//!
//! A value with builder methods is a model that has learnt nothing. `fit` takes it and gives another type, so a model
//! that has not learnt cannot predict. What `fit` takes says what a model may learn from:
//!
//! | argument | for |
//! |---|---|
//! | `&x` | scalers, clusterings: features alone |
//! | `(&x, &y)` | classifiers and regressors |
//! | `(&x, &y, &sample_weight)` | the same, where samples count differently |
//! | `&train`, a [`Dataset<Train>`](crate::dataset::Dataset) | all of them |
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![0, 0, 1, 1]);
//! let model = LogisticRegression::new().fit((&x, &y))?;
//! assert_eq!(model.predict(&x)?, y);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! [`Classifier`], [`Regressor`] and [`Transformer`] are the same as traits, for code that takes any model: pipelines,
//! cross-validation, searches.

mod macros;
mod parameters;
mod training;
pub(crate) mod value;

pub(crate) use macros::{classifier, clusterer, regressor, transformer};
pub use parameters::{Parameter, Parameters, UnknownChoice};
pub(crate) use parameters::{choice, parameters};
pub use training::{Features, Training, TrainingFeatures, TrainingLabels, TrainingTargets};

use crate::Result;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use std::fmt::Debug;

/// A model that learns to name the class of a sample.
pub trait Classifier: Parameters + Debug + Send + Sync {
    /// Learns from features, shape (n_samples, n_features), labels, shape (n_samples), and how much each sample counts.
    ///
    /// # Errors
    /// When the data or a hyperparameter is not what the model can learn from.
    fn fit_classifier(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<Box<dyn FittedClassifier>>;

    /// A copy.
    fn boxed(&self) -> Box<dyn Classifier>;
}

/// A classifier that has learnt.
pub trait FittedClassifier: Debug + Send + Sync {
    /// The label of each sample, shape (n_samples).
    ///
    /// # Errors
    /// When the features are not what the model has learnt from.
    fn predict_labels(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>>;

    /// The probability of each class, shape (n_samples, n_classes), in the order of [`labels`](Self::labels).
    ///
    /// # Errors
    /// As [`predict_labels`](Self::predict_labels), and when the model has no probabilities.
    fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>>;

    /// The labels it has seen, ascending.
    fn labels(&self) -> &[usize];
}

/// A model that learns to say a number.
pub trait Regressor: Parameters + Debug + Send + Sync {
    /// Learns from features, shape (n_samples, n_features), targets, shape (n_samples), and how much each sample counts.
    ///
    /// # Errors
    /// When the data or a hyperparameter is not what the model can learn from.
    fn fit_regressor(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<Box<dyn FittedRegressor>>;

    /// A copy.
    fn boxed(&self) -> Box<dyn Regressor>;
}

/// A regressor that has learnt.
pub trait FittedRegressor: Debug + Send + Sync {
    /// The number for each sample, shape (n_samples).
    ///
    /// # Errors
    /// When the features are not what the model has learnt from.
    fn predict_targets(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>>;
}

/// A step that learns how to change features.
pub trait Transformer: Parameters + Debug + Send + Sync {
    /// Learns from features, shape (n_samples, n_features).
    ///
    /// # Errors
    /// When the data or a hyperparameter is not what the step can learn from.
    fn fit_transformer(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedTransformer>>;

    /// A copy.
    fn boxed(&self) -> Box<dyn Transformer>;
}

/// A step that has learnt how to change features.
pub trait FittedTransformer: Debug + Send + Sync {
    /// The changed features, one row a sample.
    ///
    /// # Errors
    /// When the features are not what the step has learnt from.
    fn transform_features(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>>;

    /// The names of the changed features.
    fn names_out(&self, names: &[String]) -> Vec<String> {
        names.to_vec()
    }
}
