use super::analyzer::{Analyzer, StopWords};
use super::count::{CountVectorizer, CounterParameters, FittedCountVectorizer, counter_methods};
use crate::Result;
use crate::display::{Cell, Table};
use crate::estimator::{Parameter, Parameters, parameters};
use crate::preprocessing::{Frequency, Norm};
use crate::shown::shown;
use crate::sparse::CsrMatrix;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// Weighs the words of each text: much, if a word stands there often and in few other texts.
///
/// w(t, d) = tf(t, d) · idf(t), with tf the count of word t in text d, and idf(t) = ln((1 + n) / (1 + df(t))) + 1 for n texts
/// of which df(t) hold the word. Then each row is divided by its length √Σw².
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `norm` | `l2` | what is 1 in each row: √Σw², `l1`: Σ\|w\|, `max`, or none |
/// | `use_idf` | true | false: idf = 1 |
/// | `smooth_idf` | true | false: idf(t) = ln(n / df(t)) + 1 |
/// | `sublinear_tf` | false | true: tf becomes 1 + ln tf: ten times the word is not ten times the meaning |
///
/// and those of [`CountVectorizer`], which decides what a word is and which are kept.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let texts = ["cat dog", "cat bird", "cat fish"];
/// let words = TfidfVectorizer::new().fit(&texts)?;
/// // The cat is everywhere: it weighs least.
/// assert_eq!(words.idf()[1], 1.0);
/// let x = words.transform(&texts)?;
/// assert!(x[[0, 2]] > x[[0, 1]]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *TfidfVectorizer*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TfidfVectorizer {
    counter: CountVectorizer,
    weights: Weights,
}

/// How counts become weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Weights {
    norm: Option<Norm>,
    use_idf: bool,
    smooth_idf: bool,
    sublinear_tf: bool,
}

parameters!(Weights {
    norm,
    use_idf,
    smooth_idf,
    sublinear_tf
});

impl Default for TfidfVectorizer {
    fn default() -> Self {
        Self {
            counter: CountVectorizer::default(),
            weights: Weights {
                norm: Some(Norm::L2),
                use_idf: true,
                smooth_idf: true,
                sublinear_tf: false,
            },
        }
    }
}

impl Parameters for TfidfVectorizer {
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        let mut all = self.counter.parameters();
        all.extend(self.weights.parameters());
        all
    }

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()> {
        if CounterParameters::NAMES.contains(&name) {
            self.counter.set_parameter(name, value)
        } else {
            self.weights.set_parameter(name, value)
        }
    }
}

impl TfidfVectorizer {
    /// A vectorizer with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    counter_methods!(.counter);

    /// What is 1 in each row; `None` leaves rows as they are.
    #[must_use]
    pub fn norm(mut self, norm: impl Into<Option<Norm>>) -> Self {
        self.weights.norm = norm.into();
        self
    }

    /// Whether words that stand in many texts weigh less.
    #[must_use]
    pub fn use_idf(mut self, use_idf: bool) -> Self {
        self.weights.use_idf = use_idf;
        self
    }

    /// Whether to count one text more that holds every word.
    #[must_use]
    pub fn smooth_idf(mut self, smooth_idf: bool) -> Self {
        self.weights.smooth_idf = smooth_idf;
        self
    }

    /// Whether a count becomes 1 + its logarithm.
    #[must_use]
    pub fn sublinear_tf(mut self, sublinear_tf: bool) -> Self {
        self.weights.sublinear_tf = sublinear_tf;
        self
    }

    /// Learns the vocabulary, and in how many texts each word stands.
    ///
    /// # Errors
    /// When there is no text, no word is left, or a parameter is out of its range.
    pub fn fit<T: AsRef<str>>(self, texts: &[T]) -> Result<FittedTfidfVectorizer> {
        self.fit_transform(texts).map(|(fitted, _)| fitted)
    }

    /// Learns and weighs at once, reading the texts once.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_transform<T: AsRef<str>>(
        self,
        texts: &[T],
    ) -> Result<(FittedTfidfVectorizer, CsrMatrix)> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let (counter, mut counts) = self.counter.learn(&texts)?;
        let mut n_documents = vec![0.0; counts.n_columns()];
        for &word in counts.indices() {
            n_documents[word as usize] += 1.0;
        }
        let n_texts = texts.len() as f64;
        let more = f64::from(self.weights.smooth_idf);
        let idf = n_documents
            .iter()
            .map(|df| match (self.weights.use_idf, df + more) {
                (false, _) => 1.0,
                // A word of a given vocabulary that no text holds.
                (true, 0.0) => f64::MAX.ln(),
                (true, df) => ((n_texts + more) / df).ln() + 1.0,
            })
            .collect();
        let fitted = FittedTfidfVectorizer {
            counter,
            idf,
            weights: self.weights,
        };
        fitted.weigh(&mut counts);
        Ok((fitted, counts))
    }
}

/// A [`TfidfVectorizer`] that has a vocabulary. It shows as a table of words and how much they weigh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedTfidfVectorizer {
    counter: FittedCountVectorizer,
    idf: Vec<f64>,
    weights: Weights,
}

shown!(FittedTfidfVectorizer);

impl FittedTfidfVectorizer {
    fn weigh(&self, counts: &mut CsrMatrix) {
        counts.for_each_row(|words, values| {
            for (&word, value) in words.iter().zip(values.iter_mut()) {
                if self.weights.sublinear_tf {
                    *value = value.ln() + 1.0;
                }
                *value *= self.idf[word as usize];
            }
            let norm = self.weights.norm.map_or(1.0, |norm| norm.of(values));
            if norm > 0.0 {
                values.iter_mut().for_each(|value| *value /= norm);
            }
        });
    }

    /// The weight of each word of the vocabulary in each text, shape (n_texts, n_words).
    ///
    /// # Errors
    /// When there is no text.
    pub fn transform<T: AsRef<str>>(&self, texts: &[T]) -> Result<Array2<f64>> {
        Ok(self.transform_sparse(texts)?.to_dense())
    }

    /// The same, without its zeros.
    ///
    /// # Errors
    /// When there is no text.
    pub fn transform_sparse<T: AsRef<str>>(&self, texts: &[T]) -> Result<CsrMatrix> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let mut counts = self.counter.count(&texts)?;
        self.weigh(&mut counts);
        Ok(counts)
    }

    /// The words, in the order of their columns.
    pub fn feature_names_out(&self) -> &[String] {
        self.counter.feature_names_out()
    }

    /// The column of a word, if it is known.
    pub fn column_of(&self, word: &str) -> Option<usize> {
        self.counter.column_of(word)
    }

    /// idf of each word, shape (n_words): 1 for a word that stands in every text, more for rarer ones.
    pub fn idf(&self) -> Array1<f64> {
        self.idf.clone().into()
    }

    fn table(&self) -> Table {
        let caption = format!("TfidfVectorizer, {} words", self.idf.len());
        let mut table = Table::new(&["column", "word", "idf"])
            .caption(caption)
            .decimals(4);
        for (column, (word, &idf)) in self.feature_names_out().iter().zip(&self.idf).enumerate() {
            table.push(vec![column.into(), word.into(), Cell::from(idf)]);
        }
        table
    }
}
