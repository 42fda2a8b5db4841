//! Where the outputs of two runs differ.

use super::format::{Cell, Kind, Notebook, Output};
use super::html::without_colours;
use crate::Lang;
use serde_json::{Map, Value};

/// The first output that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The cell's position among all cells, from 1.
    pub cell: usize,
    /// What kind of output it is: `stdout`, `text/html`, an error's name. Empty when the number of outputs differs.
    pub what: String,
    /// The first line that differs, as stored; `None` where nothing is stored.
    pub stored: Option<String>,
    /// The same line now.
    pub fresh: Option<String>,
}

impl Difference {
    /// The difference in a few lines.
    pub fn text(&self, lang: Lang) -> String {
        let nothing = lang.pick("(nothing)", "(rien)");
        let (stored, fresh) = lang.pick(("stored", "now   "), ("enregistré", "maintenant"));
        format!(
            "{}\n  {stored}: {}\n  {fresh}: {}",
            self.what,
            self.stored.as_deref().unwrap_or(nothing),
            self.fresh.as_deref().unwrap_or(nothing),
        )
    }
}

/// Compares the outputs of two notebooks with the same cells, and returns the first difference.
///
/// Numbers, names and metadata do not count, colours of errors neither, nor how writes on the two standard streams
/// interleave, which the system decides. Cells tagged `nbval-ignore-output` (nbval's tag) or `skip-execution` are left
/// out.
pub fn compare(stored: &Notebook, fresh: &Notebook) -> Option<Difference> {
    let pairs = stored.cells.iter().zip(&fresh.cells).enumerate();
    pairs
        .filter(|(_, (cell, _))| !is_ignored(cell))
        .find_map(|(index, (stored, fresh))| {
            let (stored, fresh) = (normal_form(stored), normal_form(fresh));
            let at =
                (0..stored.len().max(fresh.len())).find(|&at| stored.get(at) != fresh.get(at))?;
            Some(difference(index + 1, stored.get(at), fresh.get(at)))
        })
}

fn is_ignored(cell: &Cell) -> bool {
    ["nbval-ignore-output", "skip-execution"]
        .iter()
        .any(|tag| cell.has_tag(tag))
}

type Item = (String, String);

fn difference(cell: usize, stored: Option<&Item>, fresh: Option<&Item>) -> Difference {
    let kind = |item: Option<&Item>| item.map(|(kind, _)| kind.clone());
    match (stored, fresh) {
        (Some((what, old)), Some((other, new))) if what == other => {
            let (old, new): (Vec<_>, Vec<_>) =
                (old.split('\n').collect(), new.split('\n').collect());
            let at = (0..old.len().max(new.len()))
                .find(|&at| old.get(at) != new.get(at))
                .unwrap_or(0);
            let line = |lines: &[&str]| {
                lines
                    .get(at)
                    .map(|line| shorten(line, old.get(at), new.get(at)))
            };
            Difference {
                cell,
                what: what.clone(),
                stored: line(&old),
                fresh: line(&new),
            }
        }
        _ => Difference {
            cell,
            what: kind(stored).or(kind(fresh)).unwrap_or_default(),
            stored: stored.map(|(kind, text)| format!("{kind}: {}", first_line(text))),
            fresh: fresh.map(|(kind, text)| format!("{kind}: {}", first_line(text))),
        },
    }
}

fn first_line(text: &str) -> String {
    shorten(text.lines().next().unwrap_or_default(), None, None)
}

/// Keeps what surrounds the first difference of two long lines (a picture is one line).
fn shorten(line: &str, old: Option<&&str>, new: Option<&&str>) -> String {
    const SHOWN: usize = 120;
    let count = line.chars().count();
    if count <= SHOWN {
        return line.to_owned();
    }
    let same = match (old, new) {
        (Some(old), Some(new)) => old
            .chars()
            .zip(new.chars())
            .take_while(|(a, b)| a == b)
            .count(),
        _ => 0,
    };
    let from = same.saturating_sub(SHOWN / 2);
    let middle: String = line.chars().skip(from).take(SHOWN).collect();
    format!(
        "{}{middle}{}",
        if from > 0 { "…" } else { "" },
        if from + SHOWN < count { "…" } else { "" }
    )
}

/// A cell's outputs as kinds and texts, with what does not count taken out.
fn normal_form(cell: &Cell) -> Vec<Item> {
    let Kind::Code(code) = &cell.kind else {
        return Vec::new();
    };
    let mut items: Vec<Item> = Vec::new();
    let mut run_start = 0;
    for output in &code.outputs {
        match output {
            Output::Stream { name, text } => {
                match items[run_start..].iter_mut().find(|(kind, _)| kind == name) {
                    Some((_, so_far)) => so_far.push_str(text),
                    None => items.push((name.clone(), text.clone())),
                }
                items[run_start..].sort_by(|(a, _), (b, _)| b.cmp(a));
                continue;
            }
            Output::Display { data, .. } => push_data(&mut items, "", data),
            Output::Result { data, .. } => push_data(&mut items, "Out ", data),
            Output::Error { name, message, .. } => {
                items.push((name.clone(), without_colours(message)))
            }
        }
        run_start = items.len();
    }
    items
}

fn push_data(items: &mut Vec<Item>, prefix: &str, data: &Map<String, Value>) {
    let mut formats: Vec<_> = data.iter().collect();
    formats.sort_by_key(|(mime, _)| mime.as_str());
    items.extend(formats.into_iter().map(|(mime, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        // Some writers break or end base64 lines, others do not.
        let text = if mime.starts_with("image/") && !mime.ends_with("+xml") {
            text.split_whitespace().collect()
        } else {
            text
        };
        (format!("{prefix}{mime}"), text)
    }));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with(outputs: &str, tag: &str, count: u32) -> Notebook {
        Notebook::parse(&format!(
            r#"{{"nbformat": 4, "metadata": {{}}, "cells": [{{"cell_type": "code", "source": "x", "id": "n{count}",
                "metadata": {{"tags": ["{tag}"]}}, "execution_count": {count}, "outputs": [{outputs}]}}]}}"#
        ))
        .unwrap()
    }

    fn stream(name: &str, text: &str) -> String {
        format!(r#"{{"output_type": "stream", "name": "{name}", "text": "{text}"}}"#)
    }

    fn png(data: &str) -> String {
        format!(
            r#"{{"output_type": "display_data", "metadata": {{}}, "data": {{"image/png": "{data}"}}}}"#
        )
    }

    #[test]
    fn numbers_names_interleaving_and_base64_line_ends_do_not_count() {
        let stored = [
            stream("stdout", "a"),
            stream("stderr", "e"),
            stream("stdout", "b"),
            png("QUJD\\n"),
        ]
        .join(",");
        let fresh = [stream("stderr", "e"), stream("stdout", "ab"), png("QUJD")].join(",");
        assert_eq!(compare(&with(&stored, "", 1), &with(&fresh, "", 7)), None);
    }

    #[test]
    fn the_first_line_that_differs_is_reported() {
        let found = compare(
            &with(&stream("stdout", "a\\nb\\nc"), "", 1),
            &with(&stream("stdout", "a\\nB\\nc"), "", 1),
        );
        let found = found.unwrap();
        assert_eq!((found.cell, found.what.as_str()), (1, "stdout"));
        assert_eq!(
            (found.stored.as_deref(), found.fresh.as_deref()),
            (Some("b"), Some("B"))
        );
        assert!(found.text(Lang::Fr).contains("enregistré: b"));
    }

    #[test]
    fn a_missing_output_and_another_kind_of_output_differ() {
        let nothing = compare(&with(&stream("stdout", "a"), "", 1), &with("", "", 1)).unwrap();
        assert_eq!(
            (nothing.stored.as_deref(), nothing.fresh.as_deref()),
            (Some("stdout: a"), None)
        );
        let other = compare(
            &with(&stream("stdout", "a"), "", 1),
            &with(&png("QQ"), "", 1),
        )
        .unwrap();
        assert_eq!(other.fresh.as_deref(), Some("image/png: QQ"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_difference() {
        let (old, new) = (
            format!("{}x{}", "a".repeat(500), "b".repeat(500)),
            "a".repeat(1000),
        );
        let found = compare(&with(&png(&old), "", 1), &with(&png(&new), "", 1)).unwrap();
        let line = found.stored.unwrap();
        assert!(
            line.contains("ax") && line.starts_with('…') && line.ends_with('…'),
            "{line}"
        );
    }

    #[test]
    fn a_cell_whose_output_is_to_be_ignored_is() {
        assert_eq!(
            compare(
                &with(&stream("stdout", "1 ms"), "nbval-ignore-output", 1),
                &with("", "", 1)
            ),
            None
        );
    }
}
