use super::chance::expected_mutual_info;
use crate::metrics::counts::pairs;
use crate::{Error, Result, check};
use ndarray::ArrayRef1;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many samples each class and each cluster share.
struct Contingency {
    /// The class, the cluster and the number of samples, where there are any.
    cells: Vec<(usize, usize, u64)>,
    /// The size of each class.
    classes: Vec<u64>,
    /// The size of each cluster.
    clusters: Vec<u64>,
    n_samples: u64,
}

/// Pairs of samples by whether they are together: in both, in the classes only, in the clusters only, in neither. Each
/// pair counts twice.
struct PairCounts {
    both: i128,
    classes_only: i128,
    clusters_only: i128,
    neither: i128,
}

impl Contingency {
    fn new(labels_true: &ArrayRef1<usize>, labels_pred: &ArrayRef1<usize>) -> Result<Self> {
        check::same_length(
            "labels_true",
            labels_true.len(),
            "labels_pred",
            labels_pred.len(),
        )?;
        check::not_empty("labels_true", labels_true.len())?;
        let mut cells = pairs(labels_true, labels_pred);
        let (mut classes, mut clusters) = (BTreeMap::new(), BTreeMap::new());
        for &(class, cluster, count) in &cells {
            *classes.entry(class).or_insert(0) += count;
            *clusters.entry(cluster).or_insert(0) += count;
        }
        let place = |sizes: &BTreeMap<usize, u64>| -> BTreeMap<usize, usize> {
            sizes
                .keys()
                .enumerate()
                .map(|(place, &label)| (label, place))
                .collect()
        };
        let (class_places, cluster_places) = (place(&classes), place(&clusters));
        for cell in &mut cells {
            (cell.0, cell.1) = (class_places[&cell.0], cluster_places[&cell.1]);
        }
        Ok(Self {
            cells,
            classes: classes.into_values().collect(),
            clusters: clusters.into_values().collect(),
            n_samples: labels_true.len() as u64,
        })
    }

    fn pair_counts(&self) -> PairCounts {
        let square = |count: u64| i128::from(count) * i128::from(count);
        let squares = |sizes: &[u64]| sizes.iter().map(|&size| square(size)).sum::<i128>();
        let together: i128 = self.cells.iter().map(|&(.., count)| square(count)).sum();
        let (classes, clusters) = (squares(&self.classes), squares(&self.clusters));
        PairCounts {
            both: together - i128::from(self.n_samples),
            classes_only: classes - together,
            clusters_only: clusters - together,
            neither: square(self.n_samples) - classes - clusters + together,
        }
    }

    fn mutual_info(&self) -> f64 {
        if self.classes.len() == 1 || self.clusters.len() == 1 {
            return 0.0;
        }
        let n_samples = self.n_samples as f64;
        let sum: f64 = self
            .cells
            .iter()
            .map(|&(class, cluster, count)| {
                let count = count as f64;
                let alone = self.classes[class] as f64 * self.clusters[cluster] as f64;
                let share = count / n_samples;
                let term = share * (count.ln() - n_samples.ln())
                    + share * (2.0 * n_samples.ln() - alone.ln());
                if term.abs() < f64::EPSILON { 0.0 } else { term }
            })
            .sum();
        sum.max(0.0)
    }

    /// The entropies of the classes and of the clusters.
    fn entropies(&self) -> (f64, f64) {
        let entropy = |sizes: &[u64]| -> f64 {
            if sizes.len() == 1 {
                return 0.0;
            }
            let n_samples = self.n_samples as f64;
            let terms = sizes.iter().map(|&size| {
                let size = size as f64;
                size / n_samples * (size.ln() - n_samples.ln())
            });
            -terms.sum::<f64>()
        };
        (entropy(&self.classes), entropy(&self.clusters))
    }

    /// Whether classes and clusters are one each: then they agree.
    fn is_trivial(&self) -> bool {
        self.classes.len() == 1 && self.clusters.len() == 1
    }
}

/// The share of pairs of samples on which two clusterings agree: both put them together, or both apart.
///
/// It grows with the number of clusters even by chance; [`adjusted_rand`] does not. It does not depend on how clusters are
/// numbered.
///
/// ```
/// use mlcourse::metrics::rand_score;
/// use mlcourse::prelude::*;
///
/// assert_eq!(rand_score(&array![0, 0, 1, 1], &array![1, 1, 0, 0])?, 1.0);
/// assert!((rand_score(&array![0, 0, 1, 2], &array![0, 0, 1, 1])? - 5.0 / 6.0).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *rand_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn rand_score(labels_true: &ArrayRef1<usize>, labels_pred: &ArrayRef1<usize>) -> Result<f64> {
    let pairs = Contingency::new(labels_true, labels_pred)?.pair_counts();
    let agreed = pairs.both + pairs.neither;
    let all = agreed + pairs.classes_only + pairs.clusters_only;
    Ok(if agreed == all {
        1.0
    } else {
        agreed as f64 / all as f64
    })
}

/// The [`rand_score`] on a scale where chance is 0 and agreement 1: (RI − E\[RI\]) / (1 − E\[RI\]), at least −½.
///
/// E\[RI\] is the mean over all clusterings with clusters of the same sizes.
///
/// ```
/// use mlcourse::metrics::adjusted_rand;
/// use mlcourse::prelude::*;
///
/// assert_eq!(adjusted_rand(&array![0, 0, 1, 1], &array![1, 1, 0, 0])?, 1.0);
/// assert!((adjusted_rand(&array![0, 0, 1, 2], &array![0, 0, 1, 1])? - 0.571_428).abs() < 1e-6);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *adjusted_rand_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn adjusted_rand(
    labels_true: &ArrayRef1<usize>,
    labels_pred: &ArrayRef1<usize>,
) -> Result<f64> {
    let PairCounts {
        both: tp,
        classes_only: fn_,
        clusters_only: fp,
        neither: tn,
    } = Contingency::new(labels_true, labels_pred)?.pair_counts();
    if fn_ == 0 && fp == 0 {
        return Ok(1.0);
    }
    let all = (tp + fn_) * (fn_ + tn) + (tp + fp) * (fp + tn);
    Ok(2.0 * (tp * tn - fn_ * fp) as f64 / all as f64)
}

/// The geometric mean of the precision and the recall of pairs: TP / √((TP + FP)(TP + FN)), where TP counts the pairs that
/// both put together, FP those of one cluster but two classes, FN those of one class but two clusters.
///
/// ```
/// use mlcourse::metrics::fowlkes_mallows;
/// use mlcourse::prelude::*;
///
/// assert_eq!(fowlkes_mallows(&array![0, 0, 1, 1], &array![1, 1, 0, 0])?, 1.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *fowlkes_mallows_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn fowlkes_mallows(
    labels_true: &ArrayRef1<usize>,
    labels_pred: &ArrayRef1<usize>,
) -> Result<f64> {
    let pairs = Contingency::new(labels_true, labels_pred)?.pair_counts();
    if pairs.both == 0 {
        return Ok(0.0);
    }
    let both = pairs.both as f64;
    let share = |only: i128| (both / (pairs.both + only) as f64).sqrt();
    Ok(share(pairs.clusters_only) * share(pairs.classes_only))
}

/// What knowing the cluster tells about the class, in nats:
/// MI = Σ_kc (n_kc / n) ln(n n_kc / (n_k n_c)), with n_kc samples of class k in cluster c.
///
/// 0 when they are independent. It does not depend on how clusters are numbered.
///
/// ```
/// use mlcourse::metrics::mutual_info;
/// use mlcourse::prelude::*;
///
/// let mi = mutual_info(&array![0, 0, 1, 1], &array![1, 1, 0, 0])?;
/// assert!((mi - 2.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *mutual_info_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn mutual_info(labels_true: &ArrayRef1<usize>, labels_pred: &ArrayRef1<usize>) -> Result<f64> {
    Ok(Contingency::new(labels_true, labels_pred)?.mutual_info())
}

/// What mutual information is divided by: a mean of the entropies of the classes and of the clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NormalizeBy {
    /// Their mean.
    #[default]
    Arithmetic,
    /// The root of their product.
    Geometric,
    /// The smaller.
    Min,
    /// The larger.
    Max,
}

impl NormalizeBy {
    fn mean(self, (left, right): (f64, f64)) -> f64 {
        match self {
            Self::Arithmetic => (left + right) / 2.0,
            Self::Geometric => (left * right).sqrt(),
            Self::Min => left.min(right),
            Self::Max => left.max(right),
        }
    }
}

/// [`mutual_info`] in \[0, 1\]: MI / mean(H(classes), H(clusters)), with the entropy H = −Σ_k (n_k / n) ln(n_k / n).
///
/// scikit-learn's default is the arithmetic mean; then it is the [`v_measure`]. It grows with the number of clusters even
/// by chance; [`adjusted_mutual_info`] does not.
///
/// ```
/// use mlcourse::metrics::{NormalizeBy, normalized_mutual_info};
/// use mlcourse::prelude::*;
///
/// let nmi = normalized_mutual_info(&array![0, 0, 1, 1], &array![0, 0, 1, 2], NormalizeBy::Arithmetic)?;
/// assert!((nmi - 0.8).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *normalized_mutual_info_score*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn normalized_mutual_info(
    labels_true: &ArrayRef1<usize>,
    labels_pred: &ArrayRef1<usize>,
    by: NormalizeBy,
) -> Result<f64> {
    let table = Contingency::new(labels_true, labels_pred)?;
    if table.is_trivial() {
        return Ok(1.0);
    }
    Ok(match table.mutual_info() {
        0.0 => 0.0,
        information => information / by.mean(table.entropies()),
    })
}

/// [`mutual_info`] on a scale where chance is 0 and agreement 1: (MI − E\[MI\]) / (mean(H(classes), H(clusters)) − E\[MI\]).
///
/// E\[MI\] is the mean over all clusterings with clusters of the same sizes: the number of samples that a class and a
/// cluster share is then hypergeometric.
///
/// ```
/// use mlcourse::metrics::{NormalizeBy, adjusted_mutual_info};
/// use mlcourse::prelude::*;
///
/// let ami = adjusted_mutual_info(&array![0, 0, 1, 1], &array![1, 1, 0, 0], NormalizeBy::Arithmetic)?;
/// assert!((ami - 1.0).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *adjusted_mutual_info_score*; Vinh, Epps and Bailey (2010).
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn adjusted_mutual_info(
    labels_true: &ArrayRef1<usize>,
    labels_pred: &ArrayRef1<usize>,
    by: NormalizeBy,
) -> Result<f64> {
    let table = Contingency::new(labels_true, labels_pred)?;
    if table.is_trivial() {
        return Ok(1.0);
    }
    if table.classes.len() == 1 || table.clusters.len() == 1 {
        return Ok(0.0);
    }
    let expected = expected_mutual_info(&table.classes, &table.clusters, table.n_samples);
    // Neither part may be 0 by rounding alone.
    let apart = |difference: f64| match difference < 0.0 {
        true => difference.min(-f64::EPSILON),
        false => difference.max(f64::EPSILON),
    };
    let above = apart(table.mutual_info() - expected);
    Ok(above / apart(by.mean(table.entropies()) - expected))
}

/// What [`homogeneity_completeness_v_measure`] computes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HomogeneityCompletenessV {
    /// 1 when every cluster holds samples of one class only.
    pub homogeneity: f64,
    /// 1 when every class is in one cluster only.
    pub completeness: f64,
    /// The harmonic mean of both, weighted by β.
    pub v_measure: f64,
}

/// Whether clusters hold one class each (homogeneity), classes are in one cluster each (completeness), and both.
///
/// With the mutual information MI and the entropies H: h = MI / H(classes), c = MI / H(clusters) (1 when the entropy is 0),
/// v = (1 + β) h c / (β h + c). β above 1 weighs completeness more. scikit-learn's default is β = 1.
///
/// ```
/// use mlcourse::metrics::homogeneity_completeness_v_measure;
/// use mlcourse::prelude::*;
///
/// // One class is split: pure clusters, but not complete.
/// let scores = homogeneity_completeness_v_measure(&array![0, 0, 1, 1], &array![0, 0, 1, 2], 1.0)?;
/// assert!((scores.homogeneity - 1.0).abs() < 1e-12);
/// assert!((scores.completeness - 2.0 / 3.0).abs() < 1e-12);
/// assert!((scores.v_measure - 0.8).abs() < 1e-12);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *homogeneity_completeness_v_measure*; Rosenberg and Hirschberg (2007).
///
/// # Errors
/// When the arguments are empty or differ in length, or β is NaN or below 0.
pub fn homogeneity_completeness_v_measure(
    labels_true: &ArrayRef1<usize>,
    labels_pred: &ArrayRef1<usize>,
    beta: f64,
) -> Result<HomogeneityCompletenessV> {
    if beta.is_nan() || beta < 0.0 {
        return Err(Error::parameter("beta", "0 or more", beta));
    }
    let table = Contingency::new(labels_true, labels_pred)?;
    let information = table.mutual_info();
    let (of_classes, of_clusters) = table.entropies();
    let share = |entropy: f64| {
        if entropy == 0.0 {
            1.0
        } else {
            information / entropy
        }
    };
    let (homogeneity, completeness) = (share(of_classes), share(of_clusters));
    let v_measure = match homogeneity + completeness {
        0.0 => 0.0,
        _ => (1.0 + beta) * homogeneity * completeness / (beta * homogeneity + completeness),
    };
    Ok(HomogeneityCompletenessV {
        homogeneity,
        completeness,
        v_measure,
    })
}

macro_rules! one_of_three {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// When the arguments are empty or differ in length.
        pub fn $name(labels_true: &ArrayRef1<usize>, labels_pred: &ArrayRef1<usize>) -> Result<f64> {
            Ok(homogeneity_completeness_v_measure(labels_true, labels_pred, 1.0)?.$name)
        }
    )*};
}

one_of_three! {
    /// Whether every cluster holds samples of one class only: MI / H(classes); see
    /// [`homogeneity_completeness_v_measure`].
    ///
    /// ```
    /// use mlcourse::metrics::homogeneity;
    /// use mlcourse::prelude::*;
    ///
    /// assert!((homogeneity(&array![0, 0, 1, 1], &array![0, 1, 2, 3])? - 1.0).abs() < 1e-12);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *homogeneity_score*.
    homogeneity,
    /// Whether every class is in one cluster only: MI / H(clusters); see [`homogeneity_completeness_v_measure`].
    ///
    /// ```
    /// use mlcourse::metrics::completeness;
    /// use mlcourse::prelude::*;
    ///
    /// assert!((completeness(&array![0, 1, 2, 3], &array![0, 0, 1, 1])? - 1.0).abs() < 1e-12);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *completeness_score*.
    completeness,
    /// The harmonic mean of [`homogeneity`] and [`completeness`]: 2 h c / (h + c).
    ///
    /// ```
    /// use mlcourse::metrics::v_measure;
    /// use mlcourse::prelude::*;
    ///
    /// assert!((v_measure(&array![0, 0, 1, 1], &array![0, 0, 1, 2])? - 0.8).abs() < 1e-12);
    /// # Ok::<(), mlcourse::Error>(())
    /// ```
    ///
    /// Source: scikit-learn, *v_measure_score*.
    v_measure
}
