//! A confusion matrix in colour.

use super::Frame;
use super::canvas::{Canvas, INK, Letters, WHITE, fit_text, text_width};
use crate::metrics::ConfusionMatrix;
use plotters::prelude::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};
use std::fmt;

const NAME: f64 = 12.5;
/// The longest name beside a row or under a column.
const MAX_NAME: f64 = 130.0;
/// The most mistakes that are put into words.
const MAX_WORDS: usize = 5;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heatmap {
    names: Vec<String>,
    /// The counts, row by row.
    counts: Vec<Vec<usize>>,
}

/// Where the cells stand.
struct Area {
    left: f64,
    top: f64,
    cell: (f64, f64),
}

impl Heatmap {
    pub(super) fn new(matrix: &ConfusionMatrix) -> Self {
        Self {
            names: matrix.names().to_vec(),
            counts: matrix
                .counts()
                .outer_iter()
                .map(|row| row.to_vec())
                .collect(),
        }
    }

    pub(super) fn draw(&self, frame: &Frame, canvas: &mut Canvas) {
        let (width, height) = (f64::from(frame.width), f64::from(frame.height));
        let n_classes = self.names.len() as f64;
        let longest = self
            .names
            .iter()
            .map(|name| text_width(name, NAME).min(MAX_NAME))
            .fold(0.0, f64::max);
        let left = 42.0 + longest.min(width / 3.0);
        let across = (width - 20.0 - left) / n_classes;
        let upright = longest + 6.0 > across;
        let top = if frame.title.is_empty() { 20.0 } else { 46.0 };
        let under = if upright {
            longest.min(height / 4.0)
        } else {
            NAME
        };
        let area = Area {
            left,
            top,
            cell: (across, (height - 46.0 - under - top) / n_classes),
        };
        for (row, counts) in self.counts.iter().enumerate() {
            for (column, &count) in counts.iter().enumerate() {
                area.draw_cell(row, column, count, share(count, counts), canvas);
            }
        }
        self.draw_names(&area, longest, upright, canvas);
        frame.draw_titles(
            (left, width - 20.0),
            (top, top + area.cell.1 * n_classes),
            canvas,
        );
    }

    /// The names along the sides, as many as there is room for.
    fn draw_names(&self, area: &Area, longest: f64, upright: bool, canvas: &mut Canvas) {
        let bottom = area.top + area.cell.1 * self.names.len() as f64;
        let every_row = (NAME * 1.1 / area.cell.1).ceil().max(1.0) as usize;
        let every_column = if upright {
            (NAME * 1.1 / area.cell.0).ceil().max(1.0) as usize
        } else {
            1
        };
        for (place, name) in self.names.iter().enumerate() {
            let name = fit_text(name, NAME, longest.min(area.left - 42.0) + 1.0);
            let (x, y) = area.middle(place, place);
            if place % every_row == 0 {
                let letters = Letters::new(NAME, HPos::Right, VPos::Center);
                canvas.text(&name, (area.left - 9.0, y), letters);
            }
            if place % every_column == 0 {
                let letters = if upright {
                    Letters {
                        upward: true,
                        ..Letters::new(NAME, HPos::Right, VPos::Center)
                    }
                } else {
                    Letters::new(NAME, HPos::Center, VPos::Top)
                };
                canvas.text(&name, (x, bottom + 9.0), letters);
            }
        }
    }

    pub(super) fn describe(&self, frame: &Frame, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.counts.iter().flatten().sum();
        let right: usize = (0..self.names.len())
            .map(|class| self.counts[class][class])
            .sum();
        write!(
            f,
            "Confusion matrix{}: {right} of {total} samples are predicted right",
            frame.quoted_title()
        )?;
        let mut wrong: Vec<(usize, usize, usize)> = Vec::new();
        for (row, counts) in self.counts.iter().enumerate() {
            let mistakes = counts
                .iter()
                .enumerate()
                .filter(|&(column, &count)| column != row && count > 0);
            wrong.extend(mistakes.map(|(column, &count)| (count, row, column)));
        }
        wrong.sort_by_key(|&(count, ..)| std::cmp::Reverse(count));
        for &(count, row, column) in wrong.iter().take(MAX_WORDS) {
            let verb = if count == 1 { "is" } else { "are" };
            let (truth, prediction) = (&self.names[row], &self.names[column]);
            write!(f, "; {count} {truth} {verb} predicted as {prediction}")?;
        }
        match wrong.len().saturating_sub(MAX_WORDS) {
            0 => f.write_str("."),
            more => write!(f, "; {more} other kinds of mistake."),
        }
    }
}

fn share(count: usize, row: &[usize]) -> f64 {
    count as f64 / row.iter().sum::<usize>().max(1) as f64
}

impl Area {
    fn middle(&self, row: usize, column: usize) -> (f64, f64) {
        (
            self.left + (column as f64 + 0.5) * self.cell.0,
            self.top + (row as f64 + 0.5) * self.cell.1,
        )
    }

    fn draw_cell(&self, row: usize, column: usize, count: usize, share: f64, canvas: &mut Canvas) {
        let (x, y) = self.middle(row, column);
        let half = (self.cell.0 / 2.0, self.cell.1 / 2.0);
        // A gap as a border, unless the cells are tiny.
        let gap = if half.0.min(half.1) > 6.0 { 1.0 } else { 0.0 };
        canvas.rectangle(
            (x - half.0 + gap, y - half.1 + gap),
            (x + half.0 - gap, y + half.1 - gap),
            blue(share),
        );
        let text = count.to_string();
        let room = (half.0 * 1.5 / text_width(&text, 1.0)).min(half.1 * 0.9);
        let size = room.min(20.0);
        if size < 6.0 {
            return;
        }
        let color = if share > 0.5 { WHITE } else { INK };
        let percent = half.1 > 26.0 && half.0 > 24.0;
        let shift = if percent { 8.0 } else { 0.0 };
        let letters = Letters {
            color,
            ..Letters::new(size, HPos::Center, VPos::Center)
        };
        canvas.text(&text, (x, y - shift), letters);
        if percent {
            let letters = Letters {
                size: 11.0,
                ..letters
            };
            canvas.text(&format!("{:.0} %", 100.0 * share), (x, y + 13.0), letters);
        }
    }
}

/// From near white to dark blue (ColorBrewer's *Blues*).
fn blue(share: f64) -> RGBColor {
    const STOPS: [[f64; 3]; 5] = [
        [247.0, 251.0, 255.0],
        [198.0, 219.0, 239.0],
        [107.0, 174.0, 214.0],
        [33.0, 113.0, 181.0],
        [8.0, 64.0, 129.0],
    ];
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let stop = (place as usize).min(STOPS.len() - 2);
    let between = place - stop as f64;
    let [r, g, b] = [0, 1, 2]
        .map(|c| (STOPS[stop][c] * (1.0 - between) + STOPS[stop + 1][c] * between).round() as u8);
    RGBColor(r, g, b)
}
