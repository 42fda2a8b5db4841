use super::Clusters;
use crate::Result;
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, Axis};

/// How far apart clusters are for how wide they are: (B / (K − 1)) / (W / (n − K)), with the dispersion between clusters
/// B = Σ_k n_k ‖μ_k − μ‖² and within them W = Σ_k Σ_{i in k} ‖x_i − μ_k‖². Larger is better.
///
/// 1 when W is 0. Costs O(n d).
///
/// ```
/// use mlcourse::metrics::calinski_harabasz;
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [2.0], [10.0], [12.0]];
/// assert_eq!(calinski_harabasz(&x, &array![0, 0, 1, 1])?, 50.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *calinski_harabasz_score*.
///
/// # Errors
/// When the features are empty, not finite or differ in length from the labels, or there are not between 2 and
/// n_samples − 1 clusters.
pub fn calinski_harabasz(x: &ArrayRef2<f64>, labels: &ArrayRef1<usize>) -> Result<f64> {
    let clusters = Clusters::new(x, labels)?;
    let (n_samples, n_clusters) = (x.nrows() as f64, clusters.sizes.len() as f64);
    let centres = centres(x, &clusters);
    let mean = x.map_axis(Axis(0), |column| column.sum() / n_samples);
    let between: f64 = centres
        .outer_iter()
        .zip(&clusters.sizes)
        .map(|(centre, &size)| size as f64 * square_distance(centre, mean.view()))
        .sum();
    let within: f64 = x
        .outer_iter()
        .zip(&clusters.of)
        .map(|(row, &cluster)| square_distance(row, centres.row(cluster)))
        .sum();
    Ok(match within {
        0.0 => 1.0,
        _ => between * (n_samples - n_clusters) / (within * (n_clusters - 1.0)),
    })
}

/// How alike each cluster and its most similar other are, on average: (1/K) Σ_k max_{j≠k} (s_k + s_j) / ‖μ_k − μ_j‖, with
/// s_k the mean distance of the samples of cluster k to its centre μ_k. Smaller is better; 0 is the best.
///
/// ```
/// use mlcourse::metrics::davies_bouldin;
/// use mlcourse::prelude::*;
///
/// let x = array![[0.0], [2.0], [10.0], [12.0]];
/// assert_eq!(davies_bouldin(&x, &array![0, 0, 1, 1])?, 0.2);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *davies_bouldin_score*.
///
/// # Errors
/// As [`calinski_harabasz`].
pub fn davies_bouldin(x: &ArrayRef2<f64>, labels: &ArrayRef1<usize>) -> Result<f64> {
    let clusters = Clusters::new(x, labels)?;
    let centres = centres(x, &clusters);
    let mut spread: Array1<f64> = Array1::zeros(clusters.sizes.len());
    for (row, &cluster) in x.outer_iter().zip(&clusters.of) {
        spread[cluster] += square_distance(row, centres.row(cluster)).sqrt();
    }
    for (spread, &size) in spread.iter_mut().zip(&clusters.sizes) {
        *spread /= size as f64;
    }
    let apart = Array2::from_shape_fn((spread.len(), spread.len()), |(row, column)| {
        square_distance(centres.row(row), centres.row(column)).sqrt()
    });
    // As scikit-learn: clusters that are points, or all in the same place.
    if spread.iter().all(|&spread| spread <= 1e-8) || apart.iter().all(|&apart| apart <= 1e-8) {
        return Ok(0.0);
    }
    let most_similar = (0..spread.len()).map(|cluster| {
        let others = (0..spread.len()).filter(|&other| apart[[cluster, other]] > 0.0);
        others
            .map(|other| (spread[cluster] + spread[other]) / apart[[cluster, other]])
            .fold(0.0, f64::max)
    });
    Ok(most_similar.sum::<f64>() / spread.len() as f64)
}

/// The mean of each cluster, shape (n_clusters, n_features).
fn centres(x: &ArrayRef2<f64>, clusters: &Clusters) -> Array2<f64> {
    let mut centres = Array2::zeros((clusters.sizes.len(), x.ncols()));
    for (row, &cluster) in x.outer_iter().zip(&clusters.of) {
        let mut centre = centres.row_mut(cluster);
        centre += &row;
    }
    for (mut centre, &size) in centres.outer_iter_mut().zip(&clusters.sizes) {
        centre /= size as f64;
    }
    centres
}

fn square_distance(left: ArrayView1<'_, f64>, right: ArrayView1<'_, f64>) -> f64 {
    left.iter().zip(right).map(|(x, y)| (x - y) * (x - y)).sum()
}
