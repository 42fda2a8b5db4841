//! Answers to questions, word by word: exact match and F1 as in the SQuAD challenge.

use crate::display::{Display, MimeBundle, Table};
use crate::{Result, check};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// Which little words do not count in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Articles {
    /// *a*, *an*, *the*: the official normalisation of SQuAD.
    #[default]
    English,
    /// *le*, *la*, *les*, *l’*, *un*, *une*, *des*, *du*; and French quotation marks, dashes and curly apostrophes are
    /// punctuation too.
    French,
    /// All words count.
    None,
}

impl Articles {
    fn contains(self, word: &str) -> bool {
        match self {
            Self::English => ["a", "an", "the"].contains(&word),
            Self::French => ["le", "la", "les", "un", "une", "des", "du"].contains(&word),
            Self::None => false,
        }
    }

    fn is_punctuation(self, letter: char) -> bool {
        letter.is_ascii_punctuation() || (self == Self::French && "’‘«»“”…–—".contains(letter))
    }
}

/// A letter, digit or underscore, as in the `\w` of the official script.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// An answer as it is compared: in small letters, without punctuation and articles, words separated by one space.
///
/// ```
/// use mlcourse::metrics::{Articles, normalize_answer};
///
/// assert_eq!(normalize_answer(" The  Eiffel-Tower!", Articles::English), "eiffeltower");
/// assert_eq!(normalize_answer("L’épicéa de la forêt", Articles::French), "épicéa de forêt");
/// ```
///
/// Source: the official evaluation script of SQuAD 2.0, *normalize_answer*.
pub fn normalize_answer(text: &str, articles: Articles) -> String {
    let mut text = text.to_lowercase();
    if articles == Articles::French {
        text = without_elision(&text);
    }
    text.retain(|letter| !articles.is_punctuation(letter));
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_same = |letter: char| is_word(letter) == is_word(first);
        let end = rest.find(|letter| !is_same(letter)).unwrap_or(rest.len());
        let (run, others) = rest.split_at(end);
        kept.push_str(if articles.contains(run) { " " } else { run });
        rest = others;
    }
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes the article away where it is written together with its word: *l’été*, but not *mal’été*.
fn without_elision(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        if letter == 'l' && !is_word(before) && matches!(next, Some('\'' | '’')) {
            letters.next();
            kept.push(' ');
            before = ' ';
        } else {
            kept.push(letter);
            before = letter;
        }
    }
    kept
}

/// The answers that hold something; a question without any has the empty answer.
fn golds<S: AsRef<str>>(answers: &[S], articles: Articles) -> Vec<String> {
    let mut golds: Vec<String> = answers
        .iter()
        .map(|answer| normalize_answer(answer.as_ref(), articles))
        .filter(|answer| !answer.is_empty())
        .collect();
    if golds.is_empty() {
        golds.push(String::new());
    }
    golds
}

/// Whether a prediction is one of the right answers, after [`normalize_answer`]. A question without answer wants the empty
/// prediction.
///
/// ```
/// use mlcourse::metrics::{Articles, squad_exact_match};
///
/// assert!(squad_exact_match("The Nile.", &["Nile", "river Nile"], Articles::English));
/// ```
///
/// Source: the official evaluation script of SQuAD 2.0, *compute_exact*.
pub fn squad_exact_match<S: AsRef<str>>(
    prediction: &str,
    answers: &[S],
    articles: Articles,
) -> bool {
    golds(answers, articles).contains(&normalize_answer(prediction, articles))
}

/// The largest F1 of the words of a prediction and those of a right answer, after [`normalize_answer`].
///
/// With c words in common (as often as both have them), of p predicted and r right ones: 2 c / (p + r). Where one of both
/// is empty it is 1 if the other is too, else 0.
///
/// ```
/// use mlcourse::metrics::{Articles, squad_f1};
///
/// let f1 = squad_f1("the river Nile in Egypt", &["the Nile", "river Nile"], Articles::English);
/// assert!((f1 - 2.0 / 3.0).abs() < 1e-15);
/// ```
///
/// Source: the official evaluation script of SQuAD 2.0, *compute_f1*.
pub fn squad_f1<S: AsRef<str>>(prediction: &str, answers: &[S], articles: Articles) -> f64 {
    let prediction = normalize_answer(prediction, articles);
    golds(answers, articles)
        .iter()
        .map(|gold| f1_of_words(&prediction, gold))
        .fold(0.0, f64::max)
}

fn f1_of_words(prediction: &str, gold: &str) -> f64 {
    if prediction.is_empty() || gold.is_empty() {
        return f64::from(prediction == gold);
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let (mut n_predicted, mut n_gold, mut n_common) = (0, 0, 0);
    for word in gold.split(' ') {
        *counts.entry(word).or_default() += 1;
        n_gold += 1;
    }
    for word in prediction.split(' ') {
        n_predicted += 1;
        if let Some(left) = counts.get_mut(word).filter(|left| **left > 0) {
            *left -= 1;
            n_common += 1;
        }
    }
    if n_common == 0 {
        return 0.0;
    }
    let precision = f64::from(n_common) / f64::from(n_predicted);
    let recall = f64::from(n_common) / f64::from(n_gold);
    2.0 * precision * recall / (precision + recall)
}

/// What [`squad`] computes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SquadScores {
    /// The percentage of predictions that are a right answer.
    pub exact_match: f64,
    /// The mean F1, in percent.
    pub f1: f64,
    /// The number of questions.
    pub total: usize,
}

/// Exact match and F1 over all questions, in percent as in the SQuAD challenge.
///
/// `answers` holds for each question all that count as right; none for a question that has no answer, where the empty
/// prediction is right.
///
/// ```
/// use mlcourse::metrics::{Articles, squad};
///
/// let answers = [vec!["the Nile"], vec!["1889", "in 1889"], vec![]];
/// let scores = squad(&["Nile", "1890", ""], &answers, Articles::English)?;
/// assert!((scores.exact_match - 200.0 / 3.0).abs() < 1e-12);
/// println!("{scores}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: the official evaluation script of SQuAD 2.0.
///
/// # Errors
/// When the arguments are empty or differ in length.
pub fn squad<P: AsRef<str>, S: AsRef<str>>(
    predictions: &[P],
    answers: &[Vec<S>],
    articles: Articles,
) -> Result<SquadScores> {
    check::same_length("answers", answers.len(), "predictions", predictions.len())?;
    check::not_empty("predictions", predictions.len())?;
    let (mut exact_match, mut f1) = (0.0, 0.0);
    for (prediction, answers) in predictions.iter().zip(answers) {
        let prediction = prediction.as_ref();
        exact_match += f64::from(squad_exact_match(prediction, answers, articles));
        f1 += squad_f1(prediction, answers, articles);
    }
    let total = predictions.len();
    Ok(SquadScores {
        exact_match: 100.0 * exact_match / total as f64,
        f1: 100.0 * f1 / total as f64,
        total,
    })
}

impl SquadScores {
    fn table(&self) -> Table {
        Table::new(&["exact match (%)", "F1 (%)", "questions"])
            .decimals(1)
            .row(vec![
                self.exact_match.into(),
                self.f1.into(),
                self.total.into(),
            ])
    }
}

impl fmt::Display for SquadScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for SquadScores {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
