//! Pictures of data and results, as SVG: they show in a notebook, scale with the page and save to a file.
//!
//! A [`Plot`] is a value: a function of this module makes it, methods give it a title, axis labels and a size. In a terminal
//! it prints as a description in words, which a screen reader reads too. The colours stay apart for colour-blind readers
//! (seaborn's *colorblind* palette), and groups differ in shape as well.
//!
//! ```
//! use mlcourse::prelude::*;
//!
//! let iris = datasets::iris();
//! let picture = plot::scatter(&iris.column("petal length (cm)")?, &iris.column("petal width (cm)")?)?
//!     .color_by(iris.labels()?, iris.target_names())?
//!     .title("Iris")
//!     .x_label("petal length (cm)")
//!     .y_label("petal width (cm)");
//! assert!(picture.svg().starts_with("<svg"));
//! println!("{picture}");
//! # Ok::<(), mlcourse::Error>(())
//! ```
//!
//! Drawn on [plotters](https://docs.rs/plotters), which `mlcourse::plotters` holds for any other picture.

mod axis;
mod canvas;
mod heatmap;
mod points;

use crate::display::{Display, MimeBundle};
use crate::metrics::ConfusionMatrix;
use crate::{Error, Result, check};
use canvas::Canvas;
use heatmap::Heatmap;
use ndarray::ArrayRef1;
use points::Points;
use std::fmt;
use std::path::Path;

/// A picture. It shows as SVG in a notebook and prints as words.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    frame: Frame,
    content: Content,
}

/// What surrounds the content.
#[derive(Clone, Debug, PartialEq)]
struct Frame {
    title: String,
    x_label: String,
    y_label: String,
    width: u32,
    height: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    Points(Points),
    Heatmap(Heatmap),
}

/// The points (x_i, y_i). See [`Plot::color_by`] to tell groups apart.
///
/// ```
/// use mlcourse::prelude::*;
///
/// let picture = plot::scatter(&array![1.0, 2.0, 3.0], &array![1.0, 4.0, 9.0])?.title("Squares");
/// assert_eq!(picture.to_string(), "Scatter plot “Squares”: 3 points, x from 1 to 3, y from 1 to 9.");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// # Errors
/// When the arguments are empty, differ in length or are not finite.
pub fn scatter(x: &ArrayRef1<f64>, y: &ArrayRef1<f64>) -> Result<Plot> {
    check::same_length("x", x.len(), "y", y.len())?;
    check::column("x", x)?;
    check::column("y", y)?;
    Ok(Plot {
        frame: Frame::new("x", "y", 640, 420),
        content: Content::Points(Points::new(x, y)),
    })
}

/// A confusion matrix in colour: the darker a cell, the larger the share of its true class (row).
///
/// ```
/// use mlcourse::prelude::*;
///
/// let matrix = confusion_matrix(&array![0, 0, 1], &array![0, 1, 1])?.target_names(&["cat", "dog"])?;
/// let picture = plot::confusion_matrix(&matrix).title("Cats and dogs");
/// assert!(picture.to_string().contains("1 cat is predicted as dog"));
/// # Ok::<(), mlcourse::Error>(())
/// ```
pub fn confusion_matrix(matrix: &ConfusionMatrix) -> Plot {
    Plot {
        frame: Frame::new("Predicted class", "True class", 480, 420),
        content: Content::Heatmap(Heatmap::new(matrix)),
    }
}

impl Frame {
    fn new(x_label: &str, y_label: &str, width: u32, height: u32) -> Self {
        Self {
            title: String::new(),
            x_label: x_label.to_owned(),
            y_label: y_label.to_owned(),
            width,
            height,
        }
    }
}

impl Plot {
    /// The line above the picture.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.frame.title = title.to_owned();
        self
    }

    /// What the horizontal axis shows, with its unit.
    #[must_use]
    pub fn x_label(mut self, label: &str) -> Self {
        self.frame.x_label = label.to_owned();
        self
    }

    /// What the vertical axis shows, with its unit.
    #[must_use]
    pub fn y_label(mut self, label: &str) -> Self {
        self.frame.y_label = label.to_owned();
        self
    }

    /// The size in pixels, each from 120 to 4000; a size outside is moved there.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.frame.width = width.clamp(120, 4000);
        self.frame.height = height.clamp(120, 4000);
        self
    }

    /// Gives the points of each group a colour, a shape and a line in the legend: point i belongs to group `groups[i]`,
    /// which is named `names[groups[i]]`. A picture without points stays as it is.
    ///
    /// # Errors
    /// When there is not one group for each point, or a group without a name.
    pub fn color_by<S: AsRef<str>>(
        mut self,
        groups: &ArrayRef1<usize>,
        names: &[S],
    ) -> Result<Self> {
        if let Content::Points(points) = &mut self.content {
            check::same_length("x", points.len(), "groups", groups.len())?;
            let largest = groups.iter().max().copied().unwrap_or(0);
            if largest >= names.len() {
                return Err(Error::NameCount {
                    what: "names",
                    each: format!("the groups 0 to {largest}"),
                    expected: largest + 1,
                    found: names.len(),
                });
            }
            points.group(
                groups,
                names.iter().map(|name| name.as_ref().to_owned()).collect(),
            );
        }
        Ok(self)
    }

    /// The picture as an SVG document.
    pub fn svg(&self) -> String {
        let mut canvas = Canvas::new(self.frame.width, self.frame.height);
        match &self.content {
            Content::Points(points) => points.draw(&self.frame, &mut canvas),
            Content::Heatmap(heatmap) => heatmap.draw(&self.frame, &mut canvas),
        }
        canvas.finish(&self.to_string())
    }

    /// Writes the picture into an SVG file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save(path.as_ref(), &self.svg())
    }
}

fn save(path: &Path, svg: &str) -> Result<()> {
    std::fs::write(path, svg).map_err(|error| Error::Save {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}

impl fmt::Display for Plot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Points(points) => points.describe(&self.frame, f),
            Content::Heatmap(heatmap) => heatmap.describe(&self.frame, f),
        }
    }
}

impl Frame {
    /// The title in quotes, when there is one.
    fn quoted_title(&self) -> String {
        if self.title.is_empty() {
            String::new()
        } else {
            format!(" “{}”", self.title)
        }
    }
}

impl Display for Plot {
    fn bundle(&self) -> MimeBundle {
        MimeBundle::text(self.to_string()).with("image/svg+xml", self.svg())
    }
}
