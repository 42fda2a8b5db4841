use super::TextColumns;
use super::categories::{self, ColumnCategories, Rare, shown};
use crate::display::{Cell, Table};
use crate::estimator::parameters;
use crate::random::Random;
use crate::shown::shown;
use crate::{Error, Result, check};
use ndarray::{Array1, Array2, ArrayRef1};
use serde::{Deserialize, Serialize};

/// Replaces a category by what the target is on average among its rows, drawn towards the overall mean.
///
/// For category c with n_c rows, mean ȳ_c and variance σ_c² of the target, overall mean ȳ and variance τ²:
///
/// encoding = λ ȳ_c + (1 − λ) ȳ, with λ = n_c τ² / (n_c τ² + σ_c²), or λ = n_c / (n_c + m) when `smooth` is m.
///
/// A target of two classes counts as 0 and 1; of more classes, each gets its own column.
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `smooth` | none: by variances | how many rows of average target to add to each category | 0 … |
/// | `cv` | 5 | folds of `fit_transform` | 2 … n_samples |
/// | `shuffle` | true | whether folds are drawn at random | |
/// | `seed` | 0 | draws them | |
///
/// The encoding holds the target of the very row: a category of one row *is* its target, and a model trained on it would
/// find it splendid and fail on new data. So training rows are encoded by
/// [`fit_transform`](Self::fit_transform): each fold by what the other folds say. New rows are encoded by
/// [`transform`](FittedTargetEncoder::transform), from all training rows.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let towns = TextColumns::new().column("town", &["Lyon", "Lyon", "Nice", "Nice", "Nice", "Lyon"])?;
/// let rent = array![12.0, 14.0, 18.0, 20.0, 19.0, 13.0];
/// let (encoder, train) = TargetEncoder::new().cv(3).fit_transform(&towns, &rent)?;
/// assert_eq!(train.dim(), (6, 1));
/// let new = TextColumns::new().column("town", &["Nice", "Brest"])?;
/// let new = encoder.transform(&new)?;
/// // Brest is not known: the mean of all.
/// assert!(new[[0, 0]] > 18.0 && new[[1, 0]] == 16.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *TargetEncoder*; Micci-Barreca, *A preprocessing scheme for high-cardinality categorical
/// attributes* (2001).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetEncoder {
    smooth: Option<f64>,
    cv: usize,
    shuffle: bool,
    seed: u64,
}

impl Default for TargetEncoder {
    fn default() -> Self {
        Self {
            smooth: None,
            cv: 5,
            shuffle: true,
            seed: 0,
        }
    }
}

/// The target as columns of numbers, and what its classes are.
struct Target {
    columns: Vec<Vec<f64>>,
    /// None for numbers.
    classes: Option<Vec<usize>>,
    /// The class of each row, for folds that keep their shares.
    labels: Option<Vec<usize>>,
}

impl TargetEncoder {
    /// An encoder with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many rows of average target to add to each category; `None` finds out from the variances.
    #[must_use]
    pub fn smooth(mut self, smooth: impl Into<Option<f64>>) -> Self {
        self.smooth = smooth.into();
        self
    }

    /// How many folds `fit_transform` makes.
    #[must_use]
    pub fn cv(mut self, cv: usize) -> Self {
        self.cv = cv;
        self
    }

    /// Whether folds are drawn at random.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The seed that draws them.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Learns from numbers, without encoding the rows it learns from: for those, [`fit_transform`](Self::fit_transform).
    ///
    /// # Errors
    /// When columns and target differ in length, are empty, or the target is not finite.
    pub fn fit(self, x: &TextColumns, y: &ArrayRef1<f64>) -> Result<FittedTargetEncoder> {
        self.learn(x, &numbers(y)?)
    }

    /// [`fit`](Self::fit) for classes.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_labels(self, x: &TextColumns, y: &ArrayRef1<usize>) -> Result<FittedTargetEncoder> {
        self.learn(x, &labels(y))
    }

    /// Learns from numbers and encodes the rows it learns from, each fold by what the others say.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and when there are fewer rows than folds.
    pub fn fit_transform(
        self,
        x: &TextColumns,
        y: &ArrayRef1<f64>,
    ) -> Result<(FittedTargetEncoder, Array2<f64>)> {
        self.learn_and_encode(x, &numbers(y)?)
    }

    /// [`fit_transform`](Self::fit_transform) for classes; folds keep their shares.
    ///
    /// # Errors
    /// As [`fit_transform`](Self::fit_transform), and when every class has fewer rows than folds.
    pub fn fit_transform_labels(
        self,
        x: &TextColumns,
        y: &ArrayRef1<usize>,
    ) -> Result<(FittedTargetEncoder, Array2<f64>)> {
        self.learn_and_encode(x, &labels(y))
    }

    fn learn(&self, x: &TextColumns, target: &Target) -> Result<FittedTargetEncoder> {
        if self
            .smooth
            .is_some_and(|smooth| smooth.is_nan() || smooth < 0.0 || smooth.is_infinite())
        {
            return Err(Error::parameter(
                "smooth",
                "0 or more",
                self.smooth.unwrap_or(f64::NAN),
            ));
        }
        x.check()?;
        check::same_length("x", x.n_rows(), "y", target.columns[0].len())?;
        let rare = Rare {
            missing_counts: true,
            ..Rare::default()
        };
        let columns = categories::find(x, None, &rare)?;
        let rows: Vec<usize> = (0..x.n_rows()).collect();
        let codes: Vec<Vec<Option<usize>>> = columns
            .iter()
            .zip(x.columns())
            .map(|(c, w)| c.codes(w))
            .collect();
        let (target_mean, encodings) = self.encodings(&columns, &codes, target, &rows);
        Ok(FittedTargetEncoder {
            names: x.names().to_vec(),
            columns,
            encodings,
            target_mean,
            classes: target.classes.clone(),
        })
    }

    fn learn_and_encode(
        &self,
        x: &TextColumns,
        target: &Target,
    ) -> Result<(FittedTargetEncoder, Array2<f64>)> {
        let fitted = self.learn(x, target)?;
        let folds = self.folds(x.n_rows(), target.labels.as_deref())?;
        let codes: Vec<Vec<Option<usize>>> = fitted
            .columns
            .iter()
            .zip(x.columns())
            .map(|(column, words)| column.codes(words))
            .collect();
        let mut out = Array2::zeros((x.n_rows(), fitted.encodings.len()));
        for fold in 0..self.cv {
            let others: Vec<usize> = (0..folds.len()).filter(|&row| folds[row] != fold).collect();
            let (means, encodings) = self.encodings(&fitted.columns, &codes, target, &others);
            for row in (0..folds.len()).filter(|&row| folds[row] == fold) {
                fill(out.row_mut(row), &codes, row, &encodings, &means);
            }
        }
        Ok((fitted, out))
    }

    /// The mean of the target over some rows, and the encoding of each category: of each column, of each class.
    fn encodings(
        &self,
        columns: &[ColumnCategories],
        codes: &[Vec<Option<usize>>],
        target: &Target,
        rows: &[usize],
    ) -> (Vec<f64>, Vec<Vec<f64>>) {
        let n = rows.len() as f64;
        let moments: Vec<(f64, f64)> = target
            .columns
            .iter()
            .map(|y| {
                let mean = rows.iter().map(|&row| y[row]).sum::<f64>() / n;
                let var = rows.iter().map(|&row| (y[row] - mean).powi(2)).sum::<f64>() / n;
                (mean, var)
            })
            .collect();
        let mut encodings = Vec::with_capacity(columns.len() * target.columns.len());
        for (column, codes) in columns.iter().zip(codes) {
            for (y, &(mean, var)) in target.columns.iter().zip(&moments) {
                let n_categories = column.words.len();
                encodings.push(self.of_column(n_categories, codes, y, rows, mean, var));
            }
        }
        (
            moments.into_iter().map(|(mean, _)| mean).collect(),
            encodings,
        )
    }

    fn of_column(
        &self,
        n_categories: usize,
        codes: &[Option<usize>],
        y: &[f64],
        rows: &[usize],
        mean: f64,
        var: f64,
    ) -> Vec<f64> {
        let mut counts = vec![0.0; n_categories];
        let mut sums = vec![0.0; n_categories];
        let known = || {
            rows.iter()
                .filter_map(|&row| codes[row].map(|code| (code, y[row])))
        };
        for (code, y) in known() {
            counts[code] += 1.0;
            sums[code] += y;
        }
        let Some(smooth) = self.smooth else {
            let means: Vec<f64> = sums
                .iter()
                .zip(&counts)
                .map(|(sum, count)| sum / count)
                .collect();
            let mut squares = vec![0.0; n_categories];
            for (code, y) in known() {
                squares[code] += (y - means[code]).powi(2);
            }
            let encoding = |category: usize| {
                let (count, own) = (counts[category], means[category]);
                let lambda = var * count / (var * count + squares[category] / count);
                // No row, or no variance at all.
                if lambda.is_nan() {
                    mean
                } else {
                    lambda * own + (1.0 - lambda) * mean
                }
            };
            return (0..n_categories).map(encoding).collect();
        };
        let encoding = |(sum, count): (&f64, &f64)| match count + smooth {
            0.0 => mean,
            total => (sum + smooth * mean) / total,
        };
        sums.iter().zip(&counts).map(encoding).collect()
    }

    /// The fold of each row: blocks of rows, or of the rows of each class, as scikit-learn cuts them.
    fn folds(&self, n_rows: usize, labels: Option<&[usize]>) -> Result<Vec<usize>> {
        if self.cv < 2 || self.cv > n_rows {
            return Err(Error::parameter(
                "cv",
                format!("from 2 to the number of rows, {n_rows}"),
                self.cv,
            ));
        }
        let mut random = Random::seeded(self.seed);
        let Some(labels) = labels else {
            let mut order: Vec<usize> = (0..n_rows).collect();
            if self.shuffle {
                random.shuffle(&mut order);
            }
            let (size, more) = (n_rows / self.cv, n_rows % self.cv);
            let mut folds = vec![0; n_rows];
            let mut rows = order.into_iter();
            for fold in 0..self.cv {
                for row in rows.by_ref().take(size + usize::from(fold < more)) {
                    folds[row] = fold;
                }
            }
            return Ok(folds);
        };
        // Classes in the order in which they appear.
        let mut classes: Vec<usize> = Vec::new();
        for label in labels {
            if !classes.contains(label) {
                classes.push(*label);
            }
        }
        let members = |class: usize| labels.iter().filter(|&&label| label == class).count();
        let counts: Vec<usize> = classes.iter().map(|&class| members(class)).collect();
        if let Some(&most) = counts.iter().max()
            && most < self.cv
        {
            return Err(Error::parameter(
                "cv",
                format!("at most the size of the largest class, {most}"),
                self.cv,
            ));
        }
        let mut folds = vec![0; n_rows];
        let mut start = 0;
        for (&class, &count) in classes.iter().zip(&counts) {
            // Among the rows sorted by class, every cv-th goes to the same fold.
            let mut own: Vec<usize> = (start..start + count)
                .map(|place| place % self.cv)
                .collect();
            own.sort_unstable();
            if self.shuffle {
                random.shuffle(&mut own);
            }
            start += count;
            let rows = (0..n_rows).filter(|&row| labels[row] == class);
            rows.zip(own).for_each(|(row, fold)| folds[row] = fold);
        }
        Ok(folds)
    }
}

fn numbers(y: &ArrayRef1<f64>) -> Result<Target> {
    check::column("y", y)?;
    Ok(Target {
        columns: vec![y.to_vec()],
        classes: None,
        labels: None,
    })
}

fn labels(y: &ArrayRef1<usize>) -> Target {
    let classes = check::distinct(y.iter().copied());
    let of_class = |class: usize| y.iter().map(|&label| f64::from(label == class)).collect();
    let columns = match classes.as_slice() {
        [] => vec![Vec::new()],
        // A single class is the lower of two.
        [_] => vec![vec![0.0; y.len()]],
        [_, upper] => vec![of_class(*upper)],
        _ => classes.iter().map(|&class| of_class(class)).collect(),
    };
    Target {
        columns,
        labels: Some(y.to_vec()),
        classes: Some(classes),
    }
}

/// Fills a row: for each column and each class of the target, the encoding of its category or the mean.
fn fill(
    mut out: ndarray::ArrayViewMut1<'_, f64>,
    codes: &[Vec<Option<usize>>],
    row: usize,
    encodings: &[Vec<f64>],
    means: &[f64],
) {
    for (place, (out, encoding)) in out.iter_mut().zip(encodings).enumerate() {
        let code = codes[place / means.len()][row];
        *out = code.map_or(means[place % means.len()], |code| encoding[code]);
    }
}

/// A [`TargetEncoder`] that has seen its training data. It shows as a table of encodings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedTargetEncoder {
    names: Vec<String>,
    columns: Vec<ColumnCategories>,
    encodings: Vec<Vec<f64>>,
    target_mean: Vec<f64>,
    classes: Option<Vec<usize>>,
}

parameters!(TargetEncoder {
    smooth,
    cv,
    shuffle,
    seed
});
shown!(FittedTargetEncoder);

impl FittedTargetEncoder {
    /// The encoding of each category, shape (n_rows, n_columns), or (n_rows, n_columns · n_classes) for more than two
    /// classes. A category that was not there at `fit` gets the mean of the target.
    ///
    /// Not for the rows it has learnt from: see [`TargetEncoder::fit_transform`].
    ///
    /// # Errors
    /// When the columns are not those of `fit`.
    pub fn transform(&self, x: &TextColumns) -> Result<Array2<f64>> {
        x.check_names("TargetEncoder::transform", &self.names)?;
        let codes: Vec<Vec<Option<usize>>> = self
            .columns
            .iter()
            .zip(x.columns())
            .map(|(column, words)| column.codes(words))
            .collect();
        let mut out = Array2::zeros((x.n_rows(), self.encodings.len()));
        for (row, out) in out.outer_iter_mut().enumerate() {
            fill(out, &codes, row, &self.encodings, &self.target_mean);
        }
        Ok(out)
    }

    /// The names of the columns: those it was given; with more than two classes each with the class, `town_2`.
    pub fn feature_names_out(&self) -> Vec<String> {
        match &self.classes {
            Some(classes) if self.target_mean.len() > 1 => {
                let of_class = |name: &String| -> Vec<String> {
                    classes
                        .iter()
                        .map(|class| format!("{name}_{class}"))
                        .collect()
                };
                self.names.iter().flat_map(of_class).collect()
            }
            _ => self.names.clone(),
        }
    }

    /// The categories of each column; `None` is missing.
    pub fn categories(&self) -> Vec<&[Option<String>]> {
        self.columns
            .iter()
            .map(|column| column.words.as_slice())
            .collect()
    }

    /// The encoding of each category, for each column (and each class, if there are more than two).
    pub fn encodings(&self) -> &[Vec<f64>] {
        &self.encodings
    }

    /// The mean of the target, or the share of each class.
    pub fn target_mean(&self) -> Array1<f64> {
        self.target_mean.clone().into()
    }

    /// The classes of the target, if it has classes.
    pub fn classes(&self) -> Option<&[usize]> {
        self.classes.as_deref()
    }

    fn table(&self) -> Table {
        let n_targets = self.target_mean.len();
        let mut columns = vec![
            "feature".to_owned(),
            "category".to_owned(),
            "rows".to_owned(),
        ];
        match &self.classes {
            Some(classes) if n_targets > 1 => columns.extend(classes.iter().map(usize::to_string)),
            _ => columns.push("encoding".to_owned()),
        }
        let mut table = Table::new(&columns).caption("TargetEncoder").decimals(4);
        for (place, column) in self.columns.iter().enumerate() {
            let encodings = &self.encodings[place * n_targets..(place + 1) * n_targets];
            for (category, word) in column.words.iter().enumerate() {
                let mut cells: Vec<Cell> = vec![
                    (&self.names[place]).into(),
                    shown(word).into(),
                    column.counts[category].into(),
                ];
                cells.extend(
                    encodings
                        .iter()
                        .map(|encoding| Cell::from(encoding[category])),
                );
                table.push(cells);
            }
        }
        table
    }
}
