//! Objects found in images: how much boxes overlap, and average precision over detections.

mod average;
mod matching;

pub use average::{ClassDetection, DetectionScores, MeanAveragePrecision, Protocol};

use crate::{Error, Result};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A box along the axes, in pixels or any other unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundingBox {
    x_min: f64,
    y_min: f64,
    x_max: f64,
    y_max: f64,
}

impl BoundingBox {
    /// From two corners.
    ///
    /// # Errors
    /// When a corner is not finite, or the second is left of or above the first.
    pub fn new(x_min: f64, y_min: f64, x_max: f64, y_max: f64) -> Result<Self> {
        let is_finite = [x_min, y_min, x_max, y_max].iter().all(|v| v.is_finite());
        if !is_finite || x_max < x_min || y_max < y_min {
            return Err(Error::parameter(
                "bounding box",
                "finite corners with x_min ≤ x_max and y_min ≤ y_max",
                format!("({x_min}, {y_min}) to ({x_max}, {y_max})"),
            ));
        }
        Ok(Self {
            x_min,
            y_min,
            x_max,
            y_max,
        })
    }

    /// From the upper left corner, width and height, as COCO writes boxes.
    ///
    /// # Errors
    /// When a number is not finite, or width or height are below 0.
    pub fn from_xywh(x: f64, y: f64, width: f64, height: f64) -> Result<Self> {
        Self::new(x, y, x + width, y + height)
    }

    /// The corners: x_min, y_min, x_max, y_max.
    pub fn corners(&self) -> [f64; 4] {
        [self.x_min, self.y_min, self.x_max, self.y_max]
    }

    /// Width times height.
    pub fn area(&self) -> f64 {
        (self.x_max - self.x_min) * (self.y_max - self.y_min)
    }

    /// The area that two boxes share.
    pub fn intersection(&self, other: &Self) -> f64 {
        let width = self.x_max.min(other.x_max) - self.x_min.max(other.x_min);
        let height = self.y_max.min(other.y_max) - self.y_min.max(other.y_min);
        width.max(0.0) * height.max(0.0)
    }
}

/// Intersection over union of two boxes: the area that they share over the area that they cover together, in \[0, 1\].
///
/// 0 when they do not touch, also for boxes without area.
///
/// ```
/// use mlcourse::metrics::{BoundingBox, iou};
///
/// let (a, b) = (BoundingBox::new(0.0, 0.0, 2.0, 2.0)?, BoundingBox::new(1.0, 0.0, 3.0, 2.0)?);
/// assert_eq!(iou(&a, &b), 1.0 / 3.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
pub fn iou(a: &BoundingBox, b: &BoundingBox) -> f64 {
    match a.intersection(b) {
        0.0 => 0.0,
        shared => shared / (a.area() + b.area() - shared),
    }
}

/// The [`iou`] of each box of one list with each of another, shape (n, m).
///
/// ```
/// use mlcourse::metrics::{BoundingBox, iou_matrix};
///
/// let boxes = [BoundingBox::new(0.0, 0.0, 1.0, 1.0)?, BoundingBox::new(5.0, 5.0, 6.0, 6.0)?];
/// assert_eq!(iou_matrix(&boxes, &boxes).diag().sum(), 2.0);
/// # Ok::<(), mlcourse::Error>(())
/// ```
pub fn iou_matrix(left: &[BoundingBox], right: &[BoundingBox]) -> Array2<f64> {
    Array2::from_shape_fn((left.len(), right.len()), |(row, column)| {
        iou(&left[row], &right[column])
    })
}

/// An object that is in an image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrueObject {
    /// The image.
    pub image: usize,
    /// The class.
    pub label: usize,
    /// Where it is.
    pub bounding_box: BoundingBox,
    /// Whether it is neither to be found nor wrong to find: a crowd in COCO, a difficult object in VOC.
    pub is_ignored: bool,
}

impl TrueObject {
    /// An object that is to be found.
    pub fn new(image: usize, label: usize, bounding_box: BoundingBox) -> Self {
        Self {
            image,
            label,
            bounding_box,
            is_ignored: false,
        }
    }

    /// The same, neither to be found nor wrong to find.
    #[must_use]
    pub fn ignored(mut self) -> Self {
        self.is_ignored = true;
        self
    }
}

/// An object that a model believes to be in an image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// The image.
    pub image: usize,
    /// The class.
    pub label: usize,
    /// How sure the model is.
    pub score: f64,
    /// Where it is.
    pub bounding_box: BoundingBox,
}

impl Detection {
    /// An object with its score.
    pub fn new(image: usize, label: usize, score: f64, bounding_box: BoundingBox) -> Self {
        Self {
            image,
            label,
            score,
            bounding_box,
        }
    }
}
