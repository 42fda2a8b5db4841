//! Decision trees: questions about one feature at a time.
//!
//! A tree splits the samples where that makes the two sides purest, then each side again, until a leaf is pure or a limit
//! is met. What it has learnt can be read:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (train, _) = datasets::iris().train_test_split(0.2, 42)?;
//! let model = DecisionTreeClassifier::new().max_depth(2).fit(&train)?;
//! let names = ["sepal length", "sepal width", "petal length", "petal width"];
//! let text = model.export_text(&names)?;
//! assert!(text.starts_with("|--- petal length <= 2.45\n|   |--- class: 0\n"));
//! for rule in model.rules(&names)? {
//!     println!("{rule}"); // if petal length ≤ 2.4500: class 0, 100.0 % (40 samples)
//! }
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! A deep tree learns its training samples by heart (*overfitting*): limit it with `max_depth` or `min_samples_leaf`, prune
//! it with `ccp_alpha`, or average many of them, as the forests of [`ensemble`](crate::ensemble) do.
//!
//! # What differs from scikit-learn
//!
//! - Values are compared as `f64`; scikit-learn rounds features to `f32` and takes values closer than 1e-7 for equal.
//! - Of splits that are equally good, the feature that comes first is taken; scikit-learn takes a random one of them.

mod classes;
mod classifier;
mod criterion;
mod export;
mod fit;
mod grow;
mod nodes;
mod numbers;
mod prune;
mod ranks;
mod regressor;
mod search;
mod settings;
mod sort;

pub use classifier::{DecisionTreeClassifier, FittedDecisionTreeClassifier};
pub use criterion::{ClassCriterion, RegressionCriterion};
pub use nodes::Tree;
pub use prune::PruningPath;
pub use regressor::{DecisionTreeRegressor, FittedDecisionTreeRegressor};
pub use settings::{ClassWeight, MaxFeatures};

pub(crate) use classifier::largest;
pub(crate) use fit::{ClassTrees, NumberTrees};
pub(crate) use grow::{Limits, grow};
pub(crate) use nodes::normalised;
pub(crate) use numbers::Squares;
pub(crate) use prune::prune;
pub(crate) use ranks::Ranks;
pub(crate) use search::Space;
pub(crate) use settings::{
    Labelled, Learnable, Settings, at_least, balanced, labelled, labelled_unchecked, not_negative,
    numbered, numbered_unchecked, predictable, tree_settings,
};
