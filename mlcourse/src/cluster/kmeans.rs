use super::assign::{Samples, Sums, assign, distances};
use super::seeding;
use crate::dataset::Lineage;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::estimator::{Features, TrainingFeatures, choice, parameters, transformer};
use crate::random::Random;
use crate::simd;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use std::fmt;

/// K-means: k centres μ, each the mean of the samples that lie nearest to it.
///
/// It looks for min over μ of Σ_i w_i min_k ‖x_i − μ_k‖², the inertia, by Lloyd's iteration: label every sample by its
/// nearest centre, move every centre to the mean of its samples, until no label changes or the centres move by no more
/// than `tol`. A centre that loses all its samples starts again at the sample that lies farthest from its own.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_clusters` | 8 | k | 1 to n_samples |
/// | `init` | `KMeansPlusPlus` | where the centres start: [`Init`]; or given, with [`centers`](Self::centers) | |
/// | `n_init` | none | how many starts; the one with the least inertia stays. None: 1, or 10 for `Random` | 1 or more |
/// | `max_iter` | 300 | the most iterations of each start | 1 or more |
/// | `tol` | 1e-4 | converged when Σ ‖Δμ‖² is at most this times the mean variance of the features | \[0, ∞) |
/// | `seed` | 0 | the same seed gives the same clusters | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let model = KMeans::new().n_clusters(3).n_init(10).fit(iris.features())?;
/// assert!((model.inertia() - 78.85).abs() < 0.01);
/// // Inertia never rises.
/// assert!(model.history().is_sorted_by(|before, after| after <= before));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, section 1.6 (*K-Means*); scikit-learn, *KMeans* (algorithm `lloyd`); S. Lloyd (1982).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KMeans {
    n_clusters: usize,
    init: Init,
    centers: Option<Array2<f64>>,
    n_init: Option<usize>,
    max_iter: usize,
    tol: f64,
    seed: u64,
}

/// How the centres of [`KMeans`] start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Init {
    /// `"k-means++"`: samples far from each other, the best of a few at each step.
    #[default]
    KMeansPlusPlus,
    /// `"random"`: any samples.
    Random,
}

choice!(Init {
    KMeansPlusPlus = "k-means++",
    Random = "random",
});

impl Default for KMeans {
    fn default() -> Self {
        Self {
            n_clusters: 8,
            init: Init::KMeansPlusPlus,
            centers: None,
            n_init: None,
            max_iter: 300,
            tol: 1e-4,
            seed: 0,
        }
    }
}

impl KMeans {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of clusters.
    #[must_use]
    pub fn n_clusters(mut self, n_clusters: usize) -> Self {
        self.n_clusters = n_clusters;
        self
    }

    /// How the centres start.
    #[must_use]
    pub fn init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// The centres to start from, shape (n_clusters, n_features).
    #[must_use]
    pub fn centers(mut self, centers: Array2<f64>) -> Self {
        self.n_clusters = centers.nrows();
        self.centers = Some(centers);
        self
    }

    /// How many starts there are.
    #[must_use]
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = Some(n_init);
        self
    }

    /// The most iterations of each start.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The smallest move of the centres that counts.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// The seed of everything random.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// As [`fit`](Self::fit), where sample i counts `sample_weight`_i times.
    ///
    /// # Errors
    /// As `fit`, and when a weight is negative or there is none for each sample.
    pub fn fit_weighted(
        self,
        data: impl TrainingFeatures,
        sample_weight: &ArrayRef1<f64>,
    ) -> Result<FittedKMeans> {
        let training = data.training_features()?;
        let mut fitted = self.fit_with(training.x, Some(sample_weight.view()))?;
        fitted.lineage = training.lineage_of("KMeans");
        Ok(fitted)
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedKMeans> {
        self.fit_with(x, None)
    }

    fn fit_with(
        &self,
        x: ArrayView2<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedKMeans> {
        check::table("x", &x)?;
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
            if let Some(rows) = check::counting_rows(Some(weights)) {
                // Rows that do not count are labelled all the same.
                let weights = weights.select(Axis(0), &rows);
                let mut fitted =
                    self.fit_with(x.select(Axis(0), &rows).view(), Some(weights.view()))?;
                fitted.labels = fitted.predict_rows(x)?;
                return Ok(fitted);
            }
        }
        self.check(&x)?;
        let standard = x.as_standard_layout();
        let weights = sample_weight.map(|weights| weights.to_vec());
        let samples = Samples {
            x: standard
                .as_slice()
                .expect("the standard layout is contiguous"),
            n_features: x.ncols(),
            weights: weights.as_deref(),
        };
        let tol = self.tol * mean_variance(&x);
        let n_init = match (&self.centers, self.n_init, self.init) {
            (Some(_), ..) => 1,
            (None, Some(n_init), _) => n_init,
            (None, None, Init::KMeansPlusPlus) => 1,
            (None, None, Init::Random) => 10,
        };
        let mut best: Option<Run> = None;
        for start in 0..n_init {
            let mut random = Random::stream(self.seed, start as u64);
            let centers = match (&self.centers, self.init) {
                (Some(centers), _) => centers.iter().copied().collect(),
                (None, Init::KMeansPlusPlus) => {
                    seeding::plus_plus(samples, self.n_clusters, &mut random)
                }
                (None, Init::Random) => seeding::rows(samples, self.n_clusters, &mut random),
            };
            let run = lloyd(samples, centers, self.max_iter, tol);
            if best
                .as_ref()
                .is_none_or(|best| run.inertia() < best.inertia())
            {
                best = Some(run);
            }
        }
        let run = best.expect("there is at least one start");
        Ok(run.fitted(x.ncols()))
    }

    fn check(&self, x: &ArrayRef2<f64>) -> Result<()> {
        n_clusters_in_range(self.n_clusters, x.nrows())?;
        if self.n_init == Some(0) {
            return Err(Error::parameter("n_init", "1 or more", 0));
        }
        if self.max_iter == 0 {
            return Err(Error::parameter("max_iter", "1 or more", 0));
        }
        if self.tol.is_nan() || self.tol < 0.0 {
            return Err(Error::parameter("tol", "0 or more", self.tol));
        }
        if let Some(centers) = &self.centers {
            check::table("centers", centers)?;
            check::n_features("KMeans::centers", x.ncols(), centers)?;
            if centers.nrows() != self.n_clusters {
                let expected = format!("{}, one for each of the given centers", centers.nrows());
                return Err(Error::parameter("n_clusters", expected, self.n_clusters));
            }
        }
        Ok(())
    }
}

/// 1 to n_samples.
pub(super) fn n_clusters_in_range(n_clusters: usize, n_samples: usize) -> Result<()> {
    if (1..=n_samples).contains(&n_clusters) {
        return Ok(());
    }
    let expected = format!("1 to the number of samples, {n_samples}");
    Err(Error::parameter("n_clusters", expected, n_clusters))
}

pub(super) fn mean_variance(x: &ArrayRef2<f64>) -> f64 {
    let n_samples = x.nrows() as f64;
    let means = x.sum_axis(Axis(0)) / n_samples;
    let mut squares = Array1::<f64>::zeros(x.ncols());
    for row in x.outer_iter() {
        for ((square, value), mean) in squares.iter_mut().zip(&row).zip(&means) {
            *square += (value - mean) * (value - mean);
        }
    }
    squares.sum() / (n_samples * x.ncols() as f64)
}

/// One start of Lloyd's iteration.
struct Run {
    centers: Vec<f64>,
    labels: Vec<u32>,
    /// The inertia under the centres at the beginning of each iteration, and at the end.
    history: Vec<f64>,
    /// The centres at the beginning of each iteration, and at the end.
    steps: Vec<Vec<f64>>,
    converged: bool,
}

fn lloyd(samples: Samples<'_>, mut centers: Vec<f64>, max_iter: usize, tol: f64) -> Run {
    let mut labels = vec![0; samples.len()];
    let mut labels_before = vec![u32::MAX; samples.len()];
    let (mut history, mut steps) = (Vec::new(), vec![centers.clone()]);
    let (mut same_labels, mut still) = (false, false);
    for _ in 0..max_iter {
        let mut sums = assign(samples, &centers, &mut labels);
        history.push(sums.inertia);
        refill(samples, &centers, &labels, &mut sums);
        let next = means(&sums, &centers, samples.n_features);
        let shift = simd::squared_distance(&next, &centers);
        centers = next;
        steps.push(centers.clone());
        same_labels = labels == labels_before;
        still = shift <= tol;
        if same_labels || still {
            break;
        }
        std::mem::swap(&mut labels, &mut labels_before);
    }
    // Labels and inertia belong to the centres that are returned.
    let last = assign(samples, &centers, &mut labels);
    history.push(last.inertia);
    Run {
        centers,
        labels,
        history,
        steps,
        converged: same_labels || still,
    }
}

/// The mean of each centre's samples; the old centre where there are none.
fn means(sums: &Sums, centers: &[f64], n_features: usize) -> Vec<f64> {
    let mut means = centers.to_vec();
    for ((mean, sum), &weight) in means
        .chunks_exact_mut(n_features)
        .zip(sums.sums.chunks_exact(n_features))
        .zip(&sums.weights)
    {
        if weight > 0.0 {
            mean.iter_mut()
                .zip(sum)
                .for_each(|(mean, sum)| *mean = sum / weight);
        }
    }
    means
}

/// Gives each empty centre the sample that lies farthest from its own, and takes it from there.
fn refill(samples: Samples<'_>, centers: &[f64], labels: &[u32], sums: &mut Sums) {
    let n_features = samples.n_features;
    let empty: Vec<usize> = (0..sums.weights.len())
        .filter(|&cluster| sums.weights[cluster] == 0.0)
        .collect();
    if empty.is_empty() {
        return;
    }
    let mut far: Vec<(f64, usize)> = labels
        .iter()
        .enumerate()
        .map(|(row, &label)| {
            let center = &centers[label as usize * n_features..][..n_features];
            (simd::squared_distance(samples.row(row), center), row)
        })
        .collect();
    far.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (cluster, &(distance, row)) in empty.into_iter().zip(&far) {
        if distance == 0.0 {
            return;
        }
        let (old, weight) = (labels[row] as usize, samples.weight(row));
        let x = samples.row(row);
        simd::add_scaled(
            &mut sums.sums[old * n_features..(old + 1) * n_features],
            -weight,
            x,
        );
        sums.weights[old] -= weight;
        let sum = &mut sums.sums[cluster * n_features..(cluster + 1) * n_features];
        sum.iter_mut().zip(x).for_each(|(sum, x)| *sum = weight * x);
        sums.weights[cluster] = weight;
    }
}

impl Run {
    fn inertia(&self) -> f64 {
        *self
            .history
            .last()
            .expect("the history ends with the last inertia")
    }

    fn fitted(self, n_features: usize) -> FittedKMeans {
        let n_clusters = self.centers.len() / n_features;
        let mut warnings = Vec::new();
        if !self.converged {
            warnings.push(Warning::NotConverged {
                estimator: "KMeans",
                n_iter: self.steps.len() - 1,
                reason: "labels still change".to_owned(),
            });
        }
        warnings.extend(fewer_clusters(n_clusters, &self.labels));
        warnings.iter().cloned().for_each(warning::record);
        FittedKMeans {
            inertia: self.inertia(),
            cluster_centers: to_array(self.centers, n_features),
            labels: self.labels.iter().map(|&label| label as usize).collect(),
            n_iter: self.steps.len() - 1,
            history: self.history,
            steps: self
                .steps
                .into_iter()
                .map(|step| to_array(step, n_features))
                .collect(),
            warnings,
            lineage: Lineage::default(),
        }
    }
}

pub(super) fn fewer_clusters(asked: usize, labels: &[u32]) -> Option<Warning> {
    let mut seen = vec![false; asked];
    labels.iter().for_each(|&label| seen[label as usize] = true);
    let found = seen.iter().filter(|seen| **seen).count();
    (found < asked).then_some(Warning::FewerClusters { asked, found })
}

pub(super) fn to_array(values: Vec<f64>, n_columns: usize) -> Array2<f64> {
    Array2::from_shape_vec((values.len() / n_columns, n_columns), values)
        .expect("there are whole rows")
}

/// The nearest centre of each sample, and Σ w min ‖x − μ‖².
pub(super) fn nearest(x: &ArrayRef2<f64>, centers: &Array2<f64>) -> (Vec<u32>, f64) {
    let (rows, centers) = (x.as_standard_layout(), centers.as_standard_layout());
    let samples = Samples {
        x: rows.as_slice().expect("the standard layout is contiguous"),
        n_features: x.ncols(),
        weights: None,
    };
    let mut labels = vec![0; x.nrows()];
    let centers = centers
        .as_slice()
        .expect("the standard layout is contiguous");
    let inertia = assign(samples, centers, &mut labels).inertia;
    (labels, inertia)
}

/// ‖x − μ‖ for each sample and centre.
pub(super) fn center_distances(x: &ArrayRef2<f64>, centers: &Array2<f64>) -> Array2<f64> {
    let (rows, centers) = (x.as_standard_layout(), centers.as_standard_layout());
    let mut out = vec![0.0; x.nrows() * centers.nrows()];
    let samples = Samples {
        x: rows.as_slice().expect("the standard layout is contiguous"),
        n_features: x.ncols(),
        weights: None,
    };
    distances(
        samples,
        centers
            .as_slice()
            .expect("the standard layout is contiguous"),
        &mut out,
    );
    to_array(out, centers.nrows())
}

/// A table of centres, for a page.
pub(super) fn center_table(
    centers: &Array2<f64>,
    labels: &Array1<usize>,
    caption: String,
) -> Table {
    let mut columns = vec!["cluster".to_owned(), "size".to_owned()];
    columns.extend((0..centers.ncols().min(8)).map(|feature| format!("x{feature}")));
    let mut sizes = vec![0_usize; centers.nrows()];
    labels.iter().for_each(|&label| sizes[label] += 1);
    let mut table = Table::new(&columns).caption(caption).decimals(4);
    for (cluster, center) in centers.outer_iter().enumerate() {
        let mut cells: Vec<Cell> = vec![cluster.into(), sizes[cluster].into()];
        cells.extend(center.iter().take(8).map(|&value| Cell::from(value)));
        table.push(cells);
    }
    table
}

/// A [`KMeans`] that has learnt. It shows as a table of its centres.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedKMeans {
    cluster_centers: Array2<f64>,
    labels: Array1<usize>,
    inertia: f64,
    n_iter: usize,
    history: Vec<f64>,
    steps: Vec<Array2<f64>>,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

transformer!(KMeans => FittedKMeans);
parameters!(KMeans {
    n_clusters,
    init,
    n_init,
    max_iter,
    tol,
    seed
});

impl FittedKMeans {
    /// The cluster of each sample, shape (n_samples): that of the nearest centre.
    ///
    /// # Errors
    /// When `x` is empty, not finite or has another number of columns than at `fit`.
    pub fn predict(&self, x: &impl Features) -> Result<Array1<usize>> {
        self.predict_rows(x.rows()?)
    }

    fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array1<usize>> {
        self.check("KMeans::predict", &x)?;
        let (labels, _) = nearest(&x, &self.cluster_centers);
        Ok(labels.iter().map(|&label| label as usize).collect())
    }

    /// The distances to the centres, shape (n_samples, n_clusters).
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check("KMeans::transform", &x)?;
        Ok(center_distances(&x, &self.cluster_centers))
    }

    /// The names of the distances: `kmeans0`, `kmeans1`, …
    pub fn feature_names_out(&self, _: &[String]) -> Vec<String> {
        (0..self.cluster_centers.nrows())
            .map(|cluster| format!("kmeans{cluster}"))
            .collect()
    }

    /// −Σ min ‖x − μ‖²: larger is better.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn score(&self, x: &impl Features) -> Result<f64> {
        let x = x.rows()?;
        self.check("KMeans::score", &x)?;
        Ok(-nearest(&x, &self.cluster_centers).1)
    }

    fn check(&self, operation: &'static str, x: &ArrayRef2<f64>) -> Result<()> {
        check::n_features(operation, self.cluster_centers.ncols(), x)?;
        check::table("x", x)
    }

    /// The centres μ, shape (n_clusters, n_features).
    pub fn cluster_centers(&self) -> &Array2<f64> {
        &self.cluster_centers
    }

    /// The cluster of each sample of the fit, shape (n_samples).
    pub fn labels(&self) -> &Array1<usize> {
        &self.labels
    }

    /// Σ w min ‖x − μ‖² over the samples of the fit.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// The number of iterations of the best start.
    pub fn n_iter(&self) -> usize {
        self.n_iter
    }

    /// The inertia under the first centres, and after each iteration.
    pub fn history(&self) -> &[f64] {
        &self.history
    }

    /// The centres at the start and after each iteration: the fit step by step.
    pub fn steps(&self) -> &[Array2<f64>] {
        &self.steps
    }

    /// What to know before trusting it: no convergence, or fewer clusters than asked for.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn table(&self) -> Table {
        let mut caption = format!(
            "KMeans: inertia {:.6}, {} iterations",
            self.inertia, self.n_iter
        );
        for warning in &self.warnings {
            caption += &format!("; warning: {warning}");
        }
        center_table(&self.cluster_centers, &self.labels, caption)
    }
}

impl fmt::Display for FittedKMeans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedKMeans {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
