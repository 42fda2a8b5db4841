//! What every cell of a notebook has in scope: the array types of `ndarray`, and this crate's everyday names.

pub use crate::bias_variance::BiasVariance;
pub use crate::classification::{GaussianNB, LogisticRegression, MultinomialNB};
pub use crate::cluster::{AgglomerativeClustering, DBSCAN, KMeans, Linkage, MiniBatchKMeans};
pub use crate::combine::{
    StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor,
};
pub use crate::dataset::{Dataset, Test, Train, Validation, Whole};
pub use crate::datasets;
pub use crate::decomposition::{PCA, TSNE, TruncatedSVD};
pub use crate::display::{
    DebugShow as _, Display, MimeBundle, Show as _, Table, clear_output, display, display_as, input,
};
pub use crate::dummy::{DummyClassifier, DummyRegressor};
pub use crate::ensemble::{RandomForestClassifier, RandomForestRegressor};
pub use crate::feature_selection::{
    ScoreFunction, SelectKBest, SelectPercentile, VarianceThreshold,
};
pub use crate::imbalance::{RandomOverSampler, RandomUnderSampler, SMOTE, SamplingStrategy};
pub use crate::impute::{ImputeStrategy, KNNImputer, MissingIndicator, SimpleImputer};
pub use crate::metrics::{
    Average, Ranking, Scorer, Tally, ZeroDivision, accuracy, adjusted_rand, average_precision,
    balanced_accuracy, classification_report, confusion_matrix, explained_variance, f1_score,
    fbeta_score, log_loss, matthews_corrcoef, max_error, mean_absolute_error,
    mean_absolute_percentage_error, mean_squared_error, median_absolute_error, precision,
    precision_recall_curve, r2_score, recall, roc_auc, roc_curve, root_mean_squared_error,
    silhouette_score,
};
pub use crate::model_selection::{TrainTestSplit, train_test_split};
pub use crate::neighbors::{KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors};
pub use crate::plot;
pub use crate::preprocessing::{
    BinEncoding, BinStrategy, Binarizer, HandleUnknown, KBinsDiscretizer, LabelEncoder,
    MaxAbsScaler, MinMaxScaler, Norm, Normalizer, OneHotDrop, OneHotEncoder, OrdinalEncoder,
    OrdinalUnknown, OutputDistribution, PolynomialFeatures, PowerMethod, PowerTransformer,
    QuantileTransformer, RobustScaler, StandardScaler, TargetEncoder, TextColumns,
};
pub use crate::probability::Normal;
pub use crate::regression::{
    ElasticNet, Lasso, LassoCV, LinearRegression, PathOptions, Ridge, enet_path, lasso_path,
};
pub use crate::svm::{LinearSVC, SVC, SVR};
pub use crate::text::{Analyzer, CountVectorizer, StopWords, TfidfVectorizer};
pub use crate::tree::{DecisionTreeClassifier, DecisionTreeRegressor};
pub use ndarray::prelude::*;
