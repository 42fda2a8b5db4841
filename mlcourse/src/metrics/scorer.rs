//! Metrics by name, all of them better when larger: what a search over models compares.

mod input;
mod regression;

pub use input::{Answer, Response, Truth};

use super::columns::Columns;
use super::{
    Average, MultiClass, NormalizeBy, ProbabilityMetrics, Ranking, Tally, adjusted_mutual_info,
    adjusted_rand, average_precision, fowlkes_mallows, homogeneity_completeness_v_measure,
    mutual_info, normalized_mutual_info, rand_score, roc_auc,
};
use crate::estimator::Parameter;
use crate::estimator::value::Value;
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Declares the scorers once: variant, scikit-learn's name, and what of a model it judges.
macro_rules! scorers {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $response:ident;)*) => {
        /// A metric by scikit-learn's name for it, where larger is always better: what is an error or a loss counts
        /// negative, and its name starts with `neg_`.
        ///
        /// ```
        /// use mlcourse::metrics::Scorer;
        /// use mlcourse::prelude::*;
        ///
        /// let scorer: Scorer = "f1_weighted".parse()?;
        /// let (y_true, y_pred) = (array![0, 1, 2, 2], array![0, 1, 2, 1]);
        /// assert_eq!(scorer.score(&y_true, &y_pred)?, f1_score(&y_true, &y_pred, Average::Weighted)?);
        ///
        /// let probabilities = array![[0.9, 0.1], [0.4, 0.6]];
        /// assert_eq!(Scorer::RocAuc.score(&array![0, 1], &probabilities)?, 1.0);
        /// assert_eq!(Scorer::NegMeanSquaredError.score(&array![1.0, 2.0], &array![1.0, 4.0])?, -2.0);
        /// assert_eq!(Scorer::NegLogLoss.to_string(), "neg_log_loss");
        /// # Ok::<(), mlcourse::Error>(())
        /// ```
        ///
        /// Source: scikit-learn, *The scoring parameter*.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Scorer {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Scorer {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// scikit-learn's name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }

            /// What of a model it judges: labels, probabilities, numbers or clusters.
            pub fn response(self) -> Response {
                match self {
                    $(Self::$variant => Response::$response),*
                }
            }
        }
    };
}

scorers! {
    /// [`accuracy`](super::accuracy).
    Accuracy = "accuracy", Labels;
    /// [`balanced_accuracy`](super::balanced_accuracy).
    BalancedAccuracy = "balanced_accuracy", Labels;
    /// [`matthews_corrcoef`](super::matthews_corrcoef).
    MatthewsCorrcoef = "matthews_corrcoef", Labels;
    /// [`precision`](super::precision) of class 1.
    Precision = "precision", Labels;
    /// [`precision`](super::precision), the mean over the classes.
    PrecisionMacro = "precision_macro", Labels;
    /// [`precision`](super::precision) of the summed counts.
    PrecisionMicro = "precision_micro", Labels;
    /// [`precision`](super::precision), the mean by the number of true samples.
    PrecisionWeighted = "precision_weighted", Labels;
    /// [`recall`](super::recall) of class 1.
    Recall = "recall", Labels;
    /// [`recall`](super::recall), the mean over the classes.
    RecallMacro = "recall_macro", Labels;
    /// [`recall`](super::recall) of the summed counts.
    RecallMicro = "recall_micro", Labels;
    /// [`recall`](super::recall), the mean by the number of true samples.
    RecallWeighted = "recall_weighted", Labels;
    /// [`f1_score`](super::f1_score) of class 1.
    F1 = "f1", Labels;
    /// [`f1_score`](super::f1_score), the mean over the classes.
    F1Macro = "f1_macro", Labels;
    /// [`f1_score`](super::f1_score) of the summed counts.
    F1Micro = "f1_micro", Labels;
    /// [`f1_score`](super::f1_score), the mean by the number of true samples.
    F1Weighted = "f1_weighted", Labels;
    /// [`jaccard_score`](super::jaccard_score) of class 1.
    Jaccard = "jaccard", Labels;
    /// [`jaccard_score`](super::jaccard_score), the mean over the classes.
    JaccardMacro = "jaccard_macro", Labels;
    /// [`jaccard_score`](super::jaccard_score) of the summed counts.
    JaccardMicro = "jaccard_micro", Labels;
    /// [`jaccard_score`](super::jaccard_score), the mean by the number of true samples.
    JaccardWeighted = "jaccard_weighted", Labels;
    /// [`roc_auc`](super::roc_auc) of two classes.
    RocAuc = "roc_auc", Probabilities;
    /// [`roc_auc_multiclass`](super::roc_auc_multiclass), one against the rest.
    RocAucOvr = "roc_auc_ovr", Probabilities;
    /// [`roc_auc_multiclass`](super::roc_auc_multiclass), one against one.
    RocAucOvo = "roc_auc_ovo", Probabilities;
    /// [`roc_auc_multiclass`](super::roc_auc_multiclass), one against the rest, weighted.
    RocAucOvrWeighted = "roc_auc_ovr_weighted", Probabilities;
    /// [`roc_auc_multiclass`](super::roc_auc_multiclass), one against one, weighted.
    RocAucOvoWeighted = "roc_auc_ovo_weighted", Probabilities;
    /// [`average_precision`](super::average_precision); of more than two classes the mean, one against the rest.
    AveragePrecision = "average_precision", Probabilities;
    /// The negative [`log_loss`](super::log_loss).
    NegLogLoss = "neg_log_loss", Probabilities;
    /// The negative [`brier_score`](super::brier_score).
    NegBrierScore = "neg_brier_score", Probabilities;
    /// [`top_k_accuracy`](super::top_k_accuracy) with k = 2.
    TopKAccuracy = "top_k_accuracy", Probabilities;
    /// [`r2_score`](super::r2_score).
    R2 = "r2", Numbers;
    /// [`explained_variance`](super::explained_variance).
    ExplainedVariance = "explained_variance", Numbers;
    /// The negative [`mean_squared_error`](super::mean_squared_error).
    NegMeanSquaredError = "neg_mean_squared_error", Numbers;
    /// The negative [`root_mean_squared_error`](super::root_mean_squared_error).
    NegRootMeanSquaredError = "neg_root_mean_squared_error", Numbers;
    /// The negative mean of (ln(1 + y) − ln(1 + ŷ))².
    NegMeanSquaredLogError = "neg_mean_squared_log_error", Numbers;
    /// The negative root of the mean of (ln(1 + y) − ln(1 + ŷ))².
    NegRootMeanSquaredLogError = "neg_root_mean_squared_log_error", Numbers;
    /// The negative [`mean_absolute_error`](super::mean_absolute_error).
    NegMeanAbsoluteError = "neg_mean_absolute_error", Numbers;
    /// The negative [`mean_absolute_percentage_error`](super::mean_absolute_percentage_error).
    NegMeanAbsolutePercentageError = "neg_mean_absolute_percentage_error", Numbers;
    /// The negative [`median_absolute_error`](super::median_absolute_error).
    NegMedianAbsoluteError = "neg_median_absolute_error", Numbers;
    /// The negative [`max_error`](super::max_error).
    NegMaxError = "neg_max_error", Numbers;
    /// [`rand_score`](super::rand_score).
    RandScore = "rand_score", Clusters;
    /// [`adjusted_rand`](super::adjusted_rand).
    AdjustedRandScore = "adjusted_rand_score", Clusters;
    /// [`fowlkes_mallows`](super::fowlkes_mallows).
    FowlkesMallowsScore = "fowlkes_mallows_score", Clusters;
    /// [`mutual_info`](super::mutual_info).
    MutualInfoScore = "mutual_info_score", Clusters;
    /// [`normalized_mutual_info`](super::normalized_mutual_info) by the arithmetic mean.
    NormalizedMutualInfoScore = "normalized_mutual_info_score", Clusters;
    /// [`adjusted_mutual_info`](super::adjusted_mutual_info) by the arithmetic mean.
    AdjustedMutualInfoScore = "adjusted_mutual_info_score", Clusters;
    /// [`homogeneity`](super::homogeneity).
    HomogeneityScore = "homogeneity_score", Clusters;
    /// [`completeness`](super::completeness).
    CompletenessScore = "completeness_score", Clusters;
    /// [`v_measure`](super::v_measure).
    VMeasureScore = "v_measure_score", Clusters;
}

impl Scorer {
    /// How good an answer is; larger is better.
    ///
    /// `truth` is a reference to labels or numbers; `answer` to what [`response`](Self::response) says: predicted labels or
    /// clusters, numbers, or probabilities of shape (n_samples, n_classes), alone or with the label of each column:
    /// `(&probabilities, model.classes())`. Of two classes, a number a sample (a probability or a decision value) does too.
    ///
    /// # Errors
    /// When the answer is of another kind than the scorer judges, and as the metric.
    pub fn score<'a>(
        self,
        truth: impl Into<Truth<'a>>,
        answer: impl Into<Answer<'a>>,
    ) -> Result<f64> {
        self.evaluate(truth.into(), answer.into(), None)
    }

    /// How good an answer is where samples weigh.
    ///
    /// # Errors
    /// As [`score`](Self::score), when the weights are not finite, below 0 or all 0, and for metrics without weights:
    /// those of clusterings, one against one, and the median and largest errors.
    pub fn score_weighted<'a>(
        self,
        truth: impl Into<Truth<'a>>,
        answer: impl Into<Answer<'a>>,
        sample_weight: &ArrayRef1<f64>,
    ) -> Result<f64> {
        self.evaluate(truth.into(), answer.into(), Some(sample_weight))
    }

    fn evaluate(
        self,
        truth: Truth<'_>,
        answer: Answer<'_>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<f64> {
        if let Some(weights) = sample_weight {
            check::sample_weight(weights, truth.len())?;
        }
        match self.response() {
            Response::Labels => {
                let (truth, answer) = (truth.labels()?, answer.labels(self)?);
                self.of_labels(&truth, &answer, sample_weight)
            }
            Response::Clusters if sample_weight.is_some() => Err(self.no_weights()),
            Response::Clusters => self.of_clusters(&truth.labels()?, &answer.labels(self)?),
            Response::Numbers => {
                let (truth, answer) = (truth.numbers()?, answer.numbers(self)?);
                regression::score(self, &truth, &answer, sample_weight)
            }
            Response::Probabilities => self.of_answer(&truth.labels()?, answer, sample_weight),
        }
    }

    fn no_weights(self) -> Error {
        Error::parameter(
            "sample_weight",
            format!("left out for the scorer `{self}`, which has no weights"),
            "given",
        )
    }

    fn of_labels(
        self,
        truth: &ArrayRef1<usize>,
        answer: &ArrayRef1<usize>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<f64> {
        let tally = match sample_weight {
            None => Tally::new(truth, answer),
            Some(weights) => Tally::weighted(truth, answer, weights),
        }?;
        match self {
            Self::BalancedAccuracy => Ok(tally.balanced_accuracy()),
            Self::MatthewsCorrcoef => Ok(tally.matthews_corrcoef()),
            Self::Precision => tally.precision(Average::Binary),
            Self::PrecisionMacro => tally.precision(Average::Macro),
            Self::PrecisionMicro => tally.precision(Average::Micro),
            Self::PrecisionWeighted => tally.precision(Average::Weighted),
            Self::Recall => tally.recall(Average::Binary),
            Self::RecallMacro => tally.recall(Average::Macro),
            Self::RecallMicro => tally.recall(Average::Micro),
            Self::RecallWeighted => tally.recall(Average::Weighted),
            Self::F1 => tally.f1_score(Average::Binary),
            Self::F1Macro => tally.f1_score(Average::Macro),
            Self::F1Micro => tally.f1_score(Average::Micro),
            Self::F1Weighted => tally.f1_score(Average::Weighted),
            Self::Jaccard => tally.jaccard_score(Average::Binary),
            Self::JaccardMacro => tally.jaccard_score(Average::Macro),
            Self::JaccardMicro => tally.jaccard_score(Average::Micro),
            Self::JaccardWeighted => tally.jaccard_score(Average::Weighted),
            _ => Ok(tally.accuracy()),
        }
    }

    fn of_clusters(self, truth: &ArrayRef1<usize>, answer: &ArrayRef1<usize>) -> Result<f64> {
        let by = NormalizeBy::Arithmetic;
        let of_both = || homogeneity_completeness_v_measure(truth, answer, 1.0);
        match self {
            Self::AdjustedRandScore => adjusted_rand(truth, answer),
            Self::FowlkesMallowsScore => fowlkes_mallows(truth, answer),
            Self::MutualInfoScore => mutual_info(truth, answer),
            Self::NormalizedMutualInfoScore => normalized_mutual_info(truth, answer, by),
            Self::AdjustedMutualInfoScore => adjusted_mutual_info(truth, answer, by),
            Self::HomogeneityScore => Ok(of_both()?.homogeneity),
            Self::CompletenessScore => Ok(of_both()?.completeness),
            Self::VMeasureScore => Ok(of_both()?.v_measure),
            _ => rand_score(truth, answer),
        }
    }

    /// Of probabilities, or of a number a sample, which two classes need no more than.
    fn of_answer(
        self,
        truth: &ArrayRef1<usize>,
        answer: Answer<'_>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<f64> {
        match (self, answer) {
            (_, Answer::Probabilities { values, classes }) => {
                self.of_probabilities(truth, values, classes, sample_weight)
            }
            (Self::RocAuc | Self::AveragePrecision, Answer::Numbers(scores)) => {
                self.of_two(truth, &scores, sample_weight)
            }
            (Self::NegLogLoss | Self::NegBrierScore, Answer::Numbers(scores)) => {
                let positive = super::ranking::positive_label(&truth.to_vec())?;
                let table = Array1::from_iter(scores.iter().flat_map(|p| [1.0 - p, *p]));
                let table = table.into_shape_with_order((scores.len(), 2));
                let table = table.expect("two numbers for each sample");
                let truth = truth.mapv(|label| usize::from(label == positive));
                self.of_probabilities(&truth, table.view(), None, sample_weight)
            }
            (_, other) => Err(input::wrong(self, other.kind())),
        }
    }

    fn of_probabilities(
        self,
        truth: &ArrayRef1<usize>,
        values: ArrayView2<'_, f64>,
        classes: Option<&[usize]>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<f64> {
        let mut metrics = ProbabilityMetrics::new();
        if let Some(classes) = classes {
            metrics = metrics.classes(classes);
        }
        if let Some(weights) = sample_weight {
            metrics = metrics.sample_weight(weights);
        }
        let area = |kind, average| metrics.roc_auc(truth, &values, kind, average);
        match self {
            // Of two classes, either way is the area itself.
            Self::RocAucOvr
            | Self::RocAucOvo
            | Self::RocAucOvrWeighted
            | Self::RocAucOvoWeighted
                if values.ncols() == 2 =>
            {
                self.of_columns(truth, &values, classes, sample_weight)
            }
            Self::RocAucOvr => area(MultiClass::Ovr, Average::Macro),
            Self::RocAucOvo => area(MultiClass::Ovo, Average::Macro),
            Self::RocAucOvrWeighted => area(MultiClass::Ovr, Average::Weighted),
            Self::RocAucOvoWeighted => area(MultiClass::Ovo, Average::Weighted),
            Self::NegLogLoss => Ok(-metrics.log_loss(truth, &values)?),
            Self::NegBrierScore => Ok(-metrics.brier_score(truth, &values)?),
            Self::TopKAccuracy => metrics.top_k_accuracy(truth, &values, 2),
            _ => self.of_columns(truth, &values, classes, sample_weight),
        }
    }

    /// ROC AUC or average precision: of two classes by the second column, of more one against the rest.
    fn of_columns(
        self,
        truth: &ArrayRef1<usize>,
        values: &ArrayRef2<f64>,
        classes: Option<&[usize]>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<f64> {
        let columns = Columns::new(truth, values, classes)?;
        let of_class = |class: usize| {
            let truth: Array1<usize> = columns
                .of
                .iter()
                .map(|&of| usize::from(of == class))
                .collect();
            self.of_two(&truth, &values.column(class), sample_weight)
        };
        match (columns.n_classes, self) {
            (2, _) => of_class(1),
            (n_classes, Self::AveragePrecision) => {
                let scores = (0..n_classes).map(of_class).collect::<Result<Vec<f64>>>()?;
                Ok(scores.iter().sum::<f64>() / n_classes as f64)
            }
            (n_classes, _) => Err(Error::parameter(
                "scorer",
                "`roc_auc_ovr` or `roc_auc_ovo` for more than two classes",
                format!("`{self}` for {n_classes} columns"),
            )),
        }
    }

    fn of_two(
        self,
        truth: &ArrayRef1<usize>,
        scores: &ArrayRef1<f64>,
        sample_weight: Option<&ArrayRef1<f64>>,
    ) -> Result<f64> {
        match (self, sample_weight) {
            (Self::AveragePrecision, None) => average_precision(truth, scores),
            (_, None) => roc_auc(truth, scores),
            (Self::AveragePrecision, Some(weights)) => {
                Ok(Ranking::weighted(truth, scores, weights)?.average_precision())
            }
            (_, Some(weights)) => Ok(Ranking::weighted(truth, scores, weights)?.roc_auc()),
        }
    }
}

impl fmt::Display for Scorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scorer {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = || Self::ALL.iter().map(|scorer| scorer.name());
        Self::ALL
            .iter()
            .copied()
            .find(|scorer| scorer.name() == name)
            .ok_or_else(|| Error::UnknownName {
                what: "scorer",
                name: name.to_owned(),
                known: known().collect::<Vec<_>>().join(", "),
            })
    }
}

impl Value for Scorer {
    fn expected() -> String {
        "the name of a scorer".to_owned()
    }

    fn to_parameter(&self) -> Parameter {
        Parameter::Text(self.to_string())
    }

    fn from_parameter(value: &Parameter) -> Option<Self> {
        match value {
            Parameter::Text(name) => name.parse().ok(),
            _ => None,
        }
    }
}
