use super::{Named, check_names, folds, probabilities_of, set_nested};
use crate::classification::LogisticRegression;
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::value::{Value, set};
use crate::estimator::{
    Classifier, FittedClassifier, FittedRegressor, Parameter, Parameters, Regressor, choice,
    classifier, regressor,
};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, concatenate};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the final model of a [`StackingClassifier`] learns from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StackMethod {
    /// `"auto"`: probabilities, or labels of a model that has none.
    #[default]
    Auto,
    /// `"predict_proba"`: probabilities.
    PredictProba,
    /// `"predict"`: labels, by their place among the classes: 0, 1, 2, …
    Predict,
}

choice!(StackMethod {
    Auto = "auto",
    PredictProba = "predict_proba",
    Predict = "predict",
});

/// Several classifiers, and a final one that learns from their answers.
///
/// The final model learns from answers to samples that the models had not seen: the training set is divided into `cv`
/// folds with all classes in each, and each fold is answered by models that learnt from the others. For two classes a
/// model's answer is the probability of the second, for more those of all.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `estimators` | none | the models, each with a name | |
/// | `final_estimator` | `LogisticRegression` | the final model | |
/// | `cv` | 5 | the number of folds | 2 to n_samples |
/// | `stack_method` | `Auto` | [`StackMethod`] | |
/// | `passthrough` | false | whether the final model sees the features too | |
///
/// ```
/// use mlcourse::combine::StackingClassifier;
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let (train, test) = iris.train_test_split(0.2, 42)?;
/// let model = StackingClassifier::new()
///     .estimator("logistic", &LogisticRegression::new().max_iter(1000))
///     .estimator("dummy", &DummyClassifier::new())
///     .fit(&train)?;
/// assert!(test.assess(&model)?.score() > 0.9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *StackingClassifier*; D. Wolpert, *Stacked generalization*, 1992; course, section 2
/// (*Glossaire*, Ensemble).
#[derive(Debug)]
pub struct StackingClassifier {
    estimators: Vec<Named<dyn Classifier>>,
    final_estimator: Box<dyn Classifier>,
    cv: usize,
    stack_method: StackMethod,
    passthrough: bool,
}

impl Default for StackingClassifier {
    fn default() -> Self {
        Self {
            estimators: Vec::new(),
            final_estimator: Box::new(LogisticRegression::new()),
            cv: 5,
            stack_method: StackMethod::Auto,
            passthrough: false,
        }
    }
}

impl Clone for StackingClassifier {
    fn clone(&self) -> Self {
        Self {
            estimators: self
                .estimators
                .iter()
                .map(|(name, model)| (name.clone(), model.boxed()))
                .collect(),
            final_estimator: self.final_estimator.boxed(),
            ..*self
        }
    }
}

impl StackingClassifier {
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

    /// The final model.
    #[must_use]
    pub fn final_estimator(mut self, model: &dyn Classifier) -> Self {
        self.final_estimator = model.boxed();
        self
    }

    /// The number of folds.
    #[must_use]
    pub fn cv(mut self, cv: usize) -> Self {
        self.cv = cv;
        self
    }

    /// What the final model learns from.
    #[must_use]
    pub fn stack_method(mut self, stack_method: StackMethod) -> Self {
        self.stack_method = stack_method;
        self
    }

    /// Whether the final model sees the features too.
    #[must_use]
    pub fn passthrough(mut self, passthrough: bool) -> Self {
        self.passthrough = passthrough;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedStackingClassifier> {
        check_names(&self.estimators)?;
        check::table("x", &x)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
        }
        let (classes, places) = check::classes_and_places(&y);
        if let [label] = *classes {
            return Err(Error::SingleClass {
                label,
                n_samples: y.len(),
            });
        }
        let fold_of = folds::stratified(&places, classes.len(), self.cv)?;
        let models: Result<Vec<_>> = self
            .estimators
            .par_iter()
            .map(|(name, model)| Ok((name.clone(), model.fit_classifier(x, y, sample_weight)?)))
            .collect();
        let models = models?;
        let one = x.slice(ndarray::s![..1, ..]);
        let methods: Vec<StackMethod> = models
            .iter()
            .map(|(_, model)| match self.stack_method {
                StackMethod::Auto if model.predict_probabilities(one).is_ok() => {
                    StackMethod::PredictProba
                }
                StackMethod::Auto => StackMethod::Predict,
                method => method,
            })
            .collect();
        let unseen: Result<Vec<Array2<f64>>> = self
            .estimators
            .par_iter()
            .zip(&methods)
            .map(|((_, model), &method)| {
                let mut answers = Vec::new();
                for fold in 0..self.cv {
                    let (inside, outside) = sides(&fold_of, fold);
                    let (x_fit, y_fit) = (x.select(Axis(0), &outside), y.select(Axis(0), &outside));
                    let weights = sample_weight.map(|weights| weights.select(Axis(0), &outside));
                    let fitted = model.fit_classifier(
                        x_fit.view(),
                        y_fit.view(),
                        weights.as_ref().map(|w| w.view()),
                    )?;
                    let answer = answer(
                        fitted.as_ref(),
                        x.select(Axis(0), &inside).view(),
                        &classes,
                        method,
                    )?;
                    answers.push((inside, answer));
                }
                Ok(together(&answers, x.nrows()))
            })
            .collect();
        let features = side_by_side(unseen?, self.passthrough.then_some(x));
        let last = self
            .final_estimator
            .fit_classifier(features.view(), y, sample_weight)?;
        Ok(FittedStackingClassifier {
            estimators: models,
            methods,
            final_estimator: last,
            passthrough: self.passthrough,
            classes,
            lineage: Lineage::default(),
        })
    }
}

/// The rows of a fold, and the others.
fn sides(fold_of: &[usize], fold: usize) -> (Vec<usize>, Vec<usize>) {
    (0..fold_of.len()).partition(|&row| fold_of[row] == fold)
}

/// What a model says, as features of the final one.
fn answer(
    model: &dyn FittedClassifier,
    x: ArrayView2<'_, f64>,
    classes: &[usize],
    method: StackMethod,
) -> Result<Array2<f64>> {
    if method == StackMethod::Predict {
        let place = |label: usize| classes.partition_point(|&class| class < label) as f64;
        let labels = model.predict_labels(x)?.mapv(place);
        return Ok(labels.insert_axis(Axis(1)));
    }
    let probabilities = probabilities_of(model, x, classes)?;
    Ok(if classes.len() == 2 {
        probabilities.slice(ndarray::s![.., 1..]).to_owned()
    } else {
        probabilities
    })
}

/// The folds' answers in the order of the rows.
fn together(answers: &[(Vec<usize>, Array2<f64>)], n_rows: usize) -> Array2<f64> {
    let n_columns = answers.first().map_or(0, |(_, answer)| answer.ncols());
    let mut all = Array2::zeros((n_rows, n_columns));
    for (rows, answer) in answers {
        for (&row, answer) in rows.iter().zip(answer.outer_iter()) {
            all.row_mut(row).assign(&answer);
        }
    }
    all
}

fn side_by_side(answers: Vec<Array2<f64>>, x: Option<ArrayView2<'_, f64>>) -> Array2<f64> {
    let mut views: Vec<ArrayView2<'_, f64>> = answers.iter().map(|answer| answer.view()).collect();
    views.extend(x);
    concatenate(Axis(1), &views).expect("all answers have a row for each sample")
}

impl Parameters for StackingClassifier {
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        vec![
            ("cv", self.cv.to_parameter()),
            ("stack_method", self.stack_method.to_parameter()),
            ("passthrough", self.passthrough.to_parameter()),
        ]
    }

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()> {
        match name {
            "cv" => set(&mut self.cv, "cv", value),
            "stack_method" => set(&mut self.stack_method, "stack_method", value),
            "passthrough" => set(&mut self.passthrough, "passthrough", value),
            _ => match name.strip_prefix("final_estimator__") {
                Some(parameter) => self.final_estimator.set_parameter(parameter, value),
                None => set_nested(&mut self.estimators, name, value),
            },
        }
    }
}

/// A [`StackingClassifier`] whose models have learnt. It shows as a table of them.
#[derive(Debug)]
pub struct FittedStackingClassifier {
    estimators: Vec<Named<dyn FittedClassifier>>,
    methods: Vec<StackMethod>,
    final_estimator: Box<dyn FittedClassifier>,
    passthrough: bool,
    classes: Vec<usize>,
    lineage: Lineage,
}

classifier!(StackingClassifier => FittedStackingClassifier);

impl FittedStackingClassifier {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        self.final_estimator.predict_labels(self.answers(x)?.view())
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        probabilities_of(
            self.final_estimator.as_ref(),
            self.answers(x)?.view(),
            &self.classes,
        )
    }

    /// What the final model sees.
    fn answers(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let answers: Result<Vec<Array2<f64>>> = self
            .estimators
            .iter()
            .zip(&self.methods)
            .map(|((_, model), &method)| answer(model.as_ref(), x, &self.classes, method))
            .collect();
        Ok(side_by_side(answers?, self.passthrough.then_some(x)))
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

    /// The final model.
    pub fn final_estimator(&self) -> &dyn FittedClassifier {
        self.final_estimator.as_ref()
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["model", "answers with"]).caption("StackingClassifier");
        for ((name, _), method) in self.estimators.iter().zip(&self.methods) {
            table.push(vec![name.into(), method.to_string().into()]);
        }
        table
    }
}

impl fmt::Display for FittedStackingClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedStackingClassifier {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}

/// Several regressors, and a final one that learns from their answers to samples that they had not seen.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `estimators` | none | the models, each with a name | |
/// | `final_estimator` | none, it must be given | the final model | |
/// | `cv` | 5 | the number of folds, each of rows that follow each other | 2 to n_samples |
/// | `passthrough` | false | whether the final model sees the features too | |
///
/// ```
/// use mlcourse::combine::StackingRegressor;
/// use mlcourse::prelude::*;
/// use mlcourse::svm::Kernel;
///
/// let x = Array2::from_shape_fn((60, 1), |(row, _)| (row * 7 % 60) as f64 / 10.0);
/// let y = x.column(0).mapv(f64::sin);
/// let model = StackingRegressor::new()
///     .estimator("svr", &SVR::new().epsilon(0.01))
///     .estimator("mean", &DummyRegressor::new())
///     .final_estimator(&SVR::new().kernel(Kernel::Linear).epsilon(0.01))
///     .fit((&x, &y))?;
/// assert!(model.score(&x, &y)? > 0.95);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *StackingRegressor*; D. Wolpert, *Stacked generalization*, 1992.
#[derive(Debug)]
pub struct StackingRegressor {
    estimators: Vec<Named<dyn Regressor>>,
    final_estimator: Option<Box<dyn Regressor>>,
    cv: usize,
    passthrough: bool,
}

impl Default for StackingRegressor {
    fn default() -> Self {
        Self {
            estimators: Vec::new(),
            final_estimator: None,
            cv: 5,
            passthrough: false,
        }
    }
}

impl Clone for StackingRegressor {
    fn clone(&self) -> Self {
        Self {
            estimators: self
                .estimators
                .iter()
                .map(|(name, model)| (name.clone(), model.boxed()))
                .collect(),
            final_estimator: self.final_estimator.as_ref().map(|model| model.boxed()),
            ..*self
        }
    }
}

impl StackingRegressor {
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

    /// The final model.
    #[must_use]
    pub fn final_estimator(mut self, model: &dyn Regressor) -> Self {
        self.final_estimator = Some(model.boxed());
        self
    }

    /// The number of folds.
    #[must_use]
    pub fn cv(mut self, cv: usize) -> Self {
        self.cv = cv;
        self
    }

    /// Whether the final model sees the features too.
    #[must_use]
    pub fn passthrough(mut self, passthrough: bool) -> Self {
        self.passthrough = passthrough;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedStackingRegressor> {
        check_names(&self.estimators)?;
        check::table("x", &x)?;
        check::same_length("x", x.nrows(), "y", y.len())?;
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
        }
        let Some(last) = &self.final_estimator else {
            return Err(Error::parameter("final_estimator", "a regressor", "None"));
        };
        let fold_of = folds::folds(x.nrows(), self.cv)?;
        let models: Result<Vec<_>> = self
            .estimators
            .par_iter()
            .map(|(name, model)| Ok((name.clone(), model.fit_regressor(x, y, sample_weight)?)))
            .collect();
        let unseen: Result<Vec<Array2<f64>>> = self
            .estimators
            .par_iter()
            .map(|(_, model)| {
                let mut answers = Vec::new();
                for fold in 0..self.cv {
                    let (inside, outside) = sides(&fold_of, fold);
                    let (x_fit, y_fit) = (x.select(Axis(0), &outside), y.select(Axis(0), &outside));
                    let weights = sample_weight.map(|weights| weights.select(Axis(0), &outside));
                    let fitted = model.fit_regressor(
                        x_fit.view(),
                        y_fit.view(),
                        weights.as_ref().map(|w| w.view()),
                    )?;
                    let answer = fitted.predict_targets(x.select(Axis(0), &inside).view())?;
                    answers.push((inside, answer.insert_axis(Axis(1))));
                }
                Ok(together(&answers, x.nrows()))
            })
            .collect();
        let features = side_by_side(unseen?, self.passthrough.then_some(x));
        Ok(FittedStackingRegressor {
            estimators: models?,
            final_estimator: last.fit_regressor(features.view(), y, sample_weight)?,
            passthrough: self.passthrough,
            lineage: Lineage::default(),
        })
    }
}

impl Parameters for StackingRegressor {
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        vec![
            ("cv", self.cv.to_parameter()),
            ("passthrough", self.passthrough.to_parameter()),
        ]
    }

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()> {
        match (
            name,
            name.strip_prefix("final_estimator__"),
            &mut self.final_estimator,
        ) {
            ("cv", ..) => set(&mut self.cv, "cv", value),
            ("passthrough", ..) => set(&mut self.passthrough, "passthrough", value),
            (_, Some(parameter), Some(last)) => last.set_parameter(parameter, value),
            _ => set_nested(&mut self.estimators, name, value),
        }
    }
}

/// A [`StackingRegressor`] whose models have learnt. It shows as a table of them.
#[derive(Debug)]
pub struct FittedStackingRegressor {
    estimators: Vec<Named<dyn FittedRegressor>>,
    final_estimator: Box<dyn FittedRegressor>,
    passthrough: bool,
    lineage: Lineage,
}

regressor!(StackingRegressor => FittedStackingRegressor);

impl FittedStackingRegressor {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let answers: Result<Vec<Array2<f64>>> = self
            .estimators
            .iter()
            .map(|(_, model)| Ok(model.predict_targets(x)?.insert_axis(Axis(1))))
            .collect();
        let features = side_by_side(answers?, self.passthrough.then_some(x));
        self.final_estimator.predict_targets(features.view())
    }

    /// A model by its name.
    pub fn estimator(&self, name: &str) -> Option<&dyn FittedRegressor> {
        let found = self.estimators.iter().find(|(other, _)| other == name);
        found.map(|(_, model)| model.as_ref())
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["model"]).caption("StackingRegressor");
        self.estimators
            .iter()
            .for_each(|(name, _)| table.push(vec![name.into()]));
        table
    }
}

impl fmt::Display for FittedStackingRegressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedStackingRegressor {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
