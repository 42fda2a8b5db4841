use super::stop_words;
use crate::estimator::choice;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a text is cut into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Analyzer {
    /// Words of two or more letters, digits and underscores.
    #[default]
    Word,
    /// Sequences of characters.
    Char,
    /// Sequences of characters inside words, which count a space on either side.
    CharWb,
}

choice!(Analyzer { Word = "word", Char = "char", CharWb = "char_wb" });

/// Words that are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopWords {
    /// None is left out.
    #[default]
    None,
    /// French articles, pronouns, prepositions, auxiliaries…
    French,
    /// English ones; `not` is not among them.
    English,
}

choice!(StopWords { None = "none", French = "french", English = "english" });

/// How a text becomes terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Analysis {
    pub(super) lowercase: bool,
    pub(super) analyzer: Analyzer,
    pub(super) ngram_range: (usize, usize),
    pub(super) stop_words: StopWords,
    pub(super) more_stop_words: Vec<String>,
}

impl Default for Analysis {
    fn default() -> Self {
        Self {
            lowercase: true,
            analyzer: Analyzer::Word,
            ngram_range: (1, 1),
            stop_words: StopWords::None,
            more_stop_words: Vec::new(),
        }
    }
}

impl Analysis {
    pub(super) fn check(&self) -> Result<()> {
        let (least, most) = self.ngram_range;
        if 1 <= least && least <= most {
            return Ok(());
        }
        Err(Error::parameter(
            "ngram_range",
            "(least, most) with 1 ≤ least ≤ most",
            format!("({least}, {most})"),
        ))
    }

    /// Calls `visit` with each term of a text.
    pub(super) fn terms(&self, text: &str, visit: &mut dyn FnMut(&str)) {
        let text: Cow<'_, str> = if self.lowercase {
            lower(text)
        } else {
            Cow::Borrowed(text)
        };
        match self.analyzer {
            Analyzer::Word => self.word_terms(&text, visit),
            Analyzer::Char => self.char_terms(&one_space(&text), visit),
            Analyzer::CharWb => self.bounded_terms(&text, visit),
        }
    }

    fn word_terms(&self, text: &str, visit: &mut dyn FnMut(&str)) {
        if self.ngram_range == (1, 1) {
            return words(text, &mut |word| {
                if !self.is_stop_word(word) {
                    visit(word);
                }
            });
        }
        let mut kept: Vec<&str> = Vec::new();
        words(text, &mut |word| {
            if !self.is_stop_word(word) {
                kept.push(word);
            }
        });
        let (least, most) = self.ngram_range;
        let mut term = String::new();
        for length in least..=most.min(kept.len()) {
            for window in kept.windows(length) {
                term.clear();
                for (place, word) in window.iter().enumerate() {
                    if place > 0 {
                        term.push(' ');
                    }
                    term.push_str(word);
                }
                visit(&term);
            }
        }
    }

    fn char_terms(&self, text: &str, visit: &mut dyn FnMut(&str)) {
        let ends = boundaries(text);
        let (least, most) = self.ngram_range;
        for length in least..=most.min(ends.len() - 1) {
            for window in ends.windows(length + 1) {
                visit(&text[window[0]..window[length]]);
            }
        }
    }

    /// scikit-learn's: a word shorter than the sequence counts once, as it is.
    fn bounded_terms(&self, text: &str, visit: &mut dyn FnMut(&str)) {
        let (least, most) = self.ngram_range;
        for word in text.split_whitespace() {
            let word = format!(" {word} ");
            let ends = boundaries(&word);
            for length in least..=most {
                let length_now = length.min(ends.len() - 1);
                for window in ends.windows(length_now + 1) {
                    visit(&word[window[0]..window[length_now]]);
                }
                if length >= ends.len() - 1 {
                    break;
                }
            }
        }
    }

    fn is_stop_word(&self, word: &str) -> bool {
        let list = match self.stop_words {
            StopWords::None => &[],
            StopWords::French => stop_words::FRENCH,
            StopWords::English => stop_words::ENGLISH,
        };
        list.binary_search(&word).is_ok() || self.more_stop_words.iter().any(|stop| stop == word)
    }
}

/// In small letters. ASCII text, the usual case, takes the short way.
fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// Where characters begin, and the end.
fn boundaries(text: &str) -> Vec<usize> {
    text.char_indices()
        .map(|(place, _)| place)
        .chain([text.len()])
        .collect()
}

/// White space of two or more characters as one space.
fn one_space(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.char_indices().peekable();
    while let Some((_, character)) = rest.next() {
        if character.is_whitespace() && rest.peek().is_some_and(|(_, next)| next.is_whitespace()) {
            while rest.next_if(|(_, next)| next.is_whitespace()).is_some() {}
            out.push(' ');
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The longest runs of two or more letters, digits and underscores: scikit-learn's pattern `\b\w\w+\b`.
fn words<'a>(text: &'a str, visit: &mut dyn FnMut(&'a str)) {
    let (mut start, mut n_characters) = (0, 0);
    for (place, character) in text.char_indices() {
        if is_word(character) {
            if n_characters == 0 {
                start = place;
            }
            n_characters += 1;
        } else {
            if n_characters > 1 {
                visit(&text[start..place]);
            }
            n_characters = 0;
        }
    }
    if n_characters > 1 {
        visit(&text[start..]);
    }
}

fn is_word(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || character == '_'
    } else {
        character.is_alphanumeric()
    }
}
