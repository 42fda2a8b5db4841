//! What can go wrong, said so that a reader knows what to do next.

/// Every error of this crate: what was expected, what was found, what to do.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let x = array![[1.0, 2.0], [3.0, f64::NAN]];
/// let error = StandardScaler::new().fit(&x).unwrap_err();
/// assert!(error.to_string().contains("row 1, column 1"));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table has another number of columns than what was fitted.
    #[error(
        "{operation} expects {expected} features (columns), as in the data it was fitted on, but found {found}; \
         pass the same columns in the same order as for `fit`"
    )]
    FeatureCount {
        /// What was called.
        operation: &'static str,
        /// The number of columns at `fit`.
        expected: usize,
        /// The number of columns given.
        found: usize,
    },

    /// Two arguments that go together row by row differ in length.
    #[error(
        "`{left}` and `{right}` must have one entry per sample each, but `{left}` has {left_len} and `{right}` has \
         {right_len}; check that both come from the same split"
    )]
    LengthMismatch {
        /// The first argument.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// The second argument.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },

    /// An argument holds no value.
    #[error(
        "`{what}` must hold at least one value, but is empty (shape {shape:?}); check how it was selected"
    )]
    Empty {
        /// The argument.
        what: &'static str,
        /// Its shape.
        shape: Vec<usize>,
    },

    /// A table holds NaN or an infinite value.
    #[error(
        "`{what}` must hold finite numbers, but row {row}, column {column} (both from 0) is {value}; remove or impute \
         the row first"
    )]
    NotFinite {
        /// The argument.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// What stands there.
        value: f64,
    },

    /// The numbers of a column are so large that a sum over them overflows.
    #[error(
        "column {column} of `{what}` (from 0) holds numbers so large that their sum is not finite; divide the column \
         by a constant first"
    )]
    Overflow {
        /// The argument.
        what: &'static str,
        /// The column, from 0.
        column: usize,
    },

    /// A hyperparameter or an argument is outside its range.
    #[error("`{name}` must be {expected}, but is {found}; choose a value in that range")]
    InvalidParameter {
        /// The parameter.
        name: &'static str,
        /// The range.
        expected: String,
        /// The value.
        found: String,
    },

    /// A classifier was given one class only.
    #[error(
        "a classifier needs at least two classes in `y`, but all {n_samples} samples have the label {label}; check how \
         the rows were selected, or split with stratification"
    )]
    SingleClass {
        /// The only label.
        label: usize,
        /// The number of samples.
        n_samples: usize,
    },

    /// A class is too small to stand on both sides of a stratified split.
    #[error(
        "a stratified split needs at least 2 samples of each class, but class {label} has {count}; collect more, merge \
         rare classes, or split without `stratify`"
    )]
    ClassTooSmall {
        /// The label.
        label: usize,
        /// How many samples carry it.
        count: usize,
    },

    /// A side of a split would hold too few samples.
    #[error(
        "the {side} set of this split must hold at least {needed} samples, but gets {found} of {n_samples}; change \
         `test_size`"
    )]
    SplitTooSmall {
        /// `training` or `test`.
        side: &'static str,
        /// The least that makes sense: 1, or one per class when stratified.
        needed: usize,
        /// How many it would get.
        found: usize,
        /// How many there are.
        n_samples: usize,
    },

    /// A list of names does not fit what it names.
    #[error(
        "`{what}` must hold {expected} names, one for each of {each}, but holds {found}; give one name for each"
    )]
    NameCount {
        /// The list.
        what: &'static str,
        /// What the names are for.
        each: String,
        /// How many are needed.
        expected: usize,
        /// How many were given.
        found: usize,
    },

    /// The target of a data set is of the other kind.
    #[error("the target must hold {expected}, but holds {found}; {advice}")]
    WrongTarget {
        /// What was needed.
        expected: &'static str,
        /// What is there.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },

    /// A name that nothing carries.
    #[error("there is no {what} named `{name}`; the names are {known}")]
    UnknownName {
        /// What was looked for: `column`, …
        what: &'static str,
        /// The name.
        name: String,
        /// The names that exist.
        known: String,
    },

    /// A category that was not there at `fit`.
    #[error(
        "row {row} of column `{column}` (from 0) holds the category `{category}`, which was not there at `fit`; the \
         categories are {known}; correct the word, or say with `handle_unknown` what to do with new ones"
    )]
    UnknownCategory {
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// The category.
        category: String,
        /// The categories at `fit`.
        known: String,
    },

    /// A binary score was asked of labels that are not binary.
    #[error(
        "`Average::Binary` expects the labels 0 and 1, but found {found}; use `Average::Class(label)` for one class \
         against the others, or `Macro`, `Micro` or `Weighted`"
    )]
    NotBinary {
        /// The labels, as text.
        found: String,
    },

    /// Two matrices whose shapes do not fit together.
    #[error(
        "{operation} needs {needed}, but the shapes are {}×{} and {}×{}; {advice}",
        left.0, left.1, right.0, right.1
    )]
    ShapeMismatch {
        /// What was called.
        operation: &'static str,
        /// What the shapes must be.
        needed: &'static str,
        /// The shape of the first matrix.
        left: (usize, usize),
        /// The shape of the second.
        right: (usize, usize),
        /// What to do.
        advice: &'static str,
    },

    /// A square matrix was needed.
    #[error(
        "{operation} needs a square matrix (n×n), but the shape is {rows}×{columns}; check that it was not transposed or \
         cut, or use the singular value decomposition, which any matrix has"
    )]
    NotSquare {
        /// What was called.
        operation: &'static str,
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
    },

    /// A symmetric matrix was needed.
    #[error(
        "{operation} needs a symmetric matrix, but entry ({row}, {column}) is {value} and entry ({column}, {row}) is \
         {mirrored}; use `eig` for a general matrix, or (A + Aᵀ) / 2 for its symmetric part"
    )]
    NotSymmetric {
        /// What was called.
        operation: &'static str,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// What stands there.
        value: f64,
        /// What stands on the other side of the diagonal.
        mirrored: f64,
    },

    /// A matrix has no inverse.
    #[error(
        "{operation} needs an invertible matrix, but this one is singular: column {column} (from 0) is a linear \
         combination of those before it; remove it, or use `least_squares` or `pseudo_inverse`"
    )]
    Singular {
        /// What was called.
        operation: &'static str,
        /// The first column, from 0, that depends on those before it.
        column: usize,
    },

    /// An iteration of linear algebra found no answer.
    #[error(
        "{operation} did not converge on this matrix; scale its entries towards 1 and check that they are meant to be \
         so large or so small"
    )]
    NoConvergence {
        /// What was called.
        operation: &'static str,
    },

    /// There are too few rows to learn from.
    #[error(
        "{operation} needs at least {needed} samples (rows), but found {found}; collect more, or {advice}"
    )]
    TooFewSamples {
        /// What was called.
        operation: &'static str,
        /// The least.
        needed: usize,
        /// How many there are.
        found: usize,
        /// What else to do.
        advice: &'static str,
    },

    /// A table that must not hold negative numbers does.
    #[error(
        "{operation} needs counts or frequencies, 0 or more, but row {row}, column {column} (both from 0) of `x` is \
         {value}; use `GaussianNB` for measurements, or shift the column"
    )]
    Negative {
        /// What was called.
        operation: &'static str,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// What stands there.
        value: f64,
    },

    /// A file could not be written.
    #[error(
        "`{path}` could not be written: {reason}; check that the folder exists and may be written to"
    )]
    Save {
        /// The path.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl Error {
    pub(crate) fn parameter(
        name: &'static str,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Self {
        Self::InvalidParameter {
            name,
            expected: expected.into(),
            found: found.to_string(),
        }
    }
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
