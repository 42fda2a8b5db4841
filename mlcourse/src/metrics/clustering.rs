//! How good a clustering is: against known classes, or by how tight and how far apart its clusters are.

mod agreement;
mod chance;
mod silhouette;
mod spread;

pub use agreement::{
    HomogeneityCompletenessV, NormalizeBy, adjusted_mutual_info, adjusted_rand, completeness,
    fowlkes_mallows, homogeneity, homogeneity_completeness_v_measure, mutual_info,
    normalized_mutual_info, rand_score, v_measure,
};
pub use silhouette::{silhouette_samples, silhouette_score};
pub use spread::{calinski_harabasz, davies_bouldin};

use super::counts::Places;
use super::numeric::contiguous;
use crate::{Error, Result, check};
use ndarray::{ArrayRef1, ArrayRef2};

/// Samples by cluster.
struct Clusters {
    /// The place of each sample's cluster among the labels.
    of: Vec<usize>,
    /// How many samples each cluster has.
    sizes: Vec<usize>,
}

impl Clusters {
    fn new(x: &ArrayRef2<f64>, labels: &ArrayRef1<usize>) -> Result<Self> {
        check::same_length("x", x.nrows(), "labels", labels.len())?;
        check::table("x", x)?;
        let labels = contiguous(labels);
        let distinct = check::distinct(labels.iter().copied());
        if distinct.len() < 2 || distinct.len() >= labels.len() {
            return Err(Error::parameter(
                "labels",
                "of at least 2 clusters and fewer than there are samples",
                format!("of {} clusters of {} samples", distinct.len(), labels.len()),
            ));
        }
        let places = Places::new(&distinct);
        let of: Vec<usize> = labels.iter().map(|&label| places.of(label)).collect();
        let mut sizes = vec![0; distinct.len()];
        of.iter().for_each(|&cluster| sizes[cluster] += 1);
        Ok(Self { of, sizes })
    }
}
