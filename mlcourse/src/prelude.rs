//! What every cell of a notebook has in scope: the array types of `ndarray`, and this crate's everyday names.

pub use crate::classification::LogisticRegression;
pub use crate::cluster::{AgglomerativeClustering, DBSCAN, KMeans, Linkage, MiniBatchKMeans};
pub use crate::combine::{
    StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor,
};
pub use crate::dataset::{Dataset, Test, Train, Validation, Whole};
pub use crate::datasets;
pub use crate::display::{
    DebugShow as _, Display, MimeBundle, Show as _, Table, clear_output, display, display_as, input,
};
pub use crate::dummy::{DummyClassifier, DummyRegressor};
pub use crate::metrics::{
    Average, accuracy, classification_report, confusion_matrix, f1_score, mean_squared_error,
    precision, r2_score, recall,
};
pub use crate::model_selection::{TrainTestSplit, train_test_split};
pub use crate::plot;
pub use crate::preprocessing::StandardScaler;
pub use crate::svm::{LinearSVC, SVC, SVR};
pub use ndarray::prelude::*;
