use super::rows::{Lineage, RowId, Rows};
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::Training;
use crate::metrics::{self, ClassificationReport, ConfusionMatrix};
use crate::model_selection::TrainTestSplit;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, Axis};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::marker::PhantomData;

/// How many rows a data set shows of itself.
const HEAD: usize = 5;

/// All the data, not split yet.
#[derive(Clone, Copy, Debug)]
pub enum Whole {}
/// The part that models learn from.
#[derive(Clone, Copy, Debug)]
pub enum Train {}
/// The part that hyperparameters are chosen on.
#[derive(Clone, Copy, Debug)]
pub enum Validation {}
/// The part that judges the final model, once.
#[derive(Clone, Copy, Debug)]
pub enum Test {}

/// What belongs to each row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// Classes, and their names.
    Labels(Array1<usize>, Vec<String>),
    /// Numbers.
    Numbers(Array1<f64>),
}

impl Target {
    fn len(&self) -> usize {
        match self {
            Self::Labels(values, _) => values.len(),
            Self::Numbers(values) => values.len(),
        }
    }

    fn select(&self, places: &[usize]) -> Self {
        match self {
            Self::Labels(values, names) => {
                Self::Labels(values.select(Axis(0), places), names.clone())
            }
            Self::Numbers(values) => Self::Numbers(values.select(Axis(0), places)),
        }
    }
}

/// A table of features with one target per row, and the part of the data it is.
///
/// | part | `fit` | `transform`, `predict` | `assess` |
/// |---|---|---|---|
/// | [`Whole`] | with [`explore`](Dataset::explore) | yes | no |
/// | [`Train`] | yes | yes | no |
/// | [`Validation`] | no | yes | no |
/// | [`Test`] | no | yes | once: it uses the set up |
///
/// It shows as its first rows and a line on its size and classes.
pub struct Dataset<S> {
    name: String,
    features: Array2<f64>,
    feature_names: Vec<String>,
    target: Target,
    rows: Rows,
    lineage: Lineage,
    part: PhantomData<fn() -> S>,
}

macro_rules! copied {
    ($($part:ty),*) => {$(
        impl Clone for Dataset<$part> {
            fn clone(&self) -> Self {
                Self {
                    name: self.name.clone(),
                    features: self.features.clone(),
                    feature_names: self.feature_names.clone(),
                    target: self.target.clone(),
                    rows: self.rows.clone(),
                    lineage: self.lineage.clone(),
                    part: PhantomData,
                }
            }
        }
    )*};
}

// Not `Test`: a copy of the test set would serve twice.
copied!(Whole, Train, Validation);

impl<S> Dataset<S> {
    fn of(
        name: String,
        features: Array2<f64>,
        feature_names: Vec<String>,
        target: Target,
    ) -> Result<Self> {
        check::same_length("features", features.nrows(), "target", target.len())?;
        check::names(
            "feature_names",
            "the columns",
            features.ncols(),
            feature_names.len(),
        )?;
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        for value in &features {
            value.to_bits().hash(&mut hasher);
        }
        let rows = Rows::whole(hasher.finish(), features.nrows());
        Ok(Self {
            name,
            features,
            feature_names,
            target,
            rows,
            lineage: Lineage::default(),
            part: PhantomData,
        })
    }

    /// The features, shape (n_samples, n_features).
    pub fn features(&self) -> &Array2<f64> {
        &self.features
    }

    /// The class of each sample, shape (n_samples); class `k` is named `target_names()[k]`.
    ///
    /// # Errors
    /// When the target holds numbers, not classes.
    pub fn labels(&self) -> Result<&Array1<usize>> {
        match &self.target {
            Target::Labels(values, _) => Ok(values),
            Target::Numbers(_) => Err(Error::WrongTarget {
                expected: "classes, as a classifier needs",
                found: "numbers",
                advice: "use a regressor, or `numbers()`",
            }),
        }
    }

    /// The number for each sample, shape (n_samples).
    ///
    /// # Errors
    /// When the target holds classes, not numbers.
    pub fn numbers(&self) -> Result<&Array1<f64>> {
        match &self.target {
            Target::Numbers(values) => Ok(values),
            Target::Labels(..) => Err(Error::WrongTarget {
                expected: "numbers, as a regressor needs",
                found: "classes",
                advice: "use a classifier, or `labels()`",
            }),
        }
    }

    /// The name of each column, with its unit.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// The name of each class; none where the target holds numbers.
    pub fn target_names(&self) -> &[String] {
        match &self.target {
            Target::Labels(_, names) => names,
            Target::Numbers(_) => &[],
        }
    }

    /// How many rows there are.
    pub fn n_samples(&self) -> usize {
        self.features.nrows()
    }

    /// The names of the rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// What has changed the features, with the rows that it has learnt from.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// One feature of all samples, by its name, shape (n_samples).
    ///
    /// ```
    /// let iris = mlcourse::datasets::iris();
    /// assert_eq!(iris.column("petal width (cm)")?[0], 0.2);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] when no column has this name.
    pub fn column(&self, name: &str) -> Result<Array1<f64>> {
        match self.feature_names.iter().position(|known| known == name) {
            Some(column) => Ok(self.features.column(column).to_owned()),
            None => Err(Error::UnknownName {
                what: "column",
                name: name.to_owned(),
                known: self.feature_names.join(", "),
            }),
        }
    }

    /// The same rows with other features, changed by something that has seen `lineage`.
    pub(crate) fn with_features(
        &self,
        features: Array2<f64>,
        feature_names: Vec<String>,
        lineage: &Lineage,
    ) -> Self {
        Self {
            name: self.name.clone(),
            features,
            feature_names,
            target: self.target.clone(),
            rows: self.rows.clone(),
            lineage: self.lineage.join(lineage),
            part: PhantomData,
        }
    }

    /// The rows at some places, as another part.
    fn part<P>(&self, places: &[usize]) -> Dataset<P> {
        Dataset {
            name: self.name.clone(),
            features: self.features.select(Axis(0), places),
            feature_names: self.feature_names.clone(),
            target: self.target.select(places),
            rows: self.rows.select(places),
            lineage: self.lineage.clone(),
            part: PhantomData,
        }
    }

    pub(crate) fn rows_to_learn_from<T>(&self, y: T) -> Result<Training<'_, T>> {
        Ok(Training {
            x: self.features.view(),
            y,
            sample_weight: None,
            lineage: self.lineage.clone(),
            rows: Some(self.rows.clone()),
        })
    }

    /// The first rows as a table, the target in the last column.
    pub fn head(&self, n_rows: usize) -> Table {
        let mut columns = self.feature_names.clone();
        columns.push(
            match self.target {
                Target::Labels(..) => "class",
                Target::Numbers(_) => "target",
            }
            .to_owned(),
        );
        let mut table = Table::new(&columns).caption(self.caption());
        for (place, row) in self.features.outer_iter().take(n_rows).enumerate() {
            let mut cells: Vec<Cell> = row.iter().map(|&value| value.into()).collect();
            cells.push(match &self.target {
                Target::Labels(values, names) => {
                    names.get(values[place]).map_or(Cell::Empty, Cell::from)
                }
                Target::Numbers(values) => values[place].into(),
            });
            table.push(cells);
        }
        table
    }

    fn caption(&self) -> String {
        let size = format!(
            "{}: {} samples × {} features",
            self.name,
            self.features.nrows(),
            self.features.ncols()
        );
        let Target::Labels(labels, names) = &self.target else {
            return size;
        };
        let classes: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(class, name)| {
                let count = labels.iter().filter(|&&label| label == class).count();
                format!("{name} {count}")
            })
            .collect();
        format!("{size}; classes: {}", classes.join(", "))
    }
}

impl Dataset<Whole> {
    /// Features with the class of each row: `labels[i]` is the class of row i, named `target_names[labels[i]]`.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let data = Dataset::classification("pets", array![[4.0], [30.0]], &["kg"], array![0, 1], &["cat", "dog"])?;
    /// assert_eq!(data.n_samples(), 2);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the parts differ in size, or a label has no name.
    pub fn classification<N: AsRef<str>, T: AsRef<str>>(
        name: &str,
        features: Array2<f64>,
        feature_names: &[N],
        labels: Array1<usize>,
        target_names: &[T],
    ) -> Result<Self> {
        let known = labels.iter().max().map_or(0, |&largest| largest + 1);
        if known > target_names.len() {
            check::names("target_names", "the classes", known, target_names.len())?;
        }
        let target = Target::Labels(labels, owned(target_names));
        Self::of(name.to_owned(), features, owned(feature_names), target)
    }

    /// Features with a number for each row.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let data = Dataset::regression("flats", array![[20.0], [60.0]], &["m²"], array![110.0, 260.0])?;
    /// assert_eq!(data.numbers()?[1], 260.0);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the parts differ in size.
    pub fn regression<N: AsRef<str>>(
        name: &str,
        features: Array2<f64>,
        feature_names: &[N],
        numbers: Array1<f64>,
    ) -> Result<Self> {
        let target = Target::Numbers(numbers);
        Self::of(name.to_owned(), features, owned(feature_names), target)
    }

    /// Splits at random into a training and a test set; classes keep their shares.
    ///
    /// The same as [`TrainTestSplit::new(test_size)`](TrainTestSplit), stratified where the target holds classes.
    ///
    /// ```
    /// let (train, test) = mlcourse::datasets::iris().train_test_split(0.2, 42)?;
    /// assert_eq!((train.n_samples(), test.n_samples()), (120, 30));
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`TrainTestSplit::split`].
    pub fn train_test_split(
        &self,
        test_size: f64,
        seed: u64,
    ) -> Result<(Dataset<Train>, Dataset<Test>)> {
        let (train, test) = self.split_places(test_size, seed)?;
        Ok((self.part(&train), self.part(&test)))
    }

    fn split_places(&self, test_size: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
        let split = TrainTestSplit::new(test_size).seed(seed);
        let split = match &self.target {
            Target::Labels(labels, _) => split.stratify(labels),
            Target::Numbers(_) => split,
        };
        split.split_indices(self.n_samples())
    }

    /// This set to learn from although it is not split: to look at data, never to judge a model.
    ///
    /// What has learnt from it keeps its rows: [`assess`](Dataset::assess) on any of them is a finding.
    pub fn explore(&self) -> Explored<'_> {
        Explored(self)
    }
}

fn owned<N: AsRef<str>>(names: &[N]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}

/// The whole set, to learn from openly. See [`Dataset::explore`].
#[derive(Debug)]
pub struct Explored<'a>(&'a Dataset<Whole>);

impl std::ops::Deref for Explored<'_> {
    type Target = Dataset<Whole>;

    fn deref(&self) -> &Dataset<Whole> {
        self.0
    }
}

/// A model that can be judged.
pub trait Judged {
    /// What it predicts for features, shape (n_samples, n_features).
    #[doc(hidden)]
    fn judged(&self, x: ndarray::ArrayView2<'_, f64>) -> Result<Prediction>;

    /// The rows it and the steps before it have learnt from.
    #[doc(hidden)]
    fn learnt_from(&self) -> &Lineage;
}

/// What a model predicts.
#[derive(Clone, Debug, PartialEq)]
pub enum Prediction {
    /// Classes.
    Labels(Array1<usize>),
    /// Numbers.
    Numbers(Array1<f64>),
}

impl Dataset<Test> {
    /// Judges a final model on this set, which is used up: a second look would choose the model that happens to suit it.
    ///
    /// ```
    /// use mlcourse::prelude::*;
    ///
    /// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
    /// let model = LogisticRegression::new().max_iter(1000).fit(&train)?;
    /// let assessment = test.assess(&model)?;
    /// assert!(assessment.findings().is_empty());
    /// println!("{assessment}");
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// ```compile_fail
    /// # use mlcourse::prelude::*;
    /// # let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
    /// # let model = LogisticRegression::new().max_iter(1000).fit(&train)?;
    /// test.assess(&model)?;
    /// test.assess(&model)?; // does not compile: the set has served
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the model cannot predict for these features, or predicts numbers where the target holds classes.
    pub fn assess(self, model: &impl Judged) -> Result<Assessment> {
        let lineage = self.lineage.join(model.learnt_from());
        let findings = lineage
            .stages()
            .iter()
            .filter_map(|stage| {
                let rows = self.rows.shared_with(&stage.rows);
                (!rows.is_empty()).then(|| Finding {
                    stage: stage.name.clone(),
                    rows,
                    n_test: self.rows.len(),
                })
            })
            .collect();
        let outcome = match (model.judged(self.features.view())?, self.target) {
            (Prediction::Labels(predicted), Target::Labels(truth, names)) => {
                let mut report = metrics::classification_report(&truth, &predicted)?;
                if !names.is_empty() && report.labels().iter().all(|&label| label < names.len()) {
                    let shown: Vec<&String> =
                        report.labels().iter().map(|&label| &names[label]).collect();
                    report = report.target_names(&shown)?;
                }
                let mut matrix = metrics::confusion_matrix(&truth, &predicted)?;
                if names.len() == matrix.labels().len() {
                    matrix = matrix.target_names(&names)?;
                }
                Outcome::Classes {
                    accuracy: metrics::accuracy(&truth, &predicted)?,
                    report: Box::new(report),
                    matrix: Box::new(matrix),
                }
            }
            (Prediction::Numbers(predicted), Target::Numbers(truth)) => Outcome::Numbers {
                r2: metrics::r2_score(&truth, &predicted)?,
                mse: metrics::mean_squared_error(&truth, &predicted)?,
            },
            (Prediction::Labels(_), Target::Numbers(_)) => {
                return Err(Error::WrongTarget {
                    expected: "classes, as this classifier predicts",
                    found: "numbers",
                    advice: "assess a regressor on this set",
                });
            }
            (Prediction::Numbers(_), Target::Labels(..)) => {
                return Err(Error::WrongTarget {
                    expected: "numbers, as this regressor predicts",
                    found: "classes",
                    advice: "assess a classifier on this set",
                });
            }
        };
        Ok(Assessment { outcome, findings })
    }
}

/// A reason not to believe an assessment: a step has seen test rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    stage: String,
    rows: Vec<RowId>,
    n_test: usize,
}

impl Finding {
    /// The step that has seen them: `StandardScaler`, …
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// The test rows it has seen.
    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self
            .rows
            .iter()
            .take(5)
            .map(|row| row.index.to_string())
            .collect();
        let more = if self.rows.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        write!(
            f,
            "data leakage: {} has learnt from {} of the {} test rows (rows {}{more} of the source); fit it on the \
             training set alone",
            self.stage,
            self.rows.len(),
            self.n_test,
            shown.join(", ")
        )
    }
}

/// How a model does on the test set, and whether to believe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    outcome: Outcome,
    findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Classes {
        accuracy: f64,
        report: Box<ClassificationReport>,
        matrix: Box<ConfusionMatrix>,
    },
    Numbers {
        r2: f64,
        mse: f64,
    },
}

impl Assessment {
    /// Accuracy of a classifier, R² of a regressor.
    pub fn score(&self) -> f64 {
        match &self.outcome {
            Outcome::Classes { accuracy, .. } => *accuracy,
            Outcome::Numbers { r2, .. } => *r2,
        }
    }

    /// The report of a classifier.
    ///
    /// # Errors
    /// When the model is a regressor.
    pub fn report(&self) -> Result<&ClassificationReport> {
        match &self.outcome {
            Outcome::Classes { report, .. } => Ok(report),
            Outcome::Numbers { .. } => Err(no_classes()),
        }
    }

    /// The confusion matrix of a classifier.
    ///
    /// # Errors
    /// When the model is a regressor.
    pub fn confusion_matrix(&self) -> Result<&ConfusionMatrix> {
        match &self.outcome {
            Outcome::Classes { matrix, .. } => Ok(matrix),
            Outcome::Numbers { .. } => Err(no_classes()),
        }
    }

    /// Why not to believe it; empty when nothing was found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

fn no_classes() -> Error {
    Error::WrongTarget {
        expected: "classes, for a report or a confusion matrix",
        found: "numbers",
        advice: "read `score()`, the R² of a regressor",
    }
}

impl fmt::Display for Assessment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Classes { report, .. } => write!(f, "{report}")?,
            Outcome::Numbers { r2, mse } => write!(f, "R² {r2:.4}, MSE {mse:.4}")?,
        }
        for finding in &self.findings {
            write!(f, "\n{finding}")?;
        }
        Ok(())
    }
}

impl Display for Assessment {
    fn bundle(&self) -> MimeBundle {
        let plain = self.to_string();
        let Outcome::Classes { report, .. } = &self.outcome else {
            return MimeBundle::text(plain);
        };
        let mut html = report
            .bundle()
            .get("text/html")
            .unwrap_or_default()
            .to_owned();
        for finding in &self.findings {
            html.push_str(&format!(
                "<p style=\"color:#b00020\"><b>⚠</b> {}</p>",
                crate::display::grid::escape(&finding.to_string())
            ));
        }
        MimeBundle::text(plain).with("text/html", html)
    }
}

impl<S> fmt::Display for Dataset<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(HEAD).fmt(f)
    }
}

impl<S> fmt::Debug for Dataset<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(HEAD).fmt(f)
    }
}

impl<S> Display for Dataset<S> {
    fn bundle(&self) -> MimeBundle {
        self.head(HEAD).bundle()
    }
}
