use super::{Named, check_names, checked_weights, largest, probabilities_of, set_nested};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::value::{Value, set};
use crate::estimator::{
    Classifier, FittedClassifier, FittedRegressor, Parameter, Parameters, Regressor, choice,
    classifier, regressor,
};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a [`VotingClassifier`] decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VotingMethod {
    /// `"hard"`: each model names a class, the class with most votes wins, the smallest label of several.
    #[default]
    Hard,
    /// `"soft"`: the mean of the models' probabilities.
    Soft,
}

choice!(VotingMethod {
    Hard = "hard",
    Soft = "soft",
});

/// Several classifiers that vote.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `estimators` | none | the models, each with a name |
/// | `voting` | `Hard` | [`VotingMethod`] |
/// | `weights` | none | how much each model's vote counts |
///
/// The hyperparameters of a model are set as `name__parameter`.
///
/// ```
/// use mlcourse::combine::VotingClassifier;
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], array![0, 0, 1, 1]);
/// let model = VotingClassifier::new()
///     .estimator("logistic", &LogisticRegression::new())
///     .estimator("svc", &SVC::new())
///     .estimator("dummy", &DummyClassifier::new())
///     .fit((&x, &y))?;
/// assert_eq!(model.predict(&x)?, y);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *VotingClassifier*; course, section 2 (*Glossaire*, Ensemble).
#[derive(Debug, Default)]
pub struct VotingClassifier {
    estimators: Vec<Named<dyn Classifier>>,
    voting: VotingMethod,
    weights: Option<Vec<f64>>,
}

impl Clone for VotingClassifier {
    fn clone(&self) -> Self {
        Self {
            estimators: self
                .estimators
                .iter()
                .map(|(name, model)| (name.clone(), model.boxed()))
                .collect(),
            voting: self.voting,
            weights: self.weights.clone(),
        }
    }
}

impl VotingClassifier {
    /// No models yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model.
    #[must_use]
    pub fn estimator(mut self, name: &str, model: &dyn Classifier) -> Self {
        self.estimators.push((name.to_owned(), model.boxed()));
        self
    }

    /// How the vote is counted.
    #[must_use]
    pub fn voting(mut self, voting: VotingMethod) -> Self {
        self.voting = voting;
        self
    }

    /// How much each model's vote counts, in the order in which they were added.
    #[must_use]
    pub fn weights(mut self, weights: &[f64]) -> Self {
        self.weights = Some(weights.to_vec());
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedVotingClassifier> {
        check_names(&self.estimators)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        let weights = checked_weights(self.weights.as_ref(), self.estimators.len())?;
        let models: Result<Vec<_>> = self
            .estimators
            .par_iter()
            .map(|(name, model)| Ok((name.clone(), model.fit_classifier(x, y, sample_weight)?)))
            .collect();
        Ok(FittedVotingClassifier {
            estimators: models?,
            voting: self.voting,
            weights,
            classes: check::distinct(y.iter().copied()),
            lineage: Lineage::default(),
        })
    }
}

impl Parameters for VotingClassifier {
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        vec![("voting", self.voting.to_parameter())]
    }

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()> {
        match name {
            "voting" => set(&mut self.voting, "voting", value),
            _ => set_nested(&mut self.estimators, name, value),
        }
    }
}

/// A [`VotingClassifier`] whose models have learnt. It shows as a table of them.
#[derive(Debug)]
pub struct FittedVotingClassifier {
    estimators: Vec<Named<dyn FittedClassifier>>,
    voting: VotingMethod,
    weights: Array1<f64>,
    classes: Vec<usize>,
    lineage: Lineage,
}

classifier!(VotingClassifier => FittedVotingClassifier);

impl FittedVotingClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let scores = match self.voting {
            VotingMethod::Soft => self.proba_rows(x)?,
            VotingMethod::Hard => {
                let mut votes = Array2::<f64>::zeros((x.nrows(), self.classes.len()));
                for ((_, model), weight) in self.estimators.iter().zip(&self.weights) {
                    for (row, label) in model.predict_labels(x)?.into_iter().enumerate() {
                        let place = self.classes.partition_point(|&class| class < label);
                        votes[[row, place]] += weight;
                    }
                }
                votes
            }
        };
        Ok(scores
            .outer_iter()
            .map(|scores| self.classes[largest(scores.iter().copied())])
            .collect())
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        if self.voting == VotingMethod::Hard {
            let expected = "`soft` for probabilities";
            return Err(Error::parameter("voting", expected, self.voting));
        }
        let mut mean = Array2::zeros((x.nrows(), self.classes.len()));
        for ((_, model), weight) in self.estimators.iter().zip(&self.weights) {
            mean.scaled_add(
                *weight,
                &probabilities_of(model.as_ref(), x, &self.classes)?,
            );
        }
        Ok(mean / self.weights.sum())
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// A model by its name.
    pub fn estimator(&self, name: &str) -> Option<&dyn FittedClassifier> {
        let found = self.estimators.iter().find(|(other, _)| other == name);
        found.map(|(_, model)| model.as_ref())
    }

    fn table(&self) -> Table {
        weight_table(self.estimators.iter().map(|(name, _)| name), &self.weights)
            .caption(format!("VotingClassifier, {}", self.voting))
    }
}

fn weight_table<'a>(names: impl Iterator<Item = &'a String>, weights: &Array1<f64>) -> Table {
    let mut table = Table::new(&["model", "weight"]);
    for (name, &weight) in names.zip(weights) {
        table.push(vec![name.into(), weight.into()]);
    }
    table
}

impl fmt::Display for FittedVotingClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedVotingClassifier {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// Several regressors: the mean of what they say.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `estimators` | none | the models, each with a name |
/// | `weights` | none | how much each model counts |
///
/// ```
/// use mlcourse::combine::VotingRegressor;
/// use mlcourse::prelude::*;
///
/// let (x, y) = (array![[0.0], [1.0], [2.0]], array![0.0, 1.0, 5.0]);
/// let model = VotingRegressor::new()
///     .estimator("mean", &DummyRegressor::new())
///     .estimator("ten", &DummyRegressor::new().constant(10.0))
///     .fit((&x, &y))?;
/// assert_eq!(model.predict(&x)?[0], 6.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *VotingRegressor*; course, section 2 (*Glossaire*, Ensemble).
#[derive(Debug, Default)]
pub struct VotingRegressor {
    estimators: Vec<Named<dyn Regressor>>,
    weights: Option<Vec<f64>>,
}

impl Clone for VotingRegressor {
    fn clone(&self) -> Self {
        Self {
            estimators: self
                .estimators
                .iter()
                .map(|(name, model)| (name.clone(), model.boxed()))
                .collect(),
            weights: self.weights.clone(),
        }
    }
}

impl VotingRegressor {
    /// No models yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model.
    #[must_use]
    pub fn estimator(mut self, name: &str, model: &dyn Regressor) -> Self {
        self.estimators.push((name.to_owned(), model.boxed()));
        self
    }

    /// How much each model counts, in the order in which they were added.
    #[must_use]
    pub fn weights(mut self, weights: &[f64]) -> Self {
        self.weights = Some(weights.to_vec());
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedVotingRegressor> {
        check_names(&self.estimators)?;
        let weights = checked_weights(self.weights.as_ref(), self.estimators.len())?;
        let models: Result<Vec<_>> = self
            .estimators
            .par_iter()
            .map(|(name, model)| Ok((name.clone(), model.fit_regressor(x, y, sample_weight)?)))
            .collect();
        Ok(FittedVotingRegressor {
            estimators: models?,
            weights,
            lineage: Lineage::default(),
        })
    }
}

impl Parameters for VotingRegressor {
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        Vec::new()
    }

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()> {
        set_nested(&mut self.estimators, name, value)
    }
}

/// A [`VotingRegressor`] whose models have learnt. It shows as a table of them.
#[derive(Debug)]
pub struct FittedVotingRegressor {
    estimators: Vec<Named<dyn FittedRegressor>>,
    weights: Array1<f64>,
    lineage: Lineage,
}

regressor!(VotingRegressor => FittedVotingRegressor);

impl FittedVotingRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let mut mean = Array1::zeros(x.nrows());
        for ((_, model), weight) in self.estimators.iter().zip(&self.weights) {
            mean.scaled_add(*weight, &model.predict_targets(x)?);
        }
        Ok(mean / self.weights.sum())
    }

    /// A model by its name.
    pub fn estimator(&self, name: &str) -> Option<&dyn FittedRegressor> {
        let found = self.estimators.iter().find(|(other, _)| other == name);
        found.map(|(_, model)| model.as_ref())
    }

    fn table(&self) -> Table {
        weight_table(self.estimators.iter().map(|(name, _)| name), &self.weights)
            .caption("VotingRegressor")
    }
}

impl fmt::Display for FittedVotingRegressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedVotingRegressor {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
