use super::confusion::named;
use super::scores::Tally;
use super::{Average, ClassScores, confusion_matrix};
use crate::Result;
use crate::display::{Cell, Display, MimeBundle, Table};
use crate::warning::{self, Warning};
use ndarray::ArrayRef1;
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
    let matrix = confusion_matrix(y_true, y_pred)?;
    let tally = Tally::new(matrix.counts(), matrix.labels().to_vec());
    let warnings = tally.warnings();
    warnings.iter().cloned().for_each(warning::record);
    Ok(ClassificationReport {
        names: matrix.names().to_vec(),
        labels: matrix.labels().to_vec(),
        classes: tally.per_class(),
        accuracy: tally.averaged(Average::Micro)?.f1,
        macro_avg: tally.averaged(Average::Macro)?,
        weighted_avg: tally.averaged(Average::Weighted)?,
        digits: 2,
        warnings,
    })
}

/// What [`classification_report`] computes. It prints as scikit-learn's text and shows as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassificationReport {
    names: Vec<String>,
    labels: Vec<usize>,
    classes: Vec<ClassScores>,
    accuracy: f64,
    macro_avg: ClassScores,
    weighted_avg: ClassScores,
    digits: usize,
    warnings: Vec<Warning>,
}

impl ClassificationReport {
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
        self.accuracy
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
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Classes, then averages, each with its name.
    fn averages(&self) -> [(&str, ClassScores); 2] {
        [
            ("macro avg", self.macro_avg),
            ("weighted avg", self.weighted_avg),
        ]
    }

    fn table(&self) -> Table {
        let mut table =
            Table::new(&["", "precision", "recall", "f1-score", "support"]).decimals(self.digits);
        if !self.warnings.is_empty() {
            let warnings: Vec<String> = self.warnings.iter().map(Warning::to_string).collect();
            table = table.caption(warnings.join("; "));
        }
        let row = |name: &str, scores: &ClassScores| {
            vec![
                name.into(),
                scores.precision.into(),
                scores.recall.into(),
                scores.f1.into(),
                scores.support.into(),
            ]
        };
        for (name, scores) in self.names.iter().zip(&self.classes) {
            table.push(row(name, scores));
        }
        table.push(vec![
            "accuracy".into(),
            Cell::Empty,
            Cell::Empty,
            self.accuracy.into(),
            self.macro_avg.support.into(),
        ]);
        table.style_last(vec!["border-top:1px solid currentColor".to_owned(); 5]);
        for (name, scores) in self.averages() {
            table.push(row(name, &scores));
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
                write!(f, " {score:>WIDTH$.digits$}")?;
            }
            writeln!(f, " {:>WIDTH$}", scores.support)
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
        let (accuracy, support) = (self.accuracy, self.macro_avg.support);
        writeln!(
            f,
            "{:>width$}  {:>WIDTH$} {:>WIDTH$} {accuracy:>WIDTH$.digits$} {support:>WIDTH$}",
            "accuracy", "", ""
        )?;
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
