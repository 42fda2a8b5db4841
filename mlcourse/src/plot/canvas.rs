//! A sheet to draw on, in pixels with fractions.

use crate::display::grid::escape;
use plotters::prelude::{DrawingBackend, RGBAColor, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, TextStyle};

/// The backend draws on whole numbers: a pixel is this many of its units.
const UNITS: f64 = 8.0;
/// The backend divides the size of a font by this.
const FONT_SCALE: f64 = 1.24;
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";
/// The width of a letter of a sans-serif font, in its size: an average, as the page's font is not known here.
const LETTER: f64 = 0.56;

pub(super) const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
pub(super) const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe8);
pub(super) const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// seaborn's *colorblind* palette.
const PALETTE: [RGBColor; 10] = [
    RGBColor(0x01, 0x73, 0xb2),
    RGBColor(0xde, 0x8f, 0x05),
    RGBColor(0x02, 0x9e, 0x73),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0xcc, 0x78, 0xbc),
    RGBColor(0xca, 0x91, 0x61),
    RGBColor(0xfb, 0xaf, 0xe4),
    RGBColor(0x94, 0x94, 0x94),
    RGBColor(0xec, 0xe1, 0x33),
    RGBColor(0x56, 0xb4, 0xe9),
];

/// The colour of a group.
pub(super) fn color(group: usize) -> RGBColor {
    PALETTE[group % PALETTE.len()]
}

/// The width of a text, about.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * LETTER
}

/// A text cut to a width, about.
pub(super) fn fit_text(text: &str, size: f64, width: f64) -> String {
    let letters = (width / (size * LETTER)).max(2.0) as usize;
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let cut: String = text.chars().take(letters - 1).collect();
    cut + "…"
}

/// How a text is written.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    pub size: f64,
    pub color: RGBColor,
    pub bold: bool,
    /// Written upwards.
    pub upward: bool,
    pub h: HPos,
    pub v: VPos,
}

impl Letters {
    pub(super) fn new(size: f64, h: HPos, v: VPos) -> Self {
        Self {
            size,
            color: INK,
            bold: false,
            upward: false,
            h,
            v,
        }
    }
}

pub(super) struct Canvas {
    width: u32,
    height: u32,
    svg: String,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let mut canvas = Self {
            width,
            height,
            svg: String::new(),
        };
        canvas.rectangle((0.0, 0.0), (width.into(), height.into()), WHITE);
        canvas
    }

    /// Draws one thing; a backend that writes into memory does not fail.
    fn draw(&mut self, thing: impl FnOnce(&mut SVGBackend<'_>) -> Option<()>) {
        let mut drawn = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut drawn, (1, 1));
            let _ = thing(&mut backend);
            let _ = backend.present();
        }
        // Between the document's own first and last tags.
        if let (Some(start), Some(end)) = (drawn.find(">\n"), drawn.rfind("</svg>")) {
            self.svg += &drawn[start + 2..end];
        }
    }

    pub(super) fn text(&mut self, text: &str, at: (f64, f64), letters: Letters) {
        let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
        let font = (FONT, letters.size * UNITS * FONT_SCALE);
        let mut style = TextStyle::from(font)
            .color(&letters.color)
            .pos(Pos::new(letters.h, letters.v));
        if letters.bold {
            style.font = style.font.style(FontStyle::Bold);
        }
        if letters.upward {
            style = style.transform(FontTransform::Rotate270);
        }
        self.draw(|backend| backend.draw_text(&text, &style, units(at)).ok());
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, width: f64) {
        self.path(&[from, to], color.to_rgba(), width);
    }

    fn path(&mut self, points: &[(f64, f64)], color: RGBAColor, width: f64) {
        let style = ShapeStyle {
            color,
            filled: false,
            stroke_width: (width * UNITS) as u32,
        };
        let points: Vec<_> = points.iter().copied().map(units).collect();
        self.draw(|backend| backend.draw_path(points, &style).ok());
    }

    pub(super) fn rectangle(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor) {
        self.draw(|backend| {
            backend
                .draw_rect(units(from), units(to), &color.to_rgba(), true)
                .ok()
        });
    }

    /// The mark of a group: a disc, square, triangle or diamond with a white edge.
    pub(super) fn mark(&mut self, group: usize, at: (f64, f64), radius: f64) {
        let fill = color(group).mix(0.85);
        let r = radius;
        let corners: &[(f64, f64)] = match group % 4 {
            0 => {
                let edge = ShapeStyle {
                    color: WHITE.to_rgba(),
                    filled: false,
                    stroke_width: (0.7 * UNITS) as u32,
                };
                let radius = (radius * UNITS) as u32;
                self.draw(|backend| {
                    backend.draw_circle(units(at), radius, &fill, true).ok()?;
                    backend.draw_circle(units(at), radius, &edge, false).ok()
                });
                return;
            }
            1 => &[
                (-0.88, -0.88),
                (0.88, -0.88),
                (0.88, 0.88),
                (-0.88, 0.88),
                (-0.88, -0.88),
            ],
            2 => &[(0.0, -1.2), (1.08, 0.75), (-1.08, 0.75), (0.0, -1.2)],
            _ => &[
                (0.0, -1.25),
                (1.25, 0.0),
                (0.0, 1.25),
                (-1.25, 0.0),
                (0.0, -1.25),
            ],
        };
        let corners: Vec<_> = corners
            .iter()
            .map(|(x, y)| (at.0 + r * x, at.1 + r * y))
            .collect();
        let polygon: Vec<_> = corners.iter().copied().map(units).collect();
        self.draw(|backend| backend.fill_polygon(polygon, &fill).ok());
        self.path(&corners, WHITE.to_rgba(), 0.7);
    }

    /// The document. `description` is for readers who do not see it.
    pub(super) fn finish(self, description: &str) -> String {
        let (width, height) = (self.width, self.height);
        let description: String = description
            .chars()
            .filter(|letter| !letter.is_control())
            .collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" \
             style=\"max-width:100%;height:auto\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n",
            f64::from(width) * UNITS,
            f64::from(height) * UNITS,
            escape(&description),
            self.svg
        )
    }
}

fn units((x, y): (f64, f64)) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}
