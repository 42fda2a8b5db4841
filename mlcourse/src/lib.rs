//! A machine-learning course as a library: its data, models, metrics and plots, in the field's own words.
//!
//! It is for someone who learns: every item says what it computes, with the formula, the shapes, the defaults and where
//! in the course or the literature it comes from; every error says what was expected, what was found and what to do; and
//! every value prints readably, as tables and pictures in a notebook. Names, defaults and results are scikit-learn's, and
//! the tests compare them with values that scikit-learn computed.
//!
//! # From data to a judged model
//!
//! The prelude holds what a notebook cell has in scope. Data comes with the crate:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let iris = datasets::iris();
//! println!("{iris}");
//! assert_eq!(iris.features().dim(), (150, 4));
//! ```
//!
//! A value with builder methods is a model that knows its hyperparameters and nothing else; `fit` turns it into another
//! type, which predicts. Predicting before fitting does not compile:
//!
//! ```compile_fail
//! # use mlcourse::prelude::*;
//! LogisticRegression::new().predict(&array![[1.0]]);
//! ```
//!
//! What is learned is learned from the training set, the scaler included; the test set judges:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let iris = datasets::iris();
//! let (train, test) = iris.train_test_split(0.2, 42)?;
//!
//! let scaler = StandardScaler::new().fit(&train)?;
//! let model = LogisticRegression::new().fit(&scaler.transform(&train)?)?;
//!
//! let assessment = scaler.transform(&test)?.assess(&model)?;
//! println!("{assessment}");
//! assert!(assessment.score() > 0.9);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! # Conventions
//!
//! - A table of features is `x`, shape (n_samples, n_features), of `f64`; labels are `y`, shape (n_samples), of `usize`.
//!   Functions take references to [`ndarray`] arrays or views: `&x`, `&x.slice(s![..10, ..])`. They are compiled in this
//!   crate, not again in the code that calls them.
//! - Nothing is random unless a seed says so, and the same seed gives the same result on every machine.
//! - Fallible functions return [`Result`]; none panics on the data it is given. What is doubtful but not wrong is a
//!   [`Warning`](warning::Warning) in the result.
//!
//! # Modules
//!
//! [`linalg`], [`probability`], [`datasets`], [`dataset`], [`model_selection`], [`impute`], [`preprocessing`], [`text`],
//! [`feature_selection`], [`imbalance`], [`classification`], [`regression`], [`neighbors`], [`svm`], [`tree`],
//! [`ensemble`], [`combine`], [`dummy`], [`cluster`], [`decomposition`], [`metrics`], [`bias_variance`] and [`plot`] are the course's chapters; [`estimator`] is what models have in common,
//! [`optimize`] what fits stand on, [`display`] how values show.

pub mod bias_variance;
mod check;
pub mod class_weight;
pub mod classification;
pub mod cluster;
pub mod combine;
pub mod dataset;
pub mod datasets;
pub mod decomposition;
pub mod display;
pub mod dummy;
pub mod ensemble;
mod error;
pub mod estimator;
pub mod feature_selection;
pub mod imbalance;
pub mod impute;
pub mod linalg;
pub mod metrics;
pub mod model_selection;
pub mod neighbors;
pub mod optimize;
pub mod plot;
pub mod prelude;
pub mod preprocessing;
pub mod probability;
mod random;
pub mod regression;
#[doc(hidden)]
pub mod rt;
mod shown;
mod simd;
pub mod sparse;
pub mod svm;
pub mod text;
pub mod tree;
pub mod warning;
mod words;

pub use error::{Error, Result};
pub use ndarray;
pub use plotters;
