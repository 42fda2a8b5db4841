use super::moments::Moments;
use super::{Labelled, check_priors, most_likely, normalise};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{Features, classifier, parameters};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::fmt;

/// Gaussian naive Bayes: each feature is normally distributed within a class, and independent of the others.
///
/// P(k | x) ∝ P(k) · Π_j N(x_j; θ_kj, σ²_kj), where θ_kj and σ²_kj are the mean and the (population) variance of feature j
/// in class k, and P(k) is the share of class k in the training data. The class of the largest posterior wins. There is
/// nothing to optimise: the fit is one walk over the data.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `priors` | shares | P(k), one a class, in the order of the labels | add up to 1 |
/// | `var_smoothing` | 1e-9 | what is added to every variance, as a share of the largest variance of a feature | \[0, ∞) |
///
/// The smoothing keeps a feature that is constant within a class from deciding alone. Features that depend on each other
/// count several times: the class is often right, the probability too sure of itself.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let (train, test) = datasets::iris().train_test_split(0.2, 42)?;
/// let model = GaussianNB::new().fit(&train)?;
/// assert!(test.assess(&model)?.score() > 0.9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.2 (*Théorème de Bayes*, *Loi Normale*); scikit-learn, *GaussianNB*. Where samples weigh 0,
/// the smoothing here does not see them either.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaussianNB {
    priors: Option<Array1<f64>>,
    var_smoothing: f64,
}

impl Default for GaussianNB {
    fn default() -> Self {
        Self {
            priors: None,
            var_smoothing: 1e-9,
        }
    }
}

impl GaussianNB {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// P(k) of each class, in the order of the labels, in place of their shares.
    #[must_use]
    pub fn priors(mut self, priors: impl Into<Array1<f64>>) -> Self {
        self.priors = Some(priors.into());
        self
    }

    /// What is added to every variance, as a share of the largest variance of a feature.
    #[must_use]
    pub fn var_smoothing(mut self, var_smoothing: f64) -> Self {
        self.var_smoothing = var_smoothing;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, usize>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedGaussianNB> {
        if !(self.var_smoothing >= 0.0 && self.var_smoothing.is_finite()) {
            return Err(Error::parameter(
                "var_smoothing",
                "0 or more",
                self.var_smoothing,
            ));
        }
        let data = Labelled::new(x, y, sample_weight)?;
        if let Some(priors) = &self.priors {
            check_priors("priors", &priors.to_vec(), data.classes.len())?;
        }
        let moments = Moments::of_classes(&data);
        if !moments.squares.sum().is_finite() {
            return Err(not_finite(&data, &moments)?);
        }
        // Without weights the classes tell the variance of all rows; with weights it is asked of the rows.
        let largest = match data.weights {
            None => moments.largest_variance(),
            Some(_) => Moments::of_all(&data).largest_variance(),
        };
        let epsilon = self.var_smoothing * if largest > 0.0 { largest } else { 1.0 };
        let weight = moments.weight.clone().insert_axis(Axis(1));
        let var = &moments.squares / &weight + epsilon;
        if var.iter().any(|&var| var <= 0.0) {
            return Err(Error::parameter(
                "var_smoothing",
                "above 0 where a feature is constant within a class",
                self.var_smoothing,
            ));
        }
        Ok(FittedGaussianNB {
            class_prior: match &self.priors {
                Some(priors) => priors.clone(),
                None => &moments.weight / moments.weight.sum(),
            },
            class_count: moments.weight,
            theta: moments.mean,
            var,
            epsilon,
            classes: data.classes,
            lineage: Lineage::default(),
        })
    }
}

/// Why a sum is not finite.
fn not_finite(data: &Labelled<'_>, moments: &Moments) -> Result<Error> {
    check::table("x", &data.x)?;
    let column = moments
        .squares
        .columns()
        .into_iter()
        .position(|squares| !squares.sum().is_finite());
    Ok(Error::Overflow {
        what: "x",
        column: column.unwrap_or(0),
    })
}

/// A [`GaussianNB`] that has learnt. It shows as a table of means and standard deviations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedGaussianNB {
    theta: Array2<f64>,
    var: Array2<f64>,
    class_count: Array1<f64>,
    class_prior: Array1<f64>,
    epsilon: f64,
    classes: Vec<usize>,
    lineage: Lineage,
}

classifier!(GaussianNB => FittedGaussianNB);
parameters!(GaussianNB { var_smoothing });

impl FittedGaussianNB {
    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        let joint = self.joint("GaussianNB::predict", x)?;
        Ok(most_likely(
            &joint,
            &self.class_prior.mapv(f64::ln),
            &self.classes,
        ))
    }

    fn proba_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut joint = self.joint("GaussianNB::predict_proba", x)?;
        normalise(&mut joint, &self.class_prior.mapv(f64::ln));
        Ok(joint.mapv_into(f64::exp))
    }

    /// ln P(k | x), shape (n_samples, n_classes): where probabilities are too small for a number.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_log_proba(&self, x: &impl Features) -> Result<Array2<f64>> {
        let mut joint = self.joint("GaussianNB::predict_log_proba", x.rows()?)?;
        normalise(&mut joint, &self.class_prior.mapv(f64::ln));
        Ok(joint)
    }

    /// ln P(k) + Σ_j ln N(x_j; θ_kj, σ²_kj), shape (n_samples, n_classes).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_joint_log_proba(&self, x: &impl Features) -> Result<Array2<f64>> {
        self.joint("GaussianNB::predict_joint_log_proba", x.rows()?)
    }

    fn joint(&self, operation: &'static str, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check::n_features(operation, self.theta.ncols(), &x)?;
        check::not_empty("x", x.nrows())?;
        let n_features = self.theta.ncols();
        let precision = self.var.mapv(|var| 1.0 / var);
        let theta = self.theta.as_standard_layout();
        let class = |class: usize| {
            (
                &theta.as_slice().expect("the layout was just made standard")[class * n_features..]
                    [..n_features],
                &precision
                    .as_slice_memory_order()
                    .expect("rows lie together")[class * n_features..][..n_features],
            )
        };
        let constants: Vec<f64> = self
            .var
            .outer_iter()
            .zip(&self.class_prior)
            .map(|(var, prior)| {
                prior.ln() - 0.5 * var.iter().map(|var| (2.0 * PI * var).ln()).sum::<f64>()
            })
            .collect();
        let rows = x.as_standard_layout();
        let rows = rows.as_slice().expect("the layout was just made standard");
        let n_classes = self.classes.len();
        let mut joint = Array2::zeros((x.nrows(), n_classes));
        joint
            .as_slice_mut()
            .expect("a fresh array is in standard layout")
            .par_chunks_mut(n_classes * 256)
            .zip(rows.par_chunks(n_features * 256))
            .for_each(|(joint, rows)| {
                for (joint, row) in joint
                    .chunks_exact_mut(n_classes)
                    .zip(rows.chunks_exact(n_features))
                {
                    for (place, joint) in joint.iter_mut().enumerate() {
                        let (theta, precision) = class(place);
                        *joint = constants[place] - 0.5 * distance(row, theta, precision);
                    }
                }
            });
        // A number in x that is not finite leaves none here.
        if !joint.iter().all(|value| value.is_finite()) {
            check::table("x", &x)?;
        }
        Ok(joint)
    }

    /// The mean of each feature in each class, shape (n_classes, n_features).
    pub fn theta(&self) -> &Array2<f64> {
        &self.theta
    }

    /// The variance of each feature in each class with the smoothing, shape (n_classes, n_features).
    pub fn var(&self) -> &Array2<f64> {
        &self.var
    }

    /// How much the samples of each class count in all, shape (n_classes).
    pub fn class_count(&self) -> &Array1<f64> {
        &self.class_count
    }

    /// P(k), shape (n_classes).
    pub fn class_prior(&self) -> &Array1<f64> {
        &self.class_prior
    }

    /// What was added to every variance.
    pub fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// The labels, ascending.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    fn table(&self) -> Table {
        let n_shown = self.theta.ncols().min(6);
        let mut columns = vec!["class".to_owned(), "P(k)".to_owned()];
        for feature in 0..n_shown {
            columns.extend([format!("θ{feature}"), format!("σ{feature}")]);
        }
        let mut table = Table::new(&columns).decimals(4).caption(format!(
            "GaussianNB fitted on {} features, {} classes",
            self.theta.ncols(),
            self.classes.len()
        ));
        for (place, &label) in self.classes.iter().enumerate() {
            let mut cells = vec![label.into(), self.class_prior[place].into()];
            for feature in 0..n_shown {
                cells.push(self.theta[[place, feature]].into());
                cells.push(self.var[[place, feature]].sqrt().into());
            }
            table.push(cells);
        }
        table
    }
}

/// Σ (x − θ)² / σ², in eight sums that the processor adds side by side.
fn distance(row: &[f64], theta: &[f64], precision: &[f64]) -> f64 {
    const WIDTH: usize = 8;
    let mut sums = [0.0; WIDTH];
    let whole = row.len() / WIDTH * WIDTH;
    let blocks = row[..whole].chunks_exact(WIDTH);
    let thetas = theta[..whole].chunks_exact(WIDTH);
    let precisions = precision[..whole].chunks_exact(WIDTH);
    for ((row, theta), precision) in blocks.zip(thetas).zip(precisions) {
        for lane in 0..WIDTH {
            let distance = row[lane] - theta[lane];
            sums[lane] += distance * distance * precision[lane];
        }
    }
    let rest =
        (whole..row.len()).map(|place| (row[place] - theta[place]).powi(2) * precision[place]);
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

impl fmt::Display for FittedGaussianNB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedGaussianNB {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
