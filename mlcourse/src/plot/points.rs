//! A scatter plot.

use super::Frame;
use super::axis::Axis;
use super::canvas::{Canvas, GRID, INK, Letters, fit_text, text_width};
use ndarray::ArrayRef1;
use plotters::style::text_anchor::{HPos, VPos};
use std::fmt;

const TITLE: f64 = 16.0;
const LABEL: f64 = 13.0;
const TICK: f64 = 12.0;
const LEGEND: f64 = 12.5;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Points {
    x: Vec<f64>,
    y: Vec<f64>,
    groups: Vec<usize>,
    names: Vec<String>,
}

/// The rectangle that holds the points.
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Points {
    pub(super) fn new(x: &ArrayRef1<f64>, y: &ArrayRef1<f64>) -> Self {
        Self {
            x: x.to_vec(),
            y: y.to_vec(),
            groups: vec![0; x.len()],
            names: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.x.len()
    }

    pub(super) fn group(&mut self, groups: &ArrayRef1<usize>, names: Vec<String>) {
        self.groups = groups.to_vec();
        self.names = names;
    }

    pub(super) fn draw(&self, frame: &Frame, canvas: &mut Canvas) {
        let (width, height) = (f64::from(frame.width), f64::from(frame.height));
        let x_axis = Axis::around(&self.x, (width / 90.0) as usize + 1);
        let y_axis = Axis::around(&self.y, (height / 70.0) as usize + 1);
        let widest_tick = y_axis
            .ticks
            .iter()
            .map(|(_, text)| text_width(text, TICK))
            .fold(0.0, f64::max);
        let legend = self
            .names
            .iter()
            .map(|name| text_width(name, LEGEND).min(width / 4.0) + 34.0)
            .fold(0.0, f64::max);
        let area = Area {
            left: 42.0 + widest_tick,
            right: width - 20.0 - legend,
            top: if frame.title.is_empty() { 20.0 } else { 46.0 },
            bottom: height - 56.0,
        };
        self.draw_axes(frame, &area, &x_axis, &y_axis, canvas);
        // Very many points hide each other: smaller marks.
        let radius = if self.len() > 2000 { 2.0 } else { 4.4 };
        for ((&x, &y), &group) in self.x.iter().zip(&self.y).zip(&self.groups) {
            canvas.mark(group, area.at(&x_axis, x, &y_axis, y), radius);
        }
        for (group, name) in self.names.iter().enumerate() {
            let at = (area.right + 22.0, area.top + 12.0 + 21.0 * group as f64);
            canvas.mark(group, at, 4.8);
            canvas.text(
                &fit_text(name, LEGEND, width / 4.0),
                (at.0 + 12.0, at.1),
                Letters::new(LEGEND, HPos::Left, VPos::Center),
            );
        }
    }

    fn draw_axes(&self, frame: &Frame, area: &Area, x: &Axis, y: &Axis, canvas: &mut Canvas) {
        for (value, text) in &x.ticks {
            let (at, _) = area.at(x, *value, y, y.low);
            canvas.line((at, area.top), (at, area.bottom), GRID, 1.0);
            let letters = Letters::new(TICK, HPos::Center, VPos::Top);
            canvas.text(text, (at, area.bottom + 8.0), letters);
        }
        for (value, text) in &y.ticks {
            let (_, at) = area.at(x, x.low, y, *value);
            canvas.line((area.left, at), (area.right, at), GRID, 1.0);
            let letters = Letters::new(TICK, HPos::Right, VPos::Center);
            canvas.text(text, (area.left - 8.0, at), letters);
        }
        canvas.line(
            (area.left, area.bottom),
            (area.right, area.bottom),
            INK,
            1.0,
        );
        canvas.line((area.left, area.top), (area.left, area.bottom), INK, 1.0);
        let frame = Frame {
            x_label: x.label(&frame.x_label),
            y_label: y.label(&frame.y_label),
            ..frame.clone()
        };
        frame.draw_titles((area.left, area.right), (area.top, area.bottom), canvas);
    }

    pub(super) fn describe(&self, frame: &Frame, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: usize| format!("{count} point{}", if count == 1 { "" } else { "s" });
        write!(
            f,
            "Scatter plot{}: {}",
            frame.quoted_title(),
            count(self.len())
        )?;
        if !self.names.is_empty() {
            let names: Vec<String> = self
                .names
                .iter()
                .enumerate()
                .map(|(group, name)| {
                    let count = self.groups.iter().filter(|&&of| of == group).count();
                    format!("{name} {count}")
                })
                .collect();
            write!(f, " in {} groups ({})", names.len(), names.join(", "))?;
        }
        let range = |values: &[f64]| {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            format!("from {least} to {most}")
        };
        let (x, y) = (range(&self.x), range(&self.y));
        write!(f, ", {} {x}, {} {y}.", frame.x_label, frame.y_label)
    }
}

impl Area {
    fn at(&self, x_axis: &Axis, x: f64, y_axis: &Axis, y: f64) -> (f64, f64) {
        (
            self.left + (self.right - self.left) * x_axis.place(x),
            self.bottom - (self.bottom - self.top) * y_axis.place(y),
        )
    }
}

impl Frame {
    /// The title above the content, its axis labels below and to its left.
    pub(super) fn draw_titles(&self, x: (f64, f64), y: (f64, f64), canvas: &mut Canvas) {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let middle = (x.0 + x.1) / 2.0;
        let title = Letters {
            bold: true,
            ..Letters::new(TITLE, HPos::Center, VPos::Top)
        };
        canvas.text(
            &fit_text(&self.title, TITLE, width - 20.0),
            (middle, 15.0),
            title,
        );
        canvas.text(
            &fit_text(&self.x_label, LABEL, x.1 - x.0),
            (middle, height - 14.0),
            Letters::new(LABEL, HPos::Center, VPos::Bottom),
        );
        let upward = Letters {
            upward: true,
            ..Letters::new(LABEL, HPos::Center, VPos::Top)
        };
        canvas.text(
            &fit_text(&self.y_label, LABEL, y.1 - y.0),
            (10.0, (y.0 + y.1) / 2.0),
            upward,
        );
    }
}
