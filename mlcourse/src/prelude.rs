//! What every cell of a notebook has in scope: the array types of `ndarray`, and this crate's everyday names.

pub use crate::classification::LogisticRegression;
pub use crate::dataset::{Dataset, Test, Train, Validation, Whole};
pub use crate::datasets;
pub use crate::display::{
    DebugShow as _, Display, MimeBundle, Show as _, Table, clear_output, display, display_as, input,
};
pub use crate::feature_selection::{
    ScoreFunction, SelectKBest, SelectPercentile, VarianceThreshold,
};
pub use crate::imbalance::{RandomOverSampler, RandomUnderSampler, SMOTE, SamplingStrategy};
pub use crate::impute::{ImputeStrategy, KNNImputer, MissingIndicator, SimpleImputer};
pub use crate::metrics::{
    Average, accuracy, classification_report, confusion_matrix, f1_score, mean_squared_error,
    precision, r2_score, recall,
};
pub use crate::model_selection::{TrainTestSplit, train_test_split};
pub use crate::plot;
pub use crate::preprocessing::{
    BinEncoding, BinStrategy, Binarizer, HandleUnknown, KBinsDiscretizer, LabelEncoder,
    MaxAbsScaler, MinMaxScaler, Norm, Normalizer, OneHotDrop, OneHotEncoder, OrdinalEncoder,
    OrdinalUnknown, OutputDistribution, PowerMethod, PowerTransformer, QuantileTransformer,
    RobustScaler, StandardScaler, TargetEncoder, TextColumns,
};
pub use crate::text::{Analyzer, CountVectorizer, StopWords, TfidfVectorizer};
pub use ndarray::prelude::*;
