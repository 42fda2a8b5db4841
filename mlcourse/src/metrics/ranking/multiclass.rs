use super::{Ranking, Sorted, area};
use crate::metrics::Average;
use crate::metrics::columns::Columns;
use crate::{Error, Result};
use ndarray::{Array1, ArrayRef1, ArrayRef2};
use serde::{Deserialize, Serialize};

/// How a score for two classes becomes one for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MultiClass {
    /// One against the rest: for each class, its column against all other samples.
    Ovr,
    /// One against one: for each pair of classes, on their samples alone, the mean of the areas by both columns.
    Ovo,
}

/// The area under the ROC curve for more than two classes, from probabilities of shape (n_samples, n_classes).
///
/// | `average` | one against the rest | one against one |
/// |---|---|---|
/// | `Macro` | the mean over the classes | the mean over the pairs |
/// | `Weighted` | the mean by the number of true samples | the mean by the number of samples of the pair |
/// | `Micro` | all columns as one long list | – |
///
/// The columns are the classes that occur in `y_true`, ascending; or, when not every class occurs, column j is label j.
/// [`ProbabilityMetrics`](crate::metrics::ProbabilityMetrics) takes the classes of a model, and weights.
///
/// ```
/// use mlcourse::metrics::{MultiClass, roc_auc_multiclass};
/// use mlcourse::prelude::*;
///
/// let probabilities = array![[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]];
/// let y = array![0, 1, 2, 2];
/// let auc = roc_auc_multiclass(&y, &probabilities, MultiClass::Ovr, Average::Macro)?;
/// assert!((auc - 0.958_333_333).abs() < 1e-9);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *roc_auc_score* with `multi_class`; one against one is Hand and Till (2001).
///
/// # Errors
/// When the arguments are empty or differ in length, the labels do not fit the columns, rows do not add up to 1, or the
/// average is none of the above.
pub fn roc_auc_multiclass(
    y_true: &ArrayRef1<usize>,
    probabilities: &ArrayRef2<f64>,
    multi_class: MultiClass,
    average: Average,
) -> Result<f64> {
    let columns = Columns::new(y_true, probabilities, None)?;
    multiclass_auc(&columns, probabilities, multi_class, average, None)
}

/// The same, of labels that are columns already.
pub(in crate::metrics) fn multiclass_auc(
    columns: &Columns,
    probabilities: &ArrayRef2<f64>,
    multi_class: MultiClass,
    average: Average,
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    if let Some(row) = probabilities
        .outer_iter()
        .position(|row| (row.sum() - 1.0).abs() > 1e-8 + 1e-5)
    {
        return Err(Error::parameter(
            "probabilities",
            "rows that add up to 1",
            format!("row {row} with the sum {}", probabilities.row(row).sum()),
        ));
    }
    match (multi_class, average) {
        (MultiClass::Ovr, Average::Micro) => micro(columns, probabilities, sample_weight),
        (MultiClass::Ovr, Average::Macro | Average::Weighted) => {
            one_against_rest(columns, probabilities, average, sample_weight)
        }
        (MultiClass::Ovo, Average::Macro | Average::Weighted) if sample_weight.is_none() => {
            one_against_one(columns, probabilities, average)
        }
        (MultiClass::Ovo, Average::Macro | Average::Weighted) => Err(Error::parameter(
            "sample_weight",
            "left out for one against one, whose pairs have no weights",
            "given",
        )),
        _ => Err(Error::parameter(
            "average",
            "Macro, Weighted, or (one against the rest) Micro",
            format!("{average:?}"),
        )),
    }
}

/// The area by scores in `scores` for the positives that `is_positive` names.
fn binary(
    scores: &[f64],
    is_positive: &(impl Fn(usize) -> bool + Sync),
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    match sample_weight {
        None => Ok(area(Sorted::new(scores, is_positive)?.roc_auc())),
        Some(weights) => Ok(Ranking::of_weighted(scores, is_positive, weights)?.roc_auc()),
    }
}

fn one_against_rest(
    columns: &Columns,
    probabilities: &ArrayRef2<f64>,
    average: Average,
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    let support = columns.support(sample_weight);
    let (mut sum, mut total) = (0.0, 0.0);
    for (class, &support) in support.iter().enumerate() {
        let weight = if average == Average::Weighted {
            support
        } else {
            1.0
        };
        total += weight;
        // A class that does not occur has no area, but in a weighted mean it does not count.
        if weight > 0.0 {
            let scores = probabilities.column(class).to_vec();
            let is_positive = |sample: usize| columns.of[sample] == class;
            sum += weight * binary(&scores, &is_positive, sample_weight)?;
        }
    }
    Ok(sum / total)
}

fn micro(
    columns: &Columns,
    probabilities: &ArrayRef2<f64>,
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    let n_classes = columns.n_classes;
    let scores: Vec<f64> = probabilities.iter().copied().collect();
    let is_positive = |place: usize| columns.of[place / n_classes] == place % n_classes;
    let weights: Option<Vec<f64>> = sample_weight.map(|weights| {
        let repeated = weights.iter().flat_map(|&weight| vec![weight; n_classes]);
        repeated.collect()
    });
    binary(&scores, &is_positive, weights.as_deref())
}

fn one_against_one(
    columns: &Columns,
    probabilities: &ArrayRef2<f64>,
    average: Average,
) -> Result<f64> {
    let mut samples = vec![Vec::new(); columns.n_classes];
    for (sample, &class) in columns.of.iter().enumerate() {
        samples[class].push(sample);
    }
    samples.retain(|samples| !samples.is_empty());
    let (mut sum, mut total) = (0.0, 0.0);
    for (place, first) in samples.iter().enumerate() {
        for second in &samples[place + 1..] {
            let by = |sample: usize| -> Result<f64> {
                let column = probabilities.column(columns.of[sample]);
                let of_both = first.iter().chain(second);
                let scores: Array1<f64> = of_both.map(|&sample| column[sample]).collect();
                let in_first = sample == first[0];
                let is_positive = |place: usize| (place < first.len()) == in_first;
                binary(&scores.to_vec(), &is_positive, None)
            };
            let area = (by(first[0])? + by(second[0])?) / 2.0;
            let weight = match average {
                Average::Weighted => (first.len() + second.len()) as f64,
                _ => 1.0,
            };
            sum += weight * area;
            total += weight;
        }
    }
    match total {
        0.0 => Ok(area(None)),
        _ => Ok(sum / total),
    }
}
