//! Several models as one: by vote, by mean, or by a model that learns from their answers.
//!
//! ```
//! use mlcourse::combine::{VotingClassifier, VotingMethod};
//! use mlcourse::prelude::*;
//!
//! let iris = datasets::iris();
//! let (train, test) = iris.train_test_split(0.2, 42)?;
//! let model = VotingClassifier::new()
//!     .estimator("weak", &LogisticRegression::new().c(0.1).max_iter(1000))
//!     .estimator("strong", &LogisticRegression::new().c(10.0).max_iter(1000))
//!     .voting(VotingMethod::Soft)
//!     .fit(&train)?;
//! assert!(test.assess(&model)?.score() > 0.9);
//! # Ok::<(), mlcourse::Error>(())
//! ```

mod folds;
mod stacking;
mod voting;

pub use stacking::{
    FittedStackingClassifier, FittedStackingRegressor, StackMethod, StackingClassifier,
    StackingRegressor,
};
pub use voting::{
    FittedVotingClassifier, FittedVotingRegressor, VotingClassifier, VotingMethod, VotingRegressor,
};

use crate::estimator::{FittedClassifier, Parameter, Parameters};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};

/// A name and a model.
type Named<T> = (String, Box<T>);

/// At least one model, and no name twice.
fn check_names<T: ?Sized>(estimators: &[Named<T>]) -> Result<()> {
    if estimators.is_empty() {
        return Err(Error::parameter("estimators", "at least one model", "none"));
    }
    for (place, (name, _)) in estimators.iter().enumerate() {
        if estimators[..place].iter().any(|(other, _)| other == name) {
            let found = format!("`{name}` twice");
            return Err(Error::parameter(
                "estimators",
                "models of different names",
                found,
            ));
        }
    }
    Ok(())
}

/// The hyperparameters of the models themselves cannot be listed under `&'static str` names, but are set by
/// `model__parameter`.
fn set_nested<T: Parameters + ?Sized>(
    estimators: &mut [Named<T>],
    name: &str,
    value: &Parameter,
) -> Result<()> {
    let known = || {
        let names: Vec<String> = estimators
            .iter()
            .map(|(name, _)| format!("{name}__…"))
            .collect();
        names.join(", ")
    };
    let unknown = Error::UnknownName {
        what: "hyperparameter",
        name: name.to_owned(),
        known: known(),
    };
    let Some((of, parameter)) = name.split_once("__") else {
        return Err(unknown);
    };
    match estimators.iter_mut().find(|(name, _)| name == of) {
        Some((_, model)) => model.set_parameter(parameter, value),
        None => Err(unknown),
    }
}

/// Probabilities in the order of `classes`; a class that the model has not seen has probability 0.
fn probabilities_of(
    model: &dyn FittedClassifier,
    x: ArrayView2<'_, f64>,
    classes: &[usize],
) -> Result<Array2<f64>> {
    let found = model.predict_probabilities(x)?;
    if model.labels() == classes {
        return Ok(found);
    }
    let mut aligned = Array2::zeros((found.nrows(), classes.len()));
    for (label, column) in model.labels().iter().zip(found.columns()) {
        if let Some(place) = classes.iter().position(|class| class == label) {
            aligned.column_mut(place).assign(&column);
        }
    }
    Ok(aligned)
}

/// The first of the largest.
fn largest(scores: impl IntoIterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, score) in scores.into_iter().enumerate() {
        if score > best.1 {
            best = (place, score);
        }
    }
    best.0
}

/// As many weights as models, 0 or more, not all 0; 1 for each if there are none.
fn checked_weights(weights: Option<&Vec<f64>>, n_models: usize) -> Result<Array1<f64>> {
    let Some(weights) = weights else {
        return Ok(Array1::ones(n_models));
    };
    if weights.len() != n_models {
        return Err(Error::LengthMismatch {
            left: "estimators",
            left_len: n_models,
            right: "weights",
            right_len: weights.len(),
        });
    }
    let fine = weights
        .iter()
        .all(|weight| *weight >= 0.0 && weight.is_finite());
    if !fine || weights.iter().sum::<f64>() <= 0.0 {
        let found = format!("{weights:?}");
        return Err(Error::parameter(
            "weights",
            "0 or more each, not all 0",
            found,
        ));
    }
    Ok(Array1::from(weights.clone()))
}
