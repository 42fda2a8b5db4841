//! Data that knows what it may be used for.
//!
//! A [`Dataset`] is a table of features with its target. The type says which part of the data it is: [`Whole`], [`Train`],
//! [`Validation`] or [`Test`]. Models learn from the training part; on the test part `fit` does not compile, and
//! [`assess`](Dataset::assess) uses it up:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
//! let scaler = StandardScaler::new().fit(&train)?;
//! let model = LogisticRegression::new().fit(&scaler.transform(&train)?)?;
//! let assessment = scaler.transform(&test)?.assess(&model)?;
//! assert!(assessment.score() > 0.9);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! ```compile_fail
//! # use mlcourse::prelude::*;
//! let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
//! StandardScaler::new().fit(&test)?; // does not compile: data leakage
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Every row keeps its name through selections and splits, and what has learnt keeps the names of the rows it has seen
//! ([`Lineage`]). So a leak that types cannot see is found when the test set is assessed, with the rows as proof.

mod parts;
mod rows;

pub use parts::{
    Assessment, Dataset, Explored, Finding, Judged, Prediction, Test, Train, Validation, Whole,
};
pub use rows::{Lineage, RowId, Rows, Stage};
