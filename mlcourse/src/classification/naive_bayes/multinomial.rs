use super::moments::class_sums;
use super::{Labelled, check_priors, most_likely, normalise};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{Features, classifier, parameters};
use crate::{Error, Result, check};
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Multinomial naive Bayes: a sample is a bag of counts, drawn with the probabilities of its class. The classifier of
/// texts.
///
/// P(k | x) ∝ P(k) · Π_j p_kj^{x_j} with p_kj = (N_kj + α) / (N_k + α · n_features), where N_kj counts feature j in class
/// k and N_k = Σ_j N_kj. The smoothing α (Laplace for 1) keeps a word that was never seen in a class from ruling it out.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `alpha` | 1.0 | what is added to every count | \[0, ∞) |
/// | `force_alpha` | true | use `alpha` as it is; else at least 10⁻¹⁰ | |
/// | `fit_prior` | true | learn P(k) as the share of each class; else all are alike | |
/// | `class_prior` | none | P(k), one a class, in the order of the labels | add up to 1 |
///
/// ```
/// use mlcourse::prelude::*;
///
/// // How often "free", "meeting", "money" stand in six mails; 1 is spam.
/// let x = array![[3.0, 0.0, 2.0], [2.0, 0.0, 4.0], [1.0, 0.0, 1.0], [0.0, 2.0, 0.0], [0.0, 3.0, 1.0], [1.0, 2.0, 0.0]];
/// let model = MultinomialNB::new().fit((&x, &array![1, 1, 1, 0, 0, 0]))?;
/// assert_eq!(model.predict(&array![[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]])?, array![1, 0]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.2 (*Théorème de Bayes*); scikit-learn, *MultinomialNB*. With `alpha` 0, a sample that no
/// class can produce gets the priors, where scikit-learn gives NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MultinomialNB {
    alpha: f64,
    force_alpha: bool,
    fit_prior: bool,
    class_prior: Option<Array1<f64>>,
}

impl Default for MultinomialNB {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            force_alpha: true,
            fit_prior: true,
            class_prior: None,
        }
    }
}

impl MultinomialNB {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is added to every count.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Whether `alpha` is used as it is, even below 10⁻¹⁰.
    #[must_use]
    pub fn force_alpha(mut self, force_alpha: bool) -> Self {
        self.force_alpha = force_alpha;
        self
    }

    /// Whether P(k) is the share of each class; else all classes are alike.
    #[must_use]
    pub fn fit_prior(mut self, fit_prior: bool) -> Self {
        self.fit_prior = fit_prior;
        self
    }

    /// P(k) of each class, in the order of the labels.
    #[must_use]
    pub fn class_prior(mut self, class_prior: impl Into<Array1<f64>>) -> Self {
        self.class_prior = Some(class_prior.into());
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedMultinomialNB> {
        if !(self.alpha >= 0.0 && self.alpha.is_finite()) {
            return Err(Error::parameter("alpha", "0 or more", self.alpha));
        }
        let data = Labelled::new(x, y, sample_weight)?;
        let n_classes = data.classes.len();
        let (feature_count, wrong) = class_sums(&data);
        if wrong {
            check::table("x", &data.x)?;
            check_counts("MultinomialNB::fit", data.x.view())?;
        }
        let class_count = data.class_count();
        let class_log_prior = match (&self.class_prior, self.fit_prior) {
            (Some(priors), _) => {
                check_priors("class_prior", &priors.to_vec(), n_classes)?;
                priors.mapv(f64::ln)
            }
            (None, true) => {
                let total = class_count.sum();
                class_count.mapv(|count| (count / total).ln())
            }
            (None, false) => Array1::from_elem(n_classes, -(n_classes as f64).ln()),
        };
        let alpha = if self.force_alpha {
            self.alpha
        } else {
            self.alpha.max(1e-10)
        };
        let smoothed = &feature_count + alpha;
        let totals = smoothed.sum_axis(Axis(1)).insert_axis(Axis(1));
        if let Some(column) =
            (0..x.ncols()).find(|&column| !smoothed.column(column).sum().is_finite())
        {
            return Err(Error::Overflow { what: "x", column });
        }
        // A class without any count knows nothing: each feature is as likely.
        let feature_log_prob = Array2::from_shape_fn(smoothed.dim(), |(class, feature)| {
            let total = totals[[class, 0]];
            if total > 0.0 {
                smoothed[[class, feature]].ln() - total.ln()
            } else {
                -(x.ncols() as f64).ln()
            }
        });
        Ok(FittedMultinomialNB {
            feature_count,
            feature_log_prob,
            class_count,
            class_log_prior,
            classes: data.classes,
            lineage: Lineage::default(),
        })
    }
}

/// No number below 0.
fn check_counts(operation: &'static str, x: ArrayView2<'_, f64>) -> Result<()> {
    match x.indexed_iter().find(|(_, value)| **value < 0.0) {
        None => Ok(()),
        Some(((row, column), &value)) => Err(Error::Negative {
            operation,
            row,
            column,
            value,
        }),
    }
}

/// A [`MultinomialNB`] that has learnt. It shows as a table of the probabilities of the features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMultinomialNB {
    feature_count: Array2<f64>,
    #[serde(with = "logarithms")]
    feature_log_prob: Array2<f64>,
    class_count: Array1<f64>,
    #[serde(with = "logarithms")]
    class_log_prior: Array1<f64>,
    classes: Vec<usize>,
    lineage: Lineage,
}

/// JSON knows no −∞, the logarithm of a probability of 0: it is written as nothing.
mod logarithms {
    use ndarray::{Array, Dimension};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<D: Dimension + Serialize, S: Serializer>(
        logs: &Array<f64, D>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        logs.mapv(|log| log.is_finite().then_some(log))
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Dimension + Deserialize<'de>, S: Deserializer<'de>>(
        deserializer: S,
    ) -> Result<Array<f64, D>, S::Error> {
        let logs = Array::<Option<f64>, D>::deserialize(deserializer)?;
        Ok(logs.mapv(|log| log.unwrap_or(f64::NEG_INFINITY)))
    }
}

classifier!(MultinomialNB => FittedMultinomialNB);
parameters!(MultinomialNB {
    alpha,
    force_alpha,
    fit_prior
});

impl FittedMultinomialNB {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let joint = self.joint("MultinomialNB::predict", x)?;
        Ok(most_likely(&joint, &self.class_log_prior, &self.classes))
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut joint = self.joint("MultinomialNB::predict_proba", x)?;
        normalise(&mut joint, &self.class_log_prior);
        Ok(joint.mapv_into(f64::exp))
    }

    /// ln P(k | x), shape (n_samples, n_classes): where probabilities are too small for a number.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_log_proba(&self, x: &impl Features) -> Result<Array2<f64>> {
        let mut joint = self.joint("MultinomialNB::predict_log_proba", x.rows()?)?;
        normalise(&mut joint, &self.class_log_prior);
        Ok(joint)
    }

    /// ln P(k) + Σ_j x_j ln p_kj, shape (n_samples, n_classes).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_joint_log_proba(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.joint("MultinomialNB::predict_joint_log_proba", x.rows()?)
    }

    fn joint(&self, operation: &'static str, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features(operation, self.feature_log_prob.ncols(), &x)?;
        check::not_empty("x", x.nrows())?;
        if self.feature_log_prob.iter().all(|log| log.is_finite()) {
            let (joint, wrong) = self.products(x);
            if wrong {
                check::table("x", &x)?;
                check_counts(operation, x)?;
            }
            return Ok(joint);
        }
        check::table("x", &x)?;
        check_counts(operation, x)?;
        // A feature that a class never has: 0 · −∞ is 0, what does not occur excludes nothing.
        Ok(Array2::from_shape_fn(
            (x.nrows(), self.classes.len()),
            |(row, class)| {
                let log_prob = self.feature_log_prob.row(class);
                let terms = x
                    .row(row)
                    .into_iter()
                    .zip(log_prob)
                    .filter(|(count, _)| **count > 0.0);
                self.class_log_prior[class] + terms.map(|(count, log)| count * log).sum::<f64>()
            },
        ))
    }

    /// The joint logarithms as a product, in blocks of rows, and whether a count is negative or not finite.
    fn products(&self, x: ArrayView2<'_, f64>) -> (Array2<f64>, bool) {
        const LEN: usize = 512;
        let (n_classes, n_features) = self.feature_log_prob.dim();
        let log_prob = self.feature_log_prob.as_standard_layout();
        let log_prob = log_prob
            .as_slice()
            .expect("the layout was just made standard");
        let log_prob = MatRef::from_row_major_slice(log_prob, n_classes, n_features);
        let rows = x.as_standard_layout();
        let rows = rows.as_slice().expect("the layout was just made standard");
        let mut joint = Array2::zeros((x.nrows(), n_classes));
        let wrong = joint
            .as_slice_mut()
            .expect("a fresh array is in standard layout")
            .par_chunks_mut(n_classes * LEN)
            .zip(rows.par_chunks(n_features * LEN))
            .map(|(joint, rows)| {
                let n_rows = rows.len() / n_features;
                for row in joint.chunks_exact_mut(n_classes) {
                    for (joint, prior) in row.iter_mut().zip(&self.class_log_prior) {
                        *joint = *prior;
                    }
                }
                faer::linalg::matmul::matmul(
                    MatMut::from_row_major_slice_mut(joint, n_rows, n_classes),
                    Accum::Add,
                    MatRef::from_row_major_slice(rows, n_rows, n_features),
                    log_prob.transpose(),
                    1.0,
                    Par::Seq,
                );
                rows.iter().fold(false, |wrong, &value| {
                    wrong | (value < 0.0) | !value.is_finite()
                })
            })
            .reduce(|| false, |one, other| one | other);
        (joint, wrong)
    }

    /// How often each feature occurs in each class, with the weights of the samples, shape (n_classes, n_features).
    pub fn feature_count(&self) -> &Array2<f64> {
        &self.feature_count
    }

    /// ln p_kj, shape (n_classes, n_features).
    pub fn feature_log_prob(&self) -> &Array2<f64> {
        &self.feature_log_prob
    }

    /// How much the samples of each class count in all, shape (n_classes).
    pub fn class_count(&self) -> &Array1<f64> {
        &self.class_count
    }

    /// ln P(k), shape (n_classes).
    pub fn class_log_prior(&self) -> &Array1<f64> {
        &self.class_log_prior
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn table(&self) -> Table {
        let n_shown = self.feature_log_prob.ncols().min(10);
        let mut columns = vec!["class".to_owned(), "P(k)".to_owned()];
        columns.extend((0..n_shown).map(|feature| format!("p{feature}")));
        let mut table = Table::new(&columns).decimals(4).caption(format!(
            "MultinomialNB fitted on {} features, {} classes",
            self.feature_log_prob.ncols(),
            self.classes.len()
        ));
        for (place, &label) in self.classes.iter().enumerate() {
            let mut cells = vec![label.into(), self.class_log_prior[place].exp().into()];
            let logs = self.feature_log_prob.row(place);
            cells.extend(logs.iter().take(n_shown).map(|log| log.exp().into()));
            table.push(cells);
        }
        table
    }
}

impl fmt::Display for FittedMultinomialNB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedMultinomialNB {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
