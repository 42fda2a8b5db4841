use super::assign::Samples;
use super::tree::Tree;
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{TrainingFeatures, clusterer, parameters};
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The label of noise.
const NOISE: i64 = -1;

/// DBSCAN: clusters are regions where samples lie dense, whatever their shape; what lies alone is noise.
///
/// A sample is a core sample when at least `min_samples` samples, itself among them, lie within `eps` of it. Core samples
/// within `eps` of each other belong together; another sample within `eps` of a core sample is on the border of its
/// cluster, the first where there are several; the rest is noise, label −1.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `eps` | 0.5 | how near is near | (0, ∞) |
/// | `min_samples` | 5 | how many make a core sample | 1 or more |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [99.0]];
/// let model = DBSCAN::new().min_samples(2).fit(&x)?;
/// assert_eq!(model.labels(), array![0, 0, 0, 1, 1, 1, -1]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *DBSCAN*; M. Ester, H.-P. Kriegel, J. Sander, X. Xu, 1996.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DBSCAN {
    eps: f64,
    min_samples: usize,
}

impl Default for DBSCAN {
    fn default() -> Self {
        Self {
            eps: 0.5,
            min_samples: 5,
        }
    }
}

impl DBSCAN {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How near is near.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// How many samples make a core sample.
    #[must_use]
    pub fn min_samples(mut self, min_samples: usize) -> Self {
        self.min_samples = min_samples;
        self
    }

    /// As [`fit`](Self::fit), where sample i counts `sample_weight`_i times towards `min_samples`.
    ///
    /// # Errors
    /// As `fit`, and when a weight is negative or there is none for each sample.
    pub fn fit_weighted(
        self,
        data: impl TrainingFeatures,
        sample_weight: &ArrayRef1<f64>,
    ) -> Result<FittedDBSCAN> {
        let training = data.training_features()?;
        let mut fitted = self.fit_with(training.x, Some(sample_weight.view()))?;
        fitted.lineage = training.lineage_of("DBSCAN");
        Ok(fitted)
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedDBSCAN> {
        self.fit_with(x, None)
    }

    fn fit_with(
        &self,
        x: ArrayView2<'_, f64>,
        sample_weight: Option<ArrayView1<'_, f64>>,
    ) -> Result<FittedDBSCAN> {
        check::table("x", &x)?;
        if !(self.eps > 0.0 && self.eps.is_finite()) {
            return Err(Error::parameter("eps", "a number above 0", self.eps));
        }
        if self.min_samples == 0 {
            return Err(Error::parameter("min_samples", "1 or more", 0));
        }
        if let Some(weights) = &sample_weight {
            check::sample_weight(weights, x.nrows())?;
        }
        let standard = x.as_standard_layout();
        let samples = Samples {
            x: standard
                .as_slice()
                .expect("the standard layout is contiguous"),
            n_features: x.ncols(),
            weights: None,
        };
        let tree = Tree::new(samples);
        let neighbours: Vec<Vec<u32>> = (0..samples.len())
            .into_par_iter()
            .map_init(Vec::new, |found, row| {
                tree.within(samples.row(row), self.eps * self.eps, found);
                found.sort_unstable();
                found.clone()
            })
            .collect();
        let is_core: Vec<bool> = neighbours
            .iter()
            .map(|near| {
                let count = match &sample_weight {
                    None => near.len() as f64,
                    Some(weights) => near.iter().map(|&row| weights[row as usize]).sum(),
                };
                count >= self.min_samples as f64
            })
            .collect();
        let (labels, n_clusters) = label(&neighbours, &is_core);
        Ok(FittedDBSCAN {
            labels,
            core_sample_indices: (0..is_core.len()).filter(|&row| is_core[row]).collect(),
            n_clusters,
            lineage: Lineage::default(),
        })
    }
}

/// Spreads a label from each core sample that has none yet, through core samples to all their neighbours.
fn label(neighbours: &[Vec<u32>], is_core: &[bool]) -> (Array1<i64>, usize) {
    let mut labels = Array1::from_elem(neighbours.len(), NOISE);
    let mut n_clusters = 0;
    let mut open = Vec::new();
    for start in 0..neighbours.len() {
        if labels[start] != NOISE || !is_core[start] {
            continue;
        }
        let cluster = n_clusters as i64;
        n_clusters += 1;
        labels[start] = cluster;
        open.push(start);
        while let Some(row) = open.pop() {
            for &near in &neighbours[row] {
                let near = near as usize;
                if labels[near] == NOISE {
                    labels[near] = cluster;
                    if is_core[near] {
                        open.push(near);
                    }
                }
            }
        }
    }
    (labels, n_clusters)
}

/// A [`DBSCAN`] that has learnt. It shows as a table of its clusters' sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedDBSCAN {
    labels: Array1<i64>,
    core_sample_indices: Vec<usize>,
    n_clusters: usize,
    lineage: Lineage,
}

clusterer!(DBSCAN => FittedDBSCAN);
parameters!(DBSCAN { eps, min_samples });

impl FittedDBSCAN {
    /// The cluster of each sample, shape (n_samples); −1 is noise.
    pub fn labels(&self) -> &Array1<i64> {
        &self.labels
    }

    /// The rows that are core samples, ascending.
    pub fn core_sample_indices(&self) -> &[usize] {
        &self.core_sample_indices
    }

    /// The number of clusters; noise is none.
    pub fn n_clusters(&self) -> usize {
        self.n_clusters
    }

    fn table(&self) -> Table {
        let mut sizes = vec![0_usize; self.n_clusters + 1];
        // Noise, −1, stands first.
        self.labels
            .iter()
            .for_each(|&label| sizes[(label + 1) as usize] += 1);
        let caption = format!(
            "DBSCAN: {} clusters, {} core samples",
            self.n_clusters,
            self.core_sample_indices.len()
        );
        let mut table = Table::new(&["cluster", "size"]).caption(caption);
        for cluster in 0..self.n_clusters {
            table.push(vec![cluster.into(), sizes[cluster + 1].into()]);
        }
        table.push(vec!["noise".into(), sizes[0].into()]);
        table
    }
}

impl fmt::Display for FittedDBSCAN {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedDBSCAN {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
