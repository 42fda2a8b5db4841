//! Ensembles: many models whose answers become one.
//!
//! *Bagging* averages deep trees that each saw other samples and other features: what each learnt by heart averages out.
//! *Boosting* adds small trees one after the other, each for what the ones before it got wrong.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
//! let model = RandomForestClassifier::new().n_estimators(100).seed(42).fit(&train)?;
//! assert!(test.assess(&model)?.score() >= 0.9);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Tree number i of seed s is grown from (s, i) alone. So the same seed gives the same bits whatever the number of
//! threads, and a forest of 100 trees is the beginning of one of 300.

mod ada_boost;
mod bins;
mod boosting;
mod boosting_models;
mod forest;
mod forest_models;
mod hist;
mod hist_models;
mod hist_tree;
mod loss;

pub use ada_boost::{
    AdaBoostClassifier, AdaBoostRegressor, DistanceLoss, FittedAdaBoostClassifier,
    FittedAdaBoostRegressor,
};
pub use boosting_models::{
    ClassLoss, FittedGradientBoostingClassifier, FittedGradientBoostingRegressor,
    GradientBoostingClassifier, GradientBoostingRegressor, RegressionLoss,
};
pub use forest_models::{
    BaggingClassifier, BaggingRegressor, ExtraTreesClassifier, ExtraTreesRegressor,
    FittedBaggingClassifier, FittedBaggingRegressor, FittedExtraTreesClassifier,
    FittedExtraTreesRegressor, FittedRandomForestClassifier, FittedRandomForestRegressor,
    RandomForestClassifier, RandomForestRegressor,
};
pub use hist_models::{
    FittedHistGradientBoostingClassifier, FittedHistGradientBoostingRegressor,
    HistGradientBoostingClassifier, HistGradientBoostingRegressor, HistLoss,
};
