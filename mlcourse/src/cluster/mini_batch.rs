use super::assign::{Samples, assign};
use super::kmeans::{
    Init, center_distances, center_table, fewer_clusters, mean_variance, n_clusters_in_range,
    nearest, to_array,
};
use super::seeding;
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{Features, parameters, transformer};
use crate::random::Random;
use crate::simd;
use crate::warning::{self, Warning};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// K-means learnt from small random batches: each centre is the running mean of the samples that fell to it.
///
/// For a batch sample x whose nearest centre is μ_k, c_k ← c_k + 1 and μ_k ← μ_k + (x − μ_k) / c_k. A centre that gets
/// fewer samples than `reassignment_ratio` times the fullest starts again at a random sample of the batch.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_clusters` | 8 | k | 1 to n_samples |
/// | `init` | `KMeansPlusPlus` | where the centres start: [`Init`] | |
/// | `n_init` | none | how many starts are tried, on a few samples. None: 1, or 3 for `Random` | 1 or more |
/// | `max_iter` | 100 | the most passes over the data | 1 or more |
/// | `batch_size` | 1024 | samples of a batch | 1 or more |
/// | `tol` | 0.0 | stop when the centres move by no more than this times the mean variance; 0: never | \[0, ∞) |
/// | `max_no_improvement` | 10 | stop after so many batches without a lower smoothed inertia; none: never | |
/// | `reassignment_ratio` | 0.01 | see above; 0: never | \[0, ∞) |
/// | `seed` | 0 | the same seed gives the same clusters | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let model = MiniBatchKMeans::new().n_clusters(3).fit(iris.features())?;
/// assert!(model.inertia() < 85.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *MiniBatchKMeans*; D. Sculley, *Web-scale k-means clustering*, 2010.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MiniBatchKMeans {
    n_clusters: usize,
    init: Init,
    n_init: Option<usize>,
    max_iter: usize,
    batch_size: usize,
    tol: f64,
    max_no_improvement: Option<usize>,
    reassignment_ratio: f64,
    seed: u64,
}

impl Default for MiniBatchKMeans {
    fn default() -> Self {
        Self {
            n_clusters: 8,
            init: Init::KMeansPlusPlus,
            n_init: None,
            max_iter: 100,
            batch_size: 1024,
            tol: 0.0,
            max_no_improvement: Some(10),
            reassignment_ratio: 0.01,
            seed: 0,
        }
    }
}

impl MiniBatchKMeans {
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

    /// How many starts are tried.
    #[must_use]
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = Some(n_init);
        self
    }

    /// The most passes over the data.
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// The number of samples of a batch.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// The smallest move of the centres that counts.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// After how many batches without improvement to stop.
    #[must_use]
    pub fn max_no_improvement(mut self, max_no_improvement: Option<usize>) -> Self {
        self.max_no_improvement = max_no_improvement;
        self
    }

    /// Centres with fewer samples than this times the fullest start again.
    #[must_use]
    pub fn reassignment_ratio(mut self, reassignment_ratio: f64) -> Self {
        self.reassignment_ratio = reassignment_ratio;
        self
    }

    /// The seed of everything random.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedMiniBatchKMeans> {
        check::table("x", &x)?;
        self.check(x.nrows())?;
        let standard = x.as_standard_layout();
        let samples = Samples {
            x: standard
                .as_slice()
                .expect("the standard layout is contiguous"),
            n_features: x.ncols(),
            weights: None,
        };
        let mut random = Random::seeded(self.seed);
        let mut fit = Fit::new(self, samples, self.start(samples, &mut random));
        let n_steps = (self.max_iter * x.nrows()).div_ceil(fit.batch_size);
        let tol = self.tol * mean_variance(&x);
        let mut converged = false;
        while fit.history.len() < n_steps && !converged {
            converged = fit.step(&mut random, tol);
        }
        let n_seen = fit.history.len() * fit.batch_size;
        let centers = to_array(fit.centers, x.ncols());
        let (labels, inertia) = nearest(&x, &centers);
        let warnings: Vec<Warning> = fewer_clusters(self.n_clusters, &labels)
            .into_iter()
            .collect();
        warnings.iter().cloned().for_each(warning::record);
        Ok(FittedMiniBatchKMeans {
            cluster_centers: centers,
            labels: labels.iter().map(|&label| label as usize).collect(),
            inertia,
            n_iter: n_seen.div_ceil(x.nrows()),
            n_steps: fit.history.len(),
            history: fit.history,
            warnings,
            lineage: Lineage::default(),
        })
    }

    fn check(&self, n_samples: usize) -> Result<()> {
        n_clusters_in_range(self.n_clusters, n_samples)?;
        let counts = [
            ("n_init", self.n_init.unwrap_or(1)),
            ("max_iter", self.max_iter),
            ("batch_size", self.batch_size),
        ];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(Error::parameter(name, "1 or more", 0));
        }
        for (name, value) in [
            ("tol", self.tol),
            ("reassignment_ratio", self.reassignment_ratio),
        ] {
            if value.is_nan() || value < 0.0 {
                return Err(Error::parameter(name, "0 or more", value));
            }
        }
        Ok(())
    }

    /// The best of a few starts, each from a few samples, judged on a few others.
    fn start(&self, samples: Samples<'_>, random: &mut Random) -> Vec<f64> {
        let few = (3 * self.batch_size)
            .max(3 * self.n_clusters)
            .min(samples.len());
        let judges = draw(samples, few, random);
        let n_init = self.n_init.unwrap_or(match self.init {
            Init::KMeansPlusPlus => 1,
            Init::Random => 3,
        });
        let mut best: Option<(f64, Vec<f64>)> = None;
        for _ in 0..n_init {
            let mut order: Vec<usize> = (0..samples.len()).collect();
            random.shuffle(&mut order);
            let few: Vec<f64> = order[..few]
                .iter()
                .flat_map(|&row| samples.row(row).to_vec())
                .collect();
            let few = Samples { x: &few, ..samples };
            let centers = match self.init {
                Init::KMeansPlusPlus => seeding::plus_plus(few, self.n_clusters, random),
                Init::Random => seeding::rows(few, self.n_clusters, random),
            };
            let judges = Samples {
                x: &judges,
                ..samples
            };
            let inertia = assign(judges, &centers, &mut vec![0; judges.len()]).inertia;
            if best.as_ref().is_none_or(|(least, _)| inertia < *least) {
                best = Some((inertia, centers));
            }
        }
        best.expect("there is at least one start").1
    }
}

/// Samples drawn with replacement.
fn draw(samples: Samples<'_>, n: usize, random: &mut Random) -> Vec<f64> {
    let mut drawn = Vec::with_capacity(n * samples.n_features);
    for _ in 0..n {
        drawn.extend_from_slice(samples.row(random.below(samples.len())));
    }
    drawn
}

/// A fit under way.
struct Fit<'a> {
    model: &'a MiniBatchKMeans,
    samples: Samples<'a>,
    batch_size: usize,
    centers: Vec<f64>,
    /// How many samples each centre is the mean of.
    counts: Vec<f64>,
    since_reassignment: usize,
    /// The mean inertia of each batch.
    history: Vec<f64>,
    smoothed: Option<f64>,
    least: f64,
    without_improvement: usize,
}

impl<'a> Fit<'a> {
    fn new(model: &'a MiniBatchKMeans, samples: Samples<'a>, centers: Vec<f64>) -> Self {
        Self {
            model,
            samples,
            batch_size: model.batch_size.min(samples.len()),
            counts: vec![0.0; model.n_clusters],
            centers,
            since_reassignment: 0,
            history: Vec::new(),
            smoothed: None,
            least: f64::INFINITY,
            without_improvement: 0,
        }
    }

    /// Learns from one batch; whether that was the last.
    fn step(&mut self, random: &mut Random, tol: f64) -> bool {
        let drawn = draw(self.samples, self.batch_size, random);
        let batch = Samples {
            x: &drawn,
            ..self.samples
        };
        let before = self.centers.clone();
        let mut labels = vec![0; batch.len()];
        let sums = assign(batch, &before, &mut labels);
        let n_features = batch.n_features;
        for (cluster, center) in self.centers.chunks_exact_mut(n_features).enumerate() {
            let new = sums.weights[cluster];
            if new > 0.0 {
                let old = self.counts[cluster];
                self.counts[cluster] += new;
                let sum = &sums.sums[cluster * n_features..(cluster + 1) * n_features];
                for (center, sum) in center.iter_mut().zip(sum) {
                    *center = (*center * old + sum) / (old + new);
                }
            }
        }
        self.reassign(batch, random);
        let shift = simd::squared_distance(&before, &self.centers);
        self.is_last(sums.inertia / batch.len() as f64, shift, tol)
    }

    /// Centres with too few samples start again at samples of the batch.
    fn reassign(&mut self, batch: Samples<'_>, random: &mut Random) {
        self.since_reassignment += batch.len();
        let due =
            self.since_reassignment >= 10 * self.model.n_clusters || self.counts.contains(&0.0);
        if !due || self.model.reassignment_ratio == 0.0 {
            return;
        }
        self.since_reassignment = 0;
        let fullest = self.counts.iter().copied().fold(0.0, f64::max);
        let limit = self.model.reassignment_ratio * fullest;
        let mut poor: Vec<usize> = (0..self.counts.len())
            .filter(|&k| self.counts[k] < limit)
            .collect();
        // At most half of the batch become centres: those of the poorest.
        poor.sort_by(|&a, &b| self.counts[a].total_cmp(&self.counts[b]));
        poor.truncate(batch.len() / 2);
        let kept = (0..self.counts.len()).filter(|k| !poor.contains(k));
        let least = kept.map(|k| self.counts[k]).fold(f64::INFINITY, f64::min);
        let mut rows: Vec<usize> = (0..batch.len()).collect();
        random.shuffle(&mut rows);
        for (&cluster, &row) in poor.iter().zip(&rows) {
            let place = cluster * batch.n_features;
            self.centers[place..place + batch.n_features].copy_from_slice(batch.row(row));
            self.counts[cluster] = least;
        }
    }

    /// The smoothed inertia no longer falls, or the centres no longer move.
    fn is_last(&mut self, inertia: f64, shift: f64, tol: f64) -> bool {
        self.history.push(inertia);
        if self.history.len() == 1 {
            return false;
        }
        let alpha = (self.batch_size as f64 * 2.0 / (self.samples.len() as f64 + 1.0)).min(1.0);
        let smoothed = self.smoothed.map_or(inertia, |smoothed| {
            smoothed * (1.0 - alpha) + inertia * alpha
        });
        self.smoothed = Some(smoothed);
        if tol > 0.0 && shift <= tol {
            return true;
        }
        if smoothed < self.least {
            self.least = smoothed;
            self.without_improvement = 0;
        } else {
            self.without_improvement += 1;
        }
        self.model
            .max_no_improvement
            .is_some_and(|most| self.without_improvement >= most)
    }
}

/// A [`MiniBatchKMeans`] that has learnt. It shows as a table of its centres.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMiniBatchKMeans {
    cluster_centers: Array2<f64>,
    labels: Array1<usize>,
    inertia: f64,
    n_iter: usize,
    n_steps: usize,
    history: Vec<f64>,
    warnings: Vec<Warning>,
    lineage: Lineage,
}

transformer!(MiniBatchKMeans => FittedMiniBatchKMeans);
parameters!(MiniBatchKMeans {
    n_clusters,
    init,
    n_init,
    max_iter,
    batch_size,
    tol,
    max_no_improvement,
    reassignment_ratio,
    seed
});

impl FittedMiniBatchKMeans {
    /// The cluster of each sample, shape (n_samples): that of the nearest centre.
    ///
    /// # Errors
    /// When `x` is empty, not finite or has another number of columns than at `fit`.
    pub fn predict(&self, x: &impl Features) -> Result<Array1<usize>> {
        let x = x.rows()?;
        self.check("MiniBatchKMeans::predict", &x)?;
        Ok(nearest(&x, &self.cluster_centers)
            .0
            .iter()
            .map(|&label| label as usize)
            .collect())
    }

    /// The distances to the centres, shape (n_samples, n_clusters).
    fn transform_rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check("MiniBatchKMeans::transform", &x)?;
        Ok(center_distances(&x, &self.cluster_centers))
    }

    /// The names of the distances: `minibatchkmeans0`, …
    pub fn feature_names_out(&self, _: &[String]) -> Vec<String> {
        (0..self.cluster_centers.nrows())
            .map(|cluster| format!("minibatchkmeans{cluster}"))
            .collect()
    }

    fn check(&self, operation: &'static str, x: &ArrayRef2<f64>) -> Result<()> {
        check::n_features(operation, self.cluster_centers.ncols(), x)?;
        check::table("x", x)
    }

    /// The centres, shape (n_clusters, n_features).
    pub fn cluster_centers(&self) -> &Array2<f64> {
        &self.cluster_centers
    }

    /// The cluster of each sample of the fit, shape (n_samples).
    pub fn labels(&self) -> &Array1<usize> {
        &self.labels
    }

    /// Σ min ‖x − μ‖² over the samples of the fit.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// The number of passes over the data, rounded up.
    pub fn n_iter(&self) -> usize {
        self.n_iter
    }

    /// The number of batches.
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// The mean inertia of each batch, before it was learnt from.
    pub fn history(&self) -> &[f64] {
        &self.history
    }

    /// What to know before trusting it: fewer clusters than asked for.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn table(&self) -> Table {
        let caption = format!(
            "MiniBatchKMeans: inertia {:.6}, {} batches",
            self.inertia, self.n_steps
        );
        center_table(&self.cluster_centers, &self.labels, caption)
    }
}

impl fmt::Display for FittedMiniBatchKMeans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedMiniBatchKMeans {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
