use super::distributions::digamma;
use super::scores::{Scores, classes};
use crate::preprocessing::rows;
use crate::random::Random;
use crate::{Error, Result};
use ndarray::{ArrayRef1, ArrayRef2};

/// How much knowing a feature tells about the class, in nats: 0 is nothing, ln K everything. It sees whatever form the
/// dependence has, where [`f_classif`](super::f_classif) sees differences of means alone.
///
/// The estimate of Ross (2014): for each sample, the distance to its k-th neighbour of the same class, and how many samples
/// m of any class lie within it; I = ψ(n) + ψ(k) − ⟨ψ(n_class)⟩ − ⟨ψ(m)⟩. A noise of 10⁻¹⁰ separates equal numbers; `seed`
/// draws it.
///
/// ```
/// use mlcourse::feature_selection::mutual_info_classif;
/// use mlcourse::prelude::*;
///
/// // Class 1 lies on both sides of class 0: the means are equal, and yet the feature tells all.
/// let x = Array2::from_shape_fn((60, 1), |(row, _)| row as f64);
/// let y = Array1::from_shape_fn(60, |row| usize::from(row < 15 || row >= 45));
/// assert!(mutual_info_classif(&x, &y, 3, 0)?.scores[0] > 0.5);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When `x` is empty or not finite, `x` and `y` differ in length, there is one class only, or `n_neighbors` is 0.
///
/// Source: scikit-learn, *mutual_info_classif* (default `n_neighbors` 3); B. C. Ross, *Mutual information between discrete
/// and continuous data sets* (2014).
pub fn mutual_info_classif(
    x: &ArrayRef2<f64>,
    y: &ArrayRef1<usize>,
    n_neighbors: usize,
    seed: u64,
) -> Result<Scores> {
    if n_neighbors == 0 {
        return Err(Error::parameter("n_neighbors", "1 or more", 0));
    }
    let (labels, places) = classes(x, y)?;
    let (_, var) = rows::moments(&x.view())?;
    let scores = rows::map_columns(&x.view(), |column, values| {
        let scale = rows::nonzero_scale(var[column].sqrt());
        values.iter_mut().for_each(|value| *value /= scale);
        let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
        let mut random = Random::seeded(seed ^ (column as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for value in values.iter_mut() {
            // Twelve uniform numbers make a normal one, near enough.
            let normal = (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
            *value += 1e-10 * size.max(1.0) * normal;
        }
        of_column(values, &places, labels.len(), n_neighbors)
    });
    Ok(Scores {
        scores: scores.into(),
        p_values: None,
    })
}

fn of_column(values: &[f64], places: &[usize], n_classes: usize, n_neighbors: usize) -> f64 {
    let mut members: Vec<Vec<f64>> = vec![Vec::new(); n_classes];
    for (&value, &class) in values.iter().zip(places) {
        members[class].push(value);
    }
    // A sample that is alone in its class tells nothing.
    members.retain(|class| class.len() > 1);
    let mut all: Vec<f64> = members.concat();
    all.sort_unstable_by(f64::total_cmp);
    let n = all.len() as f64;
    if all.is_empty() {
        return 0.0;
    }
    let (mut neighbors, mut sizes, mut within) = (0.0, 0.0, 0.0);
    for class in &mut members {
        class.sort_unstable_by(f64::total_cmp);
        let k = n_neighbors.min(class.len() - 1);
        neighbors += class.len() as f64 * digamma(k as f64);
        sizes += class.len() as f64 * digamma(class.len() as f64);
        for place in 0..class.len() {
            let radius = distance_to_neighbor(class, place, k).next_down();
            let value = class[place];
            let from = all.partition_point(|other| value - *other > radius);
            let to = all.partition_point(|other| *other - value <= radius);
            within += digamma(to.saturating_sub(from).max(1) as f64);
        }
    }
    (digamma(n) + (neighbors - sizes - within) / n).max(0.0)
}

/// The distance from a sorted value to its k-th nearest.
fn distance_to_neighbor(sorted: &[f64], place: usize, k: usize) -> f64 {
    let value = sorted[place];
    // The k nearest are a window of k + 1 values that holds this one.
    let first = place.saturating_sub(k);
    let last = place.min(sorted.len() - 1 - k);
    (first..=last)
        .map(|start| (value - sorted[start]).max(sorted[start + k] - value))
        .fold(f64::INFINITY, f64::min)
}
