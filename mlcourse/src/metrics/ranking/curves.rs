use super::Ranking;
use crate::display::{Display, MimeBundle, Table};
use crate::warning::{self, Warning};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most rows of a curve that are shown.
const SHOWN: usize = 20;

/// Share of negatives and of positives that score at least a threshold, for every threshold; see
/// [`roc_curve`](super::roc_curve).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocCurve {
    /// FP / N, ascending from 0 to 1.
    pub fpr: Array1<f64>,
    /// TP / P, ascending from 0 to 1.
    pub tpr: Array1<f64>,
    /// The thresholds, descending from ∞.
    pub thresholds: Array1<f64>,
}

/// Precision and recall for every threshold; see [`precision_recall_curve`](super::precision_recall_curve).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallCurve {
    /// TP / (TP + FP); 1 at the end.
    pub precision: Array1<f64>,
    /// TP / P, descending; 0 at the end.
    pub recall: Array1<f64>,
    /// The thresholds, ascending; one fewer than there are points.
    pub thresholds: Array1<f64>,
}

/// Share of negatives that score at least a threshold, and of positives that score less; see
/// [`det_curve`](super::det_curve).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetCurve {
    /// FP / N, descending.
    pub fpr: Array1<f64>,
    /// FN / P, ascending.
    pub fnr: Array1<f64>,
    /// The thresholds, ascending.
    pub thresholds: Array1<f64>,
}

/// The places to keep: the ends, and each in between that `is_corner` says so of.
fn kept(len: usize, drop: bool, is_corner: impl Fn(usize) -> bool) -> Vec<usize> {
    let inside = 1..len.saturating_sub(1);
    (0..len)
        .filter(|place| !drop || !inside.contains(place) || is_corner(*place))
        .collect()
}

fn undefined(metric: &'static str, reason: &'static str) {
    warning::record(Warning::Undefined { metric, reason });
}

impl RocCurve {
    pub(super) fn new(ranking: &Ranking, drop_intermediate: bool) -> Self {
        let (fps, tps) = (&ranking.fps, &ranking.tps);
        let bends = |counts: &[f64], place: usize| {
            counts[place + 1] - counts[place] != counts[place] - counts[place - 1]
        };
        let places = kept(fps.len(), drop_intermediate, |place| {
            bends(fps, place) || bends(tps, place)
        });
        let (n_negatives, n_positives) = (ranking.n_negatives(), ranking.n_positives());
        if n_negatives == 0.0 {
            undefined("the false positive rate", "there are no negatives");
        }
        if n_positives == 0.0 {
            undefined("the true positive rate", "there are no positives");
        }
        let rate = |counts: &[f64], all: f64| -> Array1<f64> {
            let from_zero = std::iter::once(0.0).chain(places.iter().map(|&place| counts[place]));
            from_zero.map(|count| count / all).collect()
        };
        let thresholds = places.iter().map(|&place| ranking.thresholds[place]);
        Self {
            fpr: rate(fps, n_negatives),
            tpr: rate(tps, n_positives),
            thresholds: std::iter::once(f64::INFINITY).chain(thresholds).collect(),
        }
    }

    fn table(&self) -> Table {
        table(
            ["threshold", "FPR", "TPR"],
            [&self.thresholds, &self.fpr, &self.tpr],
        )
    }
}

impl PrecisionRecallCurve {
    pub(super) fn new(ranking: &Ranking, drop_intermediate: bool) -> Self {
        let (fps, tps) = (&ranking.fps, &ranking.tps);
        let mut places = kept(fps.len(), drop_intermediate, |place| {
            tps[place] != tps[place - 1] || tps[place + 1] != tps[place]
        });
        places.reverse();
        let n_positives = ranking.n_positives();
        if n_positives == 0.0 {
            super::no_positive("recall");
        }
        let precision = places
            .iter()
            .map(|&place| tps[place] / (tps[place] + fps[place]));
        let recall = places.iter().map(|&place| match n_positives {
            0.0 => 1.0,
            _ => tps[place] / n_positives,
        });
        Self {
            precision: precision.chain([1.0]).collect(),
            recall: recall.chain([0.0]).collect(),
            thresholds: places
                .iter()
                .map(|&place| ranking.thresholds[place])
                .collect(),
        }
    }

    fn table(&self) -> Table {
        let thresholds: Array1<f64> = self
            .thresholds
            .iter()
            .copied()
            .chain([f64::INFINITY])
            .collect();
        table(
            ["threshold", "precision", "recall"],
            [&thresholds, &self.precision, &self.recall],
        )
    }
}

impl DetCurve {
    pub(super) fn new(ranking: &Ranking, drop_intermediate: bool) -> Self {
        // With the point in front where nothing is called positive.
        let from_zero = |counts: &[f64]| [&[0.0], counts].concat();
        let (fps, tps) = (from_zero(&ranking.fps), from_zero(&ranking.tps));
        let thresholds = [&[f64::INFINITY], ranking.thresholds.as_slice()].concat();
        let places = kept(fps.len(), drop_intermediate, |place| {
            tps[place] != tps[place - 1] || tps[place + 1] != tps[place]
        });
        // From the last point without false positives to the first without misses.
        let first = places
            .iter()
            .rposition(|&place| fps[place] == 0.0)
            .unwrap_or(0);
        let all = ranking.n_positives();
        let last = places
            .iter()
            .position(|&place| tps[place] == all)
            .unwrap_or(places.len() - 1);
        let shown = || places[first..=last].iter().rev();
        Self {
            fpr: shown()
                .map(|&place| fps[place] / ranking.n_negatives())
                .collect(),
            fnr: shown().map(|&place| (all - tps[place]) / all).collect(),
            thresholds: shown().map(|&place| thresholds[place]).collect(),
        }
    }

    fn table(&self) -> Table {
        table(
            ["threshold", "FPR", "FNR"],
            [&self.thresholds, &self.fpr, &self.fnr],
        )
    }
}

/// The points of a curve; of a long one, some at equal distances.
fn table(names: [&str; 3], columns: [&Array1<f64>; 3]) -> Table {
    let len = columns[0].len();
    let mut table = Table::new(&names);
    if len > SHOWN {
        table = table.caption(format!("{SHOWN} of {len} points"));
    }
    let rows = len.min(SHOWN);
    for row in 0..rows {
        let place = if len > SHOWN {
            row * (len - 1) / (rows - 1)
        } else {
            row
        };
        table.push(columns.iter().map(|column| column[place].into()).collect());
    }
    table
}

macro_rules! show_as_table {
    ($($curve:ty),*) => {$(
        impl fmt::Display for $curve {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.table().fmt(f)
            }
        }

        impl Display for $curve {
            fn bundle(&self) -> MimeBundle {
                self.table().bundle()
            }
        }
    )*};
}

show_as_table!(RocCurve, PrecisionRecallCurve, DetCurve);
