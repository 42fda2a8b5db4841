//! Where in the reader's cells a place of the compiled text stands.

use std::ops::Range;
use std::sync::Arc;

/// The cells so far, as texts that may stand in what is compiled.
#[derive(Default)]
pub(super) struct Notebook {
    pieces: Vec<Piece>,
}

/// A cell's text and number.
#[derive(Debug)]
pub(super) struct CellText {
    pub count: u32,
    pub text: String,
}

/// A statement or an item of a cell; evcxr passes it on unchanged.
struct Piece {
    cell: Arc<CellText>,
    range: Range<usize>,
}

/// A place in a cell.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub cell: Arc<CellText>,
    pub range: Range<usize>,
}

impl Place {
    /// The line, from 1.
    pub fn line(&self) -> u32 {
        1 + self.cell.text[..self.range.start].matches('\n').count() as u32
    }

    /// The bytes of that line.
    pub fn line_text(&self) -> &str {
        self.cell
            .text
            .lines()
            .nth(self.line() as usize - 1)
            .unwrap_or_default()
    }
}

impl Notebook {
    /// Adds a cell about to be compiled.
    pub fn add(
        &mut self,
        count: u32,
        text: &str,
        statements: impl IntoIterator<Item = Range<usize>>,
    ) {
        let cell = Arc::new(CellText {
            count,
            text: text.to_owned(),
        });
        self.pieces
            .extend(statements.into_iter().map(|range| Piece {
                cell: Arc::clone(&cell),
                range,
            }));
    }

    /// Maps a compiled text; the newest cell first, since a redefined item stands for its last definition.
    pub fn map<'a>(&'a self, compiled: &'a str) -> SourceMap<'a> {
        let mut segments: Vec<(Range<usize>, &Piece)> = Vec::new();
        let mut last: Option<&Arc<CellText>> = None;
        let mut from = 0;
        let newest = self.pieces.last().map(|piece| piece.cell.count);
        // The statements of the newest cell stand in order; items are hoisted, and older items may stand anywhere.
        let (current, older): (Vec<&Piece>, Vec<&Piece>) = self
            .pieces
            .iter()
            .partition(|piece| Some(piece.cell.count) == newest);
        for piece in current {
            if last.is_none_or(|cell| !Arc::ptr_eq(cell, &piece.cell)) {
                from = 0;
            }
            last = Some(&piece.cell);
            let text = &piece.cell.text[piece.range.clone()];
            let found = find_line_start(&compiled[from..], text)
                .map(|at| at + from)
                .or_else(|| find_free(compiled, text, &segments));
            if let Some(at) = found {
                if at >= from && !is_item(text) {
                    from = at + text.len();
                }
                segments.push((at..at + text.len(), piece));
            }
        }
        for piece in older.into_iter().rev() {
            let text = &piece.cell.text[piece.range.clone()];
            if let Some(at) = find_free(compiled, text, &segments) {
                segments.push((at..at + text.len(), piece));
            }
        }
        SourceMap {
            compiled,
            segments,
            notebook: self,
        }
    }

    /// The statement of the newest cell that names a word, for code that evcxr takes apart (`use`).
    fn mention(&self, word: &str) -> Option<Place> {
        let newest = self.pieces.last()?.cell.count;
        self.pieces
            .iter()
            .filter(|piece| piece.cell.count == newest)
            .find_map(|piece| {
                let text = &piece.cell.text[piece.range.clone()];
                if !text.starts_with("use ") && !text.starts_with("pub use ") {
                    return None;
                }
                let at = text.find(word)? + piece.range.start;
                Some(Place {
                    cell: Arc::clone(&piece.cell),
                    range: at..at + word.len(),
                })
            })
    }
}

fn is_item(text: &str) -> bool {
    [
        "fn ", "struct ", "enum ", "impl ", "impl<", "trait ", "use ", "mod ", "const ", "static ",
        "type ", "pub ", "#[",
    ]
    .iter()
    .any(|keyword| text.starts_with(keyword))
}

/// Where a text stands at the start of a line, but for what the engine puts around it.
fn find_line_start(compiled: &str, text: &str) -> Option<usize> {
    compiled
        .match_indices(text)
        .map(|(at, _)| at)
        .filter(|at| ends_there(compiled, at + text.len()))
        .find(|at| {
            let line = &compiled[compiled[..*at].rfind('\n').map_or(0, |end| end + 1)..*at];
            line.trim().is_empty() || line == "&("
        })
}

/// evcxr ends every piece with a line's end; the engine may put a blank before it.
fn ends_there(compiled: &str, end: usize) -> bool {
    compiled[end..]
        .chars()
        .next()
        .is_none_or(char::is_whitespace)
}

fn find_free(compiled: &str, text: &str, taken: &[(Range<usize>, &Piece)]) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    compiled
        .match_indices(text)
        .map(|(at, _)| at)
        .filter(|at| ends_there(compiled, at + text.len()))
        .find(|at| {
            taken
                .iter()
                .all(|(range, _)| *at >= range.end || at + text.len() <= range.start)
        })
}

/// A compiled text and where its parts come from.
pub(super) struct SourceMap<'a> {
    compiled: &'a str,
    segments: Vec<(Range<usize>, &'a Piece)>,
    notebook: &'a Notebook,
}

impl SourceMap<'_> {
    /// Where bytes of the compiled text stand in a cell.
    pub fn place(&self, bytes: Range<usize>) -> Option<Place> {
        let (segment, piece) = self
            .segments
            .iter()
            .find(|(segment, _)| segment.start <= bytes.start && bytes.end <= segment.end)?;
        let start = bytes.start - segment.start + piece.range.start;
        Some(Place {
            cell: Arc::clone(&piece.cell),
            range: start..start + bytes.len(),
        })
    }

    /// The last statement of the newest cell.
    pub fn last_statement(&self) -> Option<Place> {
        let piece = self.notebook.pieces.last()?;
        Some(Place {
            cell: Arc::clone(&piece.cell),
            range: piece.range.clone(),
        })
    }

    /// Where a `use` that evcxr took apart stands.
    pub fn place_of_import(&self, bytes: Range<usize>) -> Option<Place> {
        let line_start = self
            .compiled
            .get(..bytes.start)?
            .rfind('\n')
            .map_or(0, |end| end + 1);
        let line = self.compiled[line_start..].lines().next()?;
        if !line.starts_with("use ") && !line.starts_with("pub use ") {
            return None;
        }
        self.notebook.mention(self.compiled.get(bytes)?)
    }

    /// Where a line and column of the compiled text (both from 1, columns in characters) stand in a cell.
    pub fn place_at(&self, line: u32, column: u32) -> Option<Place> {
        let start: usize = self
            .compiled
            .split_inclusive('\n')
            .take(line.checked_sub(1)? as usize)
            .map(str::len)
            .sum();
        let text = self.compiled.get(start..)?.lines().next()?;
        let offset: usize = text
            .chars()
            .take(column.saturating_sub(1) as usize)
            .map(char::len_utf8)
            .sum();
        self.place(start + offset..start + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_statement_is_found_in_its_turn() {
        let mut notebook = Notebook::default();
        let cell = "x += 1;\nx += 1;";
        notebook.add(3, cell, [0..7, 8..15]);
        let compiled = "generated\nx += 1;\nx += 1;\nmore";
        let map = notebook.map(compiled);
        assert_eq!(map.place(18..19).map(|place| place.range), Some(8..9));
        assert!(map.place(0..4).is_none());
    }

    #[test]
    fn an_item_of_an_earlier_cell_is_found_in_a_later_build() {
        let mut notebook = Notebook::default();
        notebook.add(1, "fn f() { panic!() }", std::iter::once(0..19));
        notebook.add(2, "f()", std::iter::once(0..3));
        let compiled = "fn f() { panic!() }\n(\n&(f()\n)\n).evcxr_display();";
        let place = notebook
            .map(compiled)
            .place_at(1, 10)
            .expect("the item is known");
        assert_eq!((place.cell.count, place.range.start), (1, 9));
    }
}
