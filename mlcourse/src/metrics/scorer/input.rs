use super::Scorer;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2};

/// What of a model a [`Scorer`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// The predicted class of each sample.
    Labels,
    /// The probability of each class.
    Probabilities,
    /// The predicted number of each sample.
    Numbers,
    /// The cluster of each sample.
    Clusters,
}

/// What is true: the class or the number of each sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Truth<'a> {
    /// Classes, shape (n_samples).
    Labels(ArrayView1<'a, usize>),
    /// Numbers, shape (n_samples).
    Numbers(ArrayView1<'a, f64>),
}

/// What a model says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer<'a> {
    /// Classes or clusters, shape (n_samples).
    Labels(ArrayView1<'a, usize>),
    /// Numbers, shape (n_samples).
    Numbers(ArrayView1<'a, f64>),
    /// The probability of each class.
    Probabilities {
        /// Shape (n_samples, n_classes).
        values: ArrayView2<'a, f64>,
        /// The label of each column; without, those that occur in the truth.
        classes: Option<&'a [usize]>,
    },
}

/// The error for an answer that a scorer does not judge.
pub(super) fn wrong(scorer: Scorer, found: &'static str) -> Error {
    let (expected, advice) = match scorer.response() {
        Response::Labels => ("labels, for this scorer", "give it what `predict` gives"),
        Response::Clusters => (
            "clusters, for this scorer",
            "give it the cluster of each sample",
        ),
        Response::Numbers => (
            "numbers, for this scorer",
            "give it what a regressor's `predict` gives, or choose a scorer of classes",
        ),
        Response::Probabilities => (
            "probabilities of shape (n_samples, n_classes), for this scorer",
            "give it what `predict_proba` gives",
        ),
    };
    Error::WrongTarget {
        expected,
        found,
        advice,
    }
}

impl<'a> Truth<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    pub(super) fn labels(self) -> Result<ArrayView1<'a, usize>> {
        match self {
            Self::Labels(labels) => Ok(labels),
            Self::Numbers(_) => Err(Error::WrongTarget {
                expected: "classes, for this scorer",
                found: "numbers",
                advice: "choose a scorer of numbers, such as `r2`",
            }),
        }
    }

    pub(super) fn numbers(self) -> Result<ArrayView1<'a, f64>> {
        match self {
            Self::Numbers(numbers) => Ok(numbers),
            Self::Labels(_) => Err(Error::WrongTarget {
                expected: "numbers, for this scorer",
                found: "classes",
                advice: "choose a scorer of classes, such as `accuracy`",
            }),
        }
    }
}

impl<'a> Answer<'a> {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Labels(_) => "labels",
            Self::Numbers(_) => "a number a sample",
            Self::Probabilities { .. } => "probabilities",
        }
    }

    pub(super) fn labels(self, scorer: Scorer) -> Result<ArrayView1<'a, usize>> {
        match self {
            Self::Labels(labels) => Ok(labels),
            other => Err(wrong(scorer, other.kind())),
        }
    }

    pub(super) fn numbers(self, scorer: Scorer) -> Result<ArrayView1<'a, f64>> {
        match self {
            Self::Numbers(numbers) => Ok(numbers),
            other => Err(wrong(scorer, other.kind())),
        }
    }
}

macro_rules! from_references {
    ($($input:ident :: $variant:ident <= $element:ty),* $(,)?) => {$(
        impl<'a> From<&'a Array1<$element>> for $input<'a> {
            fn from(values: &'a Array1<$element>) -> Self {
                Self::$variant(values.view())
            }
        }

        impl<'a> From<&'a ArrayRef1<$element>> for $input<'a> {
            fn from(values: &'a ArrayRef1<$element>) -> Self {
                Self::$variant(values.view())
            }
        }

        impl<'a> From<ArrayView1<'a, $element>> for $input<'a> {
            fn from(values: ArrayView1<'a, $element>) -> Self {
                Self::$variant(values)
            }
        }
    )*};
}

from_references! {
    Truth::Labels <= usize,
    Truth::Numbers <= f64,
    Answer::Labels <= usize,
    Answer::Numbers <= f64,
}

macro_rules! from_tables {
    ($(($table:ty, |$values:ident| $view:expr)),* $(,)?) => {$(
        impl<'a> From<$table> for Answer<'a> {
            fn from($values: $table) -> Self {
                Self::Probabilities {
                    values: $view,
                    classes: None,
                }
            }
        }

        impl<'a> From<($table, &'a [usize])> for Answer<'a> {
            fn from(($values, classes): ($table, &'a [usize])) -> Self {
                Self::Probabilities {
                    values: $view,
                    classes: Some(classes),
                }
            }
        }
    )*};
}

from_tables! {
    (&'a Array2<f64>, |values| values.view()),
    (&'a ArrayRef2<f64>, |values| values.view()),
    (ArrayView2<'a, f64>, |values| values),
}
