use super::distributions::{chi2_tail, f_tail};
use crate::preprocessing::rows::{self, is_constant};
use crate::{Error, Result, check};
use ndarray::{Array1, ArrayRef1, ArrayRef2, ArrayView2};

/// How much each feature tells about the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// The score of each feature, shape (n_features): larger tells more.
    pub scores: Array1<f64>,
    /// How likely so large a score is by chance, shape (n_features); none for mutual information.
    pub p_values: Option<Array1<f64>>,
}

/// The classes, and the class of each row as its place among them.
pub(super) fn classes(
    x: &ArrayRef2<f64>,
    y: &ArrayRef1<usize>,
) -> Result<(Vec<usize>, Vec<usize>)> {
    rows::check_finite(&x.view())?;
    check::same_length("x", x.nrows(), "y", y.len())?;
    let classes = check::distinct(y.iter().copied());
    if let [label] = *classes {
        return Err(Error::SingleClass {
            label,
            n_samples: y.len(),
        });
    }
    let places = y
        .iter()
        .map(|label| classes.partition_point(|class| class < label))
        .collect();
    Ok((classes, places))
}

/// The sum over the rows of each class of `of(value, column, class)`.
fn class_sums(
    x: &ArrayRef2<f64>,
    places: &[usize],
    n_classes: usize,
    of: impl Fn(f64, usize, usize) -> f64 + Sync,
) -> Vec<Vec<f64>> {
    let n_columns = x.ncols();
    let chunks = rows::fold_chunks_at(&x.view(), |start, rows| {
        let mut sums = vec![vec![0.0; n_columns]; n_classes];
        for (row, &class) in rows.chunks_exact(n_columns).zip(&places[start..]) {
            for (column, (sum, &value)) in sums[class].iter_mut().zip(row).enumerate() {
                *sum += of(value, column, class);
            }
        }
        sums
    });
    let mut total = vec![vec![0.0; n_columns]; n_classes];
    for sums in &chunks {
        for (total, sums) in total.iter_mut().zip(sums) {
            total
                .iter_mut()
                .zip(sums)
                .for_each(|(total, sum)| *total += sum);
        }
    }
    total
}

fn class_counts(places: &[usize], n_classes: usize) -> Vec<f64> {
    let mut counts = vec![0.0; n_classes];
    for &class in places {
        counts[class] += 1.0;
    }
    counts
}

/// The F-value of the analysis of variance: how much the means of the classes differ, against the spread within them.
///
/// F = (Σ_k n_k (x̄_k − x̄)² / (K − 1)) / (Σ_k Σ_{i∈k} (x_i − x̄_k)² / (n − K)), for each feature. A constant feature has
/// NaN.
///
/// ```
/// use mlcourse::feature_selection::f_classif;
/// use mlcourse::prelude::*;
///
/// let iris = datasets::iris();
/// let scores = f_classif(iris.features(), iris.labels()?)?.scores;
/// // Petals tell more than sepals.
/// assert!(scores[2] > scores[0] && scores[3] > scores[1]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When `x` is empty or not finite, `x` and `y` differ in length, or there is one class only.
///
/// Source: scikit-learn, *f_classif*.
pub fn f_classif(x: &ArrayRef2<f64>, y: &ArrayRef1<usize>) -> Result<Scores> {
    let (classes, places) = classes(x, y)?;
    let (n_samples, n_classes) = (x.nrows() as f64, classes.len());
    let (mean, var) = rows::moments(&x.view())?;
    let counts = class_counts(&places, n_classes);
    let sums = class_sums(x, &places, n_classes, |value, column, _| {
        value - mean[column]
    });
    let class_mean =
        |class: usize, column: usize| mean[column] + sums[class][column] / counts[class];
    let squares = class_sums(x, &places, n_classes, |value, column, class| {
        (value - class_mean(class, column)).powi(2)
    });
    let free_between = n_classes as f64 - 1.0;
    let free_within = n_samples - n_classes as f64;
    let scores: Array1<f64> = (0..x.ncols())
        .map(|column| {
            if is_constant(mean[column], var[column], x.nrows()) {
                return f64::NAN;
            }
            let between: f64 = (0..n_classes)
                .map(|class| sums[class][column].powi(2) / counts[class])
                .sum();
            let within: f64 = squares.iter().map(|squares| squares[column]).sum();
            (between / free_between) / (within / free_within)
        })
        .collect();
    Ok(Scores {
        p_values: Some(scores.mapv(|f| f_tail(f, free_between, free_within))),
        scores,
    })
}

/// χ² of each feature: how far the classes share its sum otherwise than their sizes would. For counts.
///
/// χ² = Σ_k (O_k − E_k)² / E_k, with O_k the sum of the feature over class k and E_k = (n_k / n) Σ x. A feature of zeros
/// has NaN.
///
/// ```
/// use mlcourse::feature_selection::chi2;
/// use mlcourse::prelude::*;
///
/// // The first word stands in texts of class 1 alone, the second in all.
/// let counts = array![[0.0, 1.0], [0.0, 2.0], [3.0, 1.0], [2.0, 2.0]];
/// let scores = chi2(&counts, &array![0, 0, 1, 1])?.scores;
/// assert_eq!(scores, array![5.0, 0.0]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When `x` is empty, not finite or below 0 anywhere, `x` and `y` differ in length, or there is one class only.
///
/// Source: scikit-learn, *chi2*.
pub fn chi2(x: &ArrayRef2<f64>, y: &ArrayRef1<usize>) -> Result<Scores> {
    let (classes, places) = classes(x, y)?;
    if let Some(value) = x.iter().find(|value| **value < 0.0) {
        return Err(Error::parameter(
            "x",
            "0 or more everywhere, as counts are",
            value,
        ));
    }
    let n_classes = classes.len();
    let counts = class_counts(&places, n_classes);
    let observed = class_sums(x, &places, n_classes, |value, _, _| value);
    let scores: Array1<f64> = (0..x.ncols())
        .map(|column| {
            let total: f64 = observed.iter().map(|sums| sums[column]).sum();
            let terms = observed.iter().zip(&counts).map(|(sums, count)| {
                let expected = count / x.nrows() as f64 * total;
                (sums[column] - expected).powi(2) / expected
            });
            terms.sum()
        })
        .collect();
    let free = n_classes as f64 - 1.0;
    Ok(Scores {
        p_values: Some(scores.mapv(|score| chi2_tail(score, free))),
        scores,
    })
}

/// The F-value of the correlation of each feature with a target of numbers.
///
/// F = r² / (1 − r²) · (n − 2) with Pearson's r. A constant feature or target has F = 0 and p = 1; perfect correlation the
/// largest number there is.
///
/// ```
/// use mlcourse::feature_selection::f_regression;
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, 5.0], [2.0, 1.0], [3.0, 4.0], [4.0, 2.0]];
/// let scores = f_regression(&x, &array![1.1, 1.9, 3.2, 3.9])?;
/// assert!(scores.scores[0] > 100.0 && scores.scores[1] < 2.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When `x` or `y` is empty or not finite, or they differ in length.
///
/// Source: scikit-learn, *f_regression*.
pub fn f_regression(x: &ArrayRef2<f64>, y: &ArrayRef1<f64>) -> Result<Scores> {
    rows::check_finite(&x.view())?;
    check::column("y", y)?;
    check::same_length("x", x.nrows(), "y", y.len())?;
    let n_samples = x.nrows() as f64;
    let (mean, var) = rows::moments(&x.view())?;
    let y_table: ArrayView2<'_, f64> = y.view().insert_axis(ndarray::Axis(1));
    let (y_mean, y_var) = rows::moments(&y_table)?;
    let (y_mean, y_var) = (y_mean[0], y_var[0]);
    let distances: Vec<f64> = y.iter().map(|y| y - y_mean).collect();
    let means = mean.to_vec();
    let chunks = rows::fold_chunks_at(&x.view(), |start, rows| {
        let mut products = vec![0.0; means.len()];
        for (row, y) in rows.chunks_exact(means.len()).zip(&distances[start..]) {
            for ((product, value), mean) in products.iter_mut().zip(row).zip(&means) {
                *product += (value - mean) * y;
            }
        }
        products
    });
    let mut products = vec![0.0; means.len()];
    for chunk in chunks {
        products
            .iter_mut()
            .zip(chunk)
            .for_each(|(sum, product)| *sum += product);
    }
    let free = n_samples - 2.0;
    let constant_target = is_constant(y_mean, y_var, y.len());
    let (scores, p_values) = products
        .iter()
        .enumerate()
        .map(|(column, product)| {
            if constant_target || is_constant(mean[column], var[column], x.nrows()) {
                return (0.0, 1.0);
            }
            let r = product / n_samples / (var[column] * y_var).sqrt();
            let f = r * r / (1.0 - r * r) * free;
            match f {
                f if f.is_nan() => (0.0, 1.0),
                // Rounding may carry r beyond 1.
                f if f.is_infinite() || f < 0.0 => (f64::MAX, 0.0),
                f => (f, f_tail(f, 1.0, free)),
            }
        })
        .unzip::<f64, f64, Vec<f64>, Vec<f64>>();
    Ok(Scores {
        scores: scores.into(),
        p_values: Some(p_values.into()),
    })
}
