//! Features as models want them: numbers on a scale that can be compared, and words turned into numbers.
//!
//! Each step learns from the training set and is then applied to every part of the data:
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
//! let scaler = StandardScaler::new().fit(&train)?;
//! let (train, test) = (scaler.transform(&train)?, scaler.transform(&test)?);
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! # Which scaler for which data?
//!
//! First: does the model need one? Everything that measures distances or walks down a slope does (nearest neighbours,
//! k-means, SVM, PCA, regularised linear models, neural networks): there, a feature in metres counts a thousand times
//! less than the same in millimetres. Trees and forests do not: they only ask whether a number is above a threshold.
//!
//! | the data | the scaler | why |
//! |---|---|---|
//! | bell-shaped or unknown | [`StandardScaler`] | mean 0, variance 1; what most models assume |
//! | bounded: pixels, percentages, grades | [`MinMaxScaler`] | keeps the shape, gives an interval, 0 to 1 |
//! | with outliers | [`RobustScaler`] | median and quartiles do not follow them |
//! | mostly zeros: counts, word weights | [`MaxAbsScaler`] | a 0 stays a 0 |
//! | skewed: incomes, durations, populations | [`PowerTransformer`] | bends them towards a bell |
//! | where only the order is to be trusted | [`QuantileTransformer`] | ranks; distances are lost |
//! | rows compared by direction: texts | [`Normalizer`] | works on rows, not on columns |
//! | yes or no, or classes of a number | [`Binarizer`], [`KBinsDiscretizer`] | thresholds |
//!
//! A constant column tells nothing; every scaler makes it 0 (or leaves it, where it does not shift) and none divides by
//! 0. Missing values come first: [`impute`](crate::impute).
//!
//! # Words
//!
//! | the column | the encoder |
//! |---|---|
//! | few categories, no order: colours, ports | [`OneHotEncoder`] |
//! | an order: small, medium, large | [`OrdinalEncoder`], with `categories` in that order |
//! | hundreds of categories: towns | [`TargetEncoder`] |
//! | the target | [`LabelEncoder`] |
//!
//! They take [`TextColumns`]: named columns of words, where a word may be missing.
//!
//! Source: course, sections 4.1 (*Dois-je normaliser mes données ?*), 5.1 and 6.1.

mod binarizer;
pub(crate) mod categories;
mod discretizer;
mod label_encoder;
mod max_abs_scaler;
mod min_max_scaler;
pub(crate) mod normal;
mod normalizer;
mod one_hot_encoder;
mod ordinal_encoder;
mod polynomial;
mod power_transformer;
mod quantile_transformer;
mod robust_scaler;
pub(crate) mod rows;
mod standard_scaler;
mod target_encoder;
mod text_columns;

pub use binarizer::{Binarizer, FittedBinarizer};
pub use categories::Frequency;
pub use discretizer::{
    BinEncoding, BinStrategy, FittedKBinsDiscretizer, KBinsDiscretizer, QuantileMethod,
};
pub use label_encoder::{FittedLabelEncoder, LabelEncoder};
pub use max_abs_scaler::{FittedMaxAbsScaler, MaxAbsScaler};
pub use min_max_scaler::{FittedMinMaxScaler, MinMaxScaler};
pub use normalizer::{FittedNormalizer, Norm, Normalizer};
pub use one_hot_encoder::{FittedOneHotEncoder, HandleUnknown, OneHotDrop, OneHotEncoder};
pub use ordinal_encoder::{FittedOrdinalEncoder, OrdinalEncoder, OrdinalUnknown};
pub use polynomial::{FittedPolynomialFeatures, PolynomialFeatures};
pub use power_transformer::{FittedPowerTransformer, PowerMethod, PowerTransformer};
pub use quantile_transformer::{
    FittedQuantileTransformer, OutputDistribution, QuantileTransformer,
};
pub use robust_scaler::{FittedRobustScaler, RobustScaler};
pub use standard_scaler::{FittedStandardScaler, StandardScaler};
pub use target_encoder::{FittedTargetEncoder, TargetEncoder};
pub use text_columns::TextColumns;
