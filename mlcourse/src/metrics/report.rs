use super::confusion::named;
use super::{Average, ClassScores, Tally};
use crate::Result;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::warning::{self, Warning};
use ndarray::ArrayRef1;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The width of a number in the report's text.
const WIDTH: usize = 9;

/// Precision, recall, F1 and support of every class, with the accuracy and the averages.
///
/// The text is, character for character, that of scikit-learn's `classification_report`.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let report = classification_report(&array![0, 1, 2, 2, 2], &array![0, 0, 2, 2, 1])?;
/// println!("{report}");
/// assert_eq!(report.accuracy(), 0.6);
///
/// let named = report.target_names(&["setosa", "versicolor", "virginica"])?;
/// assert!(named.to_string().contains("   virginica       1.00      0.67      0.80         3\n"));
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: course, sections 1.5 and 5.1; scikit-learn, *classification_report*.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn classification_report(
    y_true: &ArrayRef1<usize>,
    y_pred: &ArrayRef1<usize>,
) -> Result<ClassificationReport> {
    Tally::new(y_true, y_pred)?.report()
}

/// What [`classification_report`] computes. It prints as scikit-learn's text and shows as a table.
///
/// [`Tally::report`] makes one where samples weigh, of some classes only, or with another value for 0/0. Of some classes
/// only, it has micro averages in place of the accuracy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassificationReport {
    tally: Tally,
    names: Vec<String>,
    labels: Vec<usize>,
    classes: Vec<ClassScores>,
    micro_avg: ClassScores,
    macro_avg: ClassScores,
    weighted_avg: ClassScores,
    digits: usize,
}

impl ClassificationReport {
    pub(super) fn new(tally: Tally) -> Result<Self> {
        tally.warnings().into_iter().for_each(warning::record);
        let labels = tally.labels();
        Ok(Self {
            names: labels.iter().map(usize::to_string).collect(),
            labels,
            classes: tally.per_class(),
            micro_avg: tally.averaged(Average::Micro)?,
            macro_avg: tally.averaged(Average::Macro)?,
            weighted_avg: tally.averaged(Average::Weighted)?,
            digits: 2,
            tally,
        })
    }

    /// Shows names in place of the labels, in their order.
    ///
    /// # Errors
    /// When there is not one name for each class that occurs.
    pub fn target_names<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self> {
        self.names = named(names, &self.labels)?;
        Ok(self)
    }

    /// Shows this many decimals; 2 unless told.
    #[must_use]
    pub fn digits(mut self, digits: usize) -> Self {
        self.digits = digits;
        self
    }

    /// The labels that occur, ascending.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The scores of each class, in the order of the labels.
    pub fn classes(&self) -> &[ClassScores] {
        &self.classes
    }

    /// The share of predictions that are right.
    pub fn accuracy(&self) -> f64 {
        self.tally.accuracy()
    }

    /// The scores of the summed TP, FP and FN. Over all classes that occur, each of them is the accuracy.
    pub fn micro_avg(&self) -> ClassScores {
        self.micro_avg
    }

    /// The mean over the classes.
    pub fn macro_avg(&self) -> ClassScores {
        self.macro_avg
    }

    /// The mean over the classes, weighted by their support.
    pub fn weighted_avg(&self) -> ClassScores {
        self.weighted_avg
    }

    /// The ratios that are 0/0 and count as 0.
    pub fn warnings(&self) -> Vec<Warning> {
        self.tally.warnings()
    }

    /// The averages that are rows like those of the classes, each with its name.
    fn averages(&self) -> Vec<(&str, ClassScores)> {
        let mut rows = vec![
            ("macro avg", self.macro_avg),
            ("weighted avg", self.weighted_avg),
        ];
        if !self.tally.is_complete() {
            rows.insert(0, ("micro avg", self.micro_avg));
        }
        rows
    }

    /// The number of samples, or their weight as Python writes it.
    fn support(&self, support: f64) -> String {
        match self.tally.is_weighted() {
            true => format!("{support:?}"),
            false => format!("{support:.0}"),
        }
    }

    fn table(&self) -> Table {
        let mut table =
            Table::new(&["", "precision", "recall", "f1-score", "support"]).decimals(self.digits);
        let warnings = self.warnings();
        if !warnings.is_empty() {
            let warnings: Vec<String> = warnings.iter().map(Warning::to_string).collect();
            table = table.caption(warnings.join("; "));
        }
        let support = |support: f64| match self.tally.is_weighted() {
            true => Cell::from(support),
            false => Cell::from(support as usize),
        };
        let row = |name: &str, scores: &ClassScores| {
            vec![
                name.into(),
                scores.precision.into(),
                scores.recall.into(),
                scores.f1.into(),
                support(scores.support),
            ]
        };
        for (name, scores) in self.names.iter().zip(&self.classes) {
            table.push(row(name, scores));
        }
        let line_above = vec!["border-top:1px solid currentColor".to_owned(); 5];
        if self.tally.is_complete() {
            table.push(vec![
                "accuracy".into(),
                Cell::Empty,
                Cell::Empty,
                self.micro_avg.f1.into(),
                support(self.macro_avg.support),
            ]);
            table.style_last(line_above.clone());
        }
        for (place, (name, scores)) in self.averages().into_iter().enumerate() {
            table.push(row(name, &scores));
            if place == 0 && !self.tally.is_complete() {
                table.style_last(line_above.clone());
            }
        }
        table
    }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits;
        let width = self
            .names
            .iter()
            .map(|name| name.chars().count())
            .fold("weighted avg".len().max(digits), usize::max);
        let line = |f: &mut fmt::Formatter<'_>, name: &str, scores: &ClassScores| {
            write!(f, "{name:>width$} ")?;
            for score in [scores.precision, scores.recall, scores.f1] {
                match score.is_nan() {
                    true => write!(f, " {:>WIDTH$}", "nan")?,
                    false => write!(f, " {score:>WIDTH$.digits$}")?,
                }
            }
            writeln!(f, " {:>WIDTH$}", self.support(scores.support))
        };
        write!(f, "{:>width$} ", "")?;
        for name in ["precision", "recall", "f1-score", "support"] {
            write!(f, " {name:>WIDTH$}")?;
        }
        f.write_str("\n\n")?;
        for (name, scores) in self.names.iter().zip(&self.classes) {
            line(f, name, scores)?;
        }
        f.write_str("\n")?;
        if self.tally.is_complete() {
            let accuracy = self.micro_avg.f1;
            let support = self.support(self.macro_avg.support);
            writeln!(
                f,
                "{:>width$}  {:>WIDTH$} {:>WIDTH$} {accuracy:>WIDTH$.digits$} {support:>WIDTH$}",
                "accuracy", "", ""
            )?;
        }
        for (name, scores) in self.averages() {
            line(f, name, &scores)?;
        }
        Ok(())
    }
}

impl Display for ClassificationReport {
    fn bundle(&self) -> MimeBundle {
        MimeBundle::text(self.to_string()).with(
            "text/html",
            self.table().bundle().get("text/html").unwrap_or_default(),
        )
    }
}
