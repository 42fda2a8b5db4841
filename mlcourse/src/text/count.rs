use super::analyzer::{Analysis, Analyzer, StopWords};
use crate::display::Table;
use crate::estimator::{Parameter, Parameters, parameters};
use crate::preprocessing::Frequency;
use crate::shown::shown;
use crate::sparse::CsrMatrix;
use crate::words::WordMap;
use crate::{Error, Result, check};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Texts that are read together, by one thread: many, for each chunk has a vocabulary of its own, which is joined to the
/// others by one thread.
const CHUNK: usize = 2048;

/// Counts how often each word stands in each text.
///
/// A word is two or more letters, digits or underscores; capitals become small letters. Columns are in the order of the
/// alphabet (by Unicode).
///
/// | parameter | default | meaning | range |
/// |---|---|---|---|
/// | `lowercase` | true | make capitals small | |
/// | `analyzer` | `word` | or `char`, `char_wb`: sequences of characters | |
/// | `ngram_range` | (1, 1) | sequences of how many words (or characters) to count | 1 ≤ least ≤ most |
/// | `stop_words` | `none` | words to leave out: `french`, `english` | |
/// | `min_df` | 1 | texts (or share of them) that a word must stand in | 0.0 … 1.0 for a share |
/// | `max_df` | 1.0 | texts (or share of them) that a word may stand in | 0.0 … 1.0 for a share |
/// | `max_features` | none | keep the most frequent words; of equally frequent ones the first in the alphabet | 1 … |
/// | `binary` | false | only whether a word is there: 1 | |
///
/// ```
/// use mlcourse::prelude::*;
///
/// let texts = ["the cat sat", "the cat saw the dog"];
/// let counts = CountVectorizer::new().fit(&texts)?;
/// assert_eq!(counts.feature_names_out(), ["cat", "dog", "sat", "saw", "the"]);
/// assert_eq!(counts.transform(&texts)?.row(1), array![1.0, 1.0, 0.0, 1.0, 2.0]);
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: scikit-learn, *CountVectorizer*. Letters are those of Unicode's `Alphabetic`, which keeps Indic vowel signs
/// inside their words where Python cuts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountVectorizer {
    pub(super) analysis: Analysis,
    pub(super) min_df: Frequency,
    pub(super) max_df: Frequency,
    pub(super) max_features: Option<usize>,
    pub(super) binary: bool,
    pub(super) vocabulary: Option<Vec<String>>,
}

impl Default for CountVectorizer {
    fn default() -> Self {
        Self {
            analysis: Analysis::default(),
            min_df: Frequency::Count(1),
            max_df: Frequency::Share(1.0),
            max_features: None,
            binary: false,
            vocabulary: None,
        }
    }
}

/// The builder methods that both vectorizers have. `$at` leads from a vectorizer to its counter.
macro_rules! counter_methods {
    ($($at:tt)*) => {
        /// Whether to make capitals small.
        #[must_use]
        pub fn lowercase(mut self, lowercase: bool) -> Self {
            self $($at)* .analysis.lowercase = lowercase;
            self
        }

        /// What a text is cut into.
        #[must_use]
        pub fn analyzer(mut self, analyzer: Analyzer) -> Self {
            self $($at)* .analysis.analyzer = analyzer;
            self
        }

        /// Sequences of how many words (or characters) count.
        #[must_use]
        pub fn ngram_range(mut self, least: usize, most: usize) -> Self {
            self $($at)* .analysis.ngram_range = (least, most);
            self
        }

        /// Words to leave out, by language.
        #[must_use]
        pub fn stop_words(mut self, stop_words: StopWords) -> Self {
            self $($at)* .analysis.stop_words = stop_words;
            self
        }

        /// More words to leave out, as they stand after capitals became small.
        #[must_use]
        pub fn more_stop_words<W: AsRef<str>>(mut self, words: &[W]) -> Self {
            self $($at)* .analysis.more_stop_words =
                words.iter().map(|word| word.as_ref().to_owned()).collect();
            self
        }

        /// How many texts (`5`), or which share of them (`0.01`), a word must stand in.
        #[must_use]
        pub fn min_df(mut self, min_df: impl Into<Frequency>) -> Self {
            self $($at)* .min_df = min_df.into();
            self
        }

        /// How many texts (`500`), or which share of them (`0.9`), a word may stand in.
        #[must_use]
        pub fn max_df(mut self, max_df: impl Into<Frequency>) -> Self {
            self $($at)* .max_df = max_df.into();
            self
        }

        /// How many words to keep, the most frequent.
        #[must_use]
        pub fn max_features(mut self, max_features: impl Into<Option<usize>>) -> Self {
            self $($at)* .max_features = max_features.into();
            self
        }

        /// Whether only to say that a word is there.
        #[must_use]
        pub fn binary(mut self, binary: bool) -> Self {
            self $($at)* .binary = binary;
            self
        }

        /// The words to count, in the order of their columns, in place of those of the texts.
        #[must_use]
        pub fn vocabulary<W: AsRef<str>>(mut self, words: &[W]) -> Self {
            self $($at)* .vocabulary =
                Some(words.iter().map(|word| word.as_ref().to_owned()).collect());
            self
        }
    };
}

pub(super) use counter_methods;

impl CountVectorizer {
    /// A counter with the default parameters.
    pub fn new() -> Self {
        Self::default()
    }

    counter_methods!();

    /// Learns the vocabulary.
    ///
    /// # Errors
    /// When there is no text, no word is left, or a parameter is out of its range.
    pub fn fit<T: AsRef<str>>(self, texts: &[T]) -> Result<FittedCountVectorizer> {
        self.fit_transform(texts).map(|(fitted, _)| fitted)
    }

    /// Learns the vocabulary and counts at once, reading the texts once.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_transform<T: AsRef<str>>(
        self,
        texts: &[T],
    ) -> Result<(FittedCountVectorizer, CsrMatrix)> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        self.learn(&texts)
    }

    pub(super) fn learn(self, texts: &[&str]) -> Result<(FittedCountVectorizer, CsrMatrix)> {
        self.check()?;
        check::not_empty("texts", texts.len())?;
        if let Some(words) = &self.vocabulary {
            let vocabulary = Vocabulary::of(words.clone())?;
            let counts = vocabulary.count(&self.analysis, texts, self.binary);
            return Ok((self.fitted(vocabulary), counts));
        }
        let (words, counts) = self.count_all(texts);
        let kept = self.kept(&words, &counts)?;
        let mut places = vec![None; words.len()];
        for (place, &word) in kept.iter().enumerate() {
            places[word] = Some(place as u32);
        }
        let table = renumbered(&counts, &places, kept.len(), self.binary);
        let vocabulary = Vocabulary::of(kept.iter().map(|&word| words[word].clone()).collect())?;
        Ok((self.fitted(vocabulary), table))
    }

    fn fitted(self, vocabulary: Vocabulary) -> FittedCountVectorizer {
        FittedCountVectorizer {
            analysis: self.analysis,
            binary: self.binary,
            vocabulary,
        }
    }

    fn check(&self) -> Result<()> {
        self.analysis.check()?;
        self.min_df.check("min_df")?;
        self.max_df.check("max_df")?;
        match self.max_features {
            Some(0) => Err(Error::parameter("max_features", "1 or more", 0)),
            _ => Ok(()),
        }
    }

    /// All words, in the order in which they appear, and their counts in each text.
    fn count_all(&self, texts: &[&str]) -> (Vec<String>, CsrMatrix) {
        let chunks: Vec<(Vec<String>, CsrMatrix)> = texts
            .par_chunks(CHUNK)
            .map(|texts| {
                let mut numbers: WordMap<String, u32> = WordMap::default();
                let mut words = Vec::new();
                let table = count_texts(texts, &self.analysis, &mut |word| {
                    if let Some(number) = numbers.get(word) {
                        return Some(*number);
                    }
                    let number = words.len() as u32;
                    numbers.insert(word.to_owned(), number);
                    words.push(word.to_owned());
                    Some(number)
                });
                (words, table)
            })
            .collect();
        let mut numbers: WordMap<&str, u32> = WordMap::default();
        let mut words: Vec<&str> = Vec::new();
        let mut all = CsrMatrix::empty(0);
        for (own, table) in &chunks {
            let renumber: Vec<Option<u32>> = own
                .iter()
                .map(|word| {
                    let number = numbers.entry(word.as_str()).or_insert_with(|| {
                        words.push(word);
                        words.len() as u32 - 1
                    });
                    Some(*number)
                })
                .collect();
            all.append(&renumbered(table, &renumber, 0, false));
        }
        (words.into_iter().map(str::to_owned).collect(), all)
    }

    /// The words to keep, in the order of the alphabet.
    fn kept(&self, words: &[String], counts: &CsrMatrix) -> Result<Vec<usize>> {
        let n_texts = counts.n_rows();
        let mut n_documents = vec![0_usize; words.len()];
        let mut totals = vec![0.0; words.len()];
        for (&word, &count) in counts.indices().iter().zip(counts.data()) {
            n_documents[word as usize] += 1;
            totals[word as usize] += count;
        }
        let (least, most) = (self.min_df.of(n_texts), self.max_df.of(n_texts));
        if most < least {
            let found = format!("more than {most} texts");
            return Err(Error::parameter("min_df", "at most `max_df`", found));
        }
        let mut kept: Vec<usize> = (0..words.len())
            .filter(|&word| (least..=most).contains(&(n_documents[word] as f64)))
            .collect();
        kept.sort_unstable_by(|&a, &b| words[a].cmp(&words[b]));
        if let Some(most) = self.max_features
            && most < kept.len()
        {
            let mut order: Vec<usize> = (0..kept.len()).collect();
            order.sort_by(|&a, &b| totals[kept[b]].total_cmp(&totals[kept[a]]));
            order.truncate(most);
            order.sort_unstable();
            kept = order.into_iter().map(|place| kept[place]).collect();
        }
        if kept.is_empty() {
            return Err(Error::parameter(
                "texts",
                "such that a word is left after `stop_words`, `min_df` and `max_df`",
                "without any",
            ));
        }
        Ok(kept)
    }
}

/// Counts the terms of each text under the numbers that `number` gives; those without number are left out.
fn count_texts(
    texts: &[&str],
    analysis: &Analysis,
    number: &mut dyn FnMut(&str) -> Option<u32>,
) -> CsrMatrix {
    let mut table = CsrMatrix::empty(0);
    let mut found: Vec<u32> = Vec::new();
    for text in texts {
        found.clear();
        analysis.terms(text, &mut |term| found.extend(number(term)));
        found.sort_unstable();
        let runs = found.chunk_by(|a, b| a == b);
        table.push(runs.map(|run| (run[0], run.len() as f64)));
    }
    table
}

/// The same counts under other column numbers, ascending in each row; columns without number are left out.
fn renumbered(
    table: &CsrMatrix,
    numbers: &[Option<u32>],
    n_columns: usize,
    binary: bool,
) -> CsrMatrix {
    let mut out = CsrMatrix::empty(n_columns);
    let mut entries: Vec<(u32, f64)> = Vec::new();
    for row in 0..table.n_rows() {
        let (columns, counts) = table.row(row);
        entries.clear();
        for (&column, &count) in columns.iter().zip(counts) {
            if let Some(number) = numbers[column as usize] {
                entries.push((number, if binary { 1.0 } else { count }));
            }
        }
        entries.sort_unstable_by_key(|entry| entry.0);
        out.push(entries.iter().copied());
    }
    out
}

/// Words and their columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Vocabulary(Vec<String>);

impl Vocabulary {
    fn of(words: Vec<String>) -> Result<Self> {
        let mut sorted: Vec<&String> = words.iter().collect();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let found = format!("`{}` twice", twice[0]);
            return Err(Error::parameter("vocabulary", "different words", found));
        }
        if words.is_empty() {
            return Err(Error::parameter("vocabulary", "at least one word", "none"));
        }
        Ok(Self(words))
    }

    fn count(&self, analysis: &Analysis, texts: &[&str], binary: bool) -> CsrMatrix {
        let words = self.0.iter().enumerate();
        let numbers: WordMap<&str, u32> =
            words.map(|(n, word)| (word.as_str(), n as u32)).collect();
        let chunks: Vec<CsrMatrix> = texts
            .par_chunks(CHUNK)
            .map(|texts| count_texts(texts, analysis, &mut |word| numbers.get(word).copied()))
            .collect();
        let mut all = CsrMatrix::empty(self.0.len());
        for chunk in &chunks {
            all.append(chunk);
        }
        if binary {
            all.for_each_row(|_, counts| counts.fill(1.0));
        }
        all
    }
}

/// A [`CountVectorizer`] that has a vocabulary. It shows as a table of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCountVectorizer {
    analysis: Analysis,
    binary: bool,
    vocabulary: Vocabulary,
}

impl Parameters for CountVectorizer {
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        CounterParameters::of(self).parameters()
    }

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<()> {
        let mut all = CounterParameters::of(self);
        all.set_parameter(name, value)?;
        all.write(self);
        Ok(())
    }
}

/// The hyperparameters side by side, as their names are.
pub(super) struct CounterParameters {
    lowercase: bool,
    analyzer: Analyzer,
    stop_words: StopWords,
    min_df: Frequency,
    max_df: Frequency,
    max_features: Option<usize>,
    binary: bool,
    ngram_range: (f64, f64),
}

parameters!(CounterParameters {
    lowercase,
    analyzer,
    ngram_range,
    stop_words,
    min_df,
    max_df,
    max_features,
    binary
});

impl CounterParameters {
    pub(super) const NAMES: [&'static str; 8] = [
        "lowercase",
        "analyzer",
        "ngram_range",
        "stop_words",
        "min_df",
        "max_df",
        "max_features",
        "binary",
    ];

    pub(super) fn of(counter: &CountVectorizer) -> Self {
        let (least, most) = counter.analysis.ngram_range;
        Self {
            lowercase: counter.analysis.lowercase,
            analyzer: counter.analysis.analyzer,
            stop_words: counter.analysis.stop_words,
            min_df: counter.min_df,
            max_df: counter.max_df,
            max_features: counter.max_features,
            binary: counter.binary,
            ngram_range: (least as f64, most as f64),
        }
    }

    pub(super) fn write(self, counter: &mut CountVectorizer) {
        counter.analysis.lowercase = self.lowercase;
        counter.analysis.analyzer = self.analyzer;
        counter.analysis.stop_words = self.stop_words;
        counter.analysis.ngram_range = (self.ngram_range.0 as usize, self.ngram_range.1 as usize);
        counter.min_df = self.min_df;
        counter.max_df = self.max_df;
        counter.max_features = self.max_features;
        counter.binary = self.binary;
    }
}

shown!(FittedCountVectorizer);

impl FittedCountVectorizer {
    /// How often each word of the vocabulary stands in each text, shape (n_texts, n_words).
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
        self.count(&texts)
    }

    pub(super) fn count(&self, texts: &[&str]) -> Result<CsrMatrix> {
        check::not_empty("texts", texts.len())?;
        Ok(self.vocabulary.count(&self.analysis, texts, self.binary))
    }

    /// The words, in the order of their columns.
    pub fn feature_names_out(&self) -> &[String] {
        &self.vocabulary.0
    }

    /// The column of a word, if it is known.
    pub fn column_of(&self, word: &str) -> Option<usize> {
        self.vocabulary.0.iter().position(|known| known == word)
    }

    fn table(&self) -> Table {
        let n_words = self.vocabulary.0.len();
        let mut table =
            Table::new(&["column", "word"]).caption(format!("CountVectorizer, {n_words} words"));
        for (column, word) in self.vocabulary.0.iter().enumerate() {
            table.push(vec![column.into(), word.into()]);
        }
        table
    }
}
