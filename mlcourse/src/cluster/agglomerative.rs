use super::assign::Samples;
use super::kmeans::n_clusters_in_range;
use super::linkage::{Linkage, Merge, merges};
use crate::dataset::Lineage;
use crate::display::{Display, MimeBundle, Table};
use crate::estimator::{clusterer, parameters};
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Hierarchical clustering: every sample starts as a cluster, and the two nearest merge until `n_clusters` are left.
///
/// The whole tree is kept, so that it can be drawn as a dendrogram and cut anywhere:
/// [`linkage_matrix`](FittedAgglomerativeClustering::linkage_matrix).
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `n_clusters` | 2 | how many clusters are left; none: `distance_threshold` decides | 1 to n_samples |
/// | `linkage` | `Ward` | how far two clusters are apart: [`Linkage`] | |
/// | `distance_threshold` | none | clusters at this distance or farther do not merge | \[0, ∞) |
///
/// It takes O(n²) time and, but for `Single`, n²/2 numbers of memory.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [0.4], [5.0], [5.3]];
/// let model = AgglomerativeClustering::new().fit(&x)?;
/// assert_eq!(model.labels(), array![0, 0, 1, 1]);
/// assert_eq!(model.children().row(0), array![2, 3]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *AgglomerativeClustering*; SciPy, *linkage*; course, section 1.6 (*Clustering*).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgglomerativeClustering {
    n_clusters: Option<usize>,
    linkage: Linkage,
    distance_threshold: Option<f64>,
}

impl Default for AgglomerativeClustering {
    fn default() -> Self {
        Self {
            n_clusters: Some(2),
            linkage: Linkage::Ward,
            distance_threshold: None,
        }
    }
}

impl AgglomerativeClustering {
    /// A model with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of clusters that are left.
    #[must_use]
    pub fn n_clusters(mut self, n_clusters: usize) -> Self {
        self.n_clusters = Some(n_clusters);
        self
    }

    /// How far two clusters are apart.
    #[must_use]
    pub fn linkage(mut self, linkage: Linkage) -> Self {
        self.linkage = linkage;
        self
    }

    /// From which distance clusters do not merge, in place of a number of clusters.
    #[must_use]
    pub fn distance_threshold(mut self, distance_threshold: f64) -> Self {
        self.distance_threshold = Some(distance_threshold);
        self.n_clusters = None;
        self
    }

    fn fit_rows(&self, x: ArrayView2<'_, f64>) -> Result<FittedAgglomerativeClustering> {
        check::table("x", &x)?;
        match (self.n_clusters, self.distance_threshold) {
            (Some(n_clusters), None) => n_clusters_in_range(n_clusters, x.nrows())?,
            (None, Some(threshold)) if threshold >= 0.0 => {}
            (None, Some(threshold)) => {
                return Err(Error::parameter(
                    "distance_threshold",
                    "0 or more",
                    threshold,
                ));
            }
            (n_clusters, _) => {
                let found = if n_clusters.is_some() {
                    "both"
                } else {
                    "neither"
                };
                let expected = "given, or else `n_clusters`, one of the two";
                return Err(Error::parameter("distance_threshold", expected, found));
            }
        }
        let standard = x.as_standard_layout();
        let merges = merges(
            Samples {
                x: standard
                    .as_slice()
                    .expect("the standard layout is contiguous"),
                n_features: x.ncols(),
                weights: None,
            },
            self.linkage,
        );
        let threshold = self.distance_threshold.unwrap_or(0.0);
        let far = merges
            .iter()
            .filter(|merge| merge.distance >= threshold)
            .count();
        let n_clusters = self.n_clusters.unwrap_or(far + 1);
        Ok(FittedAgglomerativeClustering {
            labels: cut(&merges, x.nrows(), n_clusters),
            n_clusters,
            children: Array2::from_shape_fn((merges.len(), 2), |(row, side)| {
                if side == 0 {
                    merges[row].left
                } else {
                    merges[row].right
                }
            }),
            distances: merges.iter().map(|merge| merge.distance).collect(),
            sizes: merges.iter().map(|merge| merge.size).collect(),
            lineage: Lineage::default(),
        })
    }
}

/// The cluster of each sample when the last n_clusters − 1 merges are undone. Clusters are numbered as scikit-learn
/// numbers them: by the order of a heap of branches, the latest merge first.
fn cut(merges: &[Merge], n_samples: usize, n_clusters: usize) -> Array1<usize> {
    let mut labels = Array1::zeros(n_samples);
    for (label, branch) in heap_order(merges, n_samples, n_clusters)
        .into_iter()
        .enumerate()
    {
        let mut open = vec![branch];
        while let Some(node) = open.pop() {
            if node < n_samples {
                labels[node] = label;
            } else {
                open.extend([
                    merges[node - n_samples].left,
                    merges[node - n_samples].right,
                ]);
            }
        }
    }
    labels
}

/// The branches in the order in which Python's `heapq` leaves them.
fn heap_order(merges: &[Merge], n_samples: usize, n_clusters: usize) -> Vec<usize> {
    let mut heap = vec![n_samples + merges.len() - 1];
    for _ in 1..n_clusters {
        let merge = merges[heap[0] - n_samples];
        heap.push(merge.left);
        let last = heap.len() - 1;
        rise(&mut heap, last);
        heap[0] = merge.right;
        sink_and_rise(&mut heap);
    }
    heap
}

fn rise(heap: &mut [usize], mut place: usize) {
    while place > 0 && heap[(place - 1) / 2] < heap[place] {
        heap.swap(place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

/// `heapreplace`: the new root follows the larger children to a leaf, then rises to its place.
fn sink_and_rise(heap: &mut [usize]) {
    let mut place = 0;
    while 2 * place + 1 < heap.len() {
        let (left, right) = (2 * place + 1, 2 * place + 2);
        let child = if right < heap.len() && heap[left] <= heap[right] {
            right
        } else {
            left
        };
        heap.swap(place, child);
        place = child;
    }
    rise(heap, place);
}

/// An [`AgglomerativeClustering`] that has learnt. It shows as a table of its merges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedAgglomerativeClustering {
    labels: Array1<usize>,
    n_clusters: usize,
    children: Array2<usize>,
    distances: Array1<f64>,
    sizes: Array1<usize>,
    lineage: Lineage,
}

clusterer!(AgglomerativeClustering => FittedAgglomerativeClustering);
parameters!(AgglomerativeClustering {
    n_clusters,
    linkage,
    distance_threshold
});

impl FittedAgglomerativeClustering {
    /// The cluster of each sample, shape (n_samples).
    pub fn labels(&self) -> &Array1<usize> {
        &self.labels
    }

    /// The number of clusters.
    pub fn n_clusters(&self) -> usize {
        self.n_clusters
    }

    /// The two clusters of each merge, shape (n_samples − 1, 2). Samples are clusters 0 to n − 1, the merge in row i makes
    /// cluster n + i.
    pub fn children(&self) -> &Array2<usize> {
        &self.children
    }

    /// How far the two clusters of each merge are apart, ascending, shape (n_samples − 1).
    pub fn distances(&self) -> &Array1<f64> {
        &self.distances
    }

    /// SciPy's linkage matrix, shape (n_samples − 1, 4): two clusters, their distance, how many samples they have
    /// together.
    pub fn linkage_matrix(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.distances.len(), 4), |(row, column)| match column {
            2 => self.distances[row],
            3 => self.sizes[row] as f64,
            side => self.children[[row, side]] as f64,
        })
    }

    fn table(&self) -> Table {
        let caption = format!(
            "AgglomerativeClustering: {} samples in {} clusters",
            self.labels.len(),
            self.n_clusters
        );
        let mut table = Table::new(&["merge", "left", "right", "distance", "size"])
            .caption(caption)
            .decimals(4);
        for (row, (&distance, &size)) in self.distances.iter().zip(&self.sizes).enumerate() {
            let (left, right) = (self.children[[row, 0]], self.children[[row, 1]]);
            table.push(vec![
                (row + self.labels.len()).into(),
                left.into(),
                right.into(),
                distance.into(),
                size.into(),
            ]);
        }
        table
    }
}

impl fmt::Display for FittedAgglomerativeClustering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for FittedAgglomerativeClustering {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
