use super::matching::{self, Fate};
use super::{Detection, TrueObject};
use crate::display::{Display, MimeBundle, Table};
use crate::{Error, Result, check};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How detections are matched, and how a precision-recall curve becomes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// The mean precision at the 101 recalls 0, 0.01, … 1, at the 10 overlaps 0.5, 0.55, … 0.95; the 100 surest detections
    /// an image and class.
    Coco,
    /// The mean precision at the 11 recalls 0, 0.1, … 1, at the overlap 0.5.
    Voc2007,
    /// The area under the precision-recall curve, at the overlap 0.5.
    Voc2010,
}

/// The mean average precision of detections.
///
/// For each class, detections of all images are ranked by score, the surest first. Each is right if it overlaps an object
/// of its class (intersection over union) at least by a threshold, and no better detection has found it. Precision is made
/// to fall along the ranking (at each recall, the largest at this or a larger recall), and its mean over the recalls is the
/// average precision AP; its mean over classes (and, in COCO, over thresholds) is mAP.
///
/// | choice | default | meaning |
/// |---|---|---|
/// | `protocol` | – | [`Protocol::Coco`], [`Protocol::Voc2007`], [`Protocol::Voc2010`] |
/// | `iou_thresholds` | the protocol's | the overlaps asked for, in (0, 1\] |
/// | `max_detections` | COCO: 100; VOC: all | the surest detections of an image and class that count |
///
/// Boxes are continuous: a box from 0 to 2 is 2 wide. (The old VOC scripts count pixels, and would say 3.)
///
/// ```
/// use mlcourse::metrics::{BoundingBox, Detection, MeanAveragePrecision, Protocol, TrueObject};
///
/// let object = BoundingBox::new(0.0, 0.0, 10.0, 10.0)?;
/// let found = BoundingBox::new(0.0, 0.0, 10.0, 8.0)?;
/// let elsewhere = BoundingBox::new(50.0, 50.0, 60.0, 60.0)?;
/// let truth = [TrueObject::new(0, 1, object)];
/// let detections = [Detection::new(0, 1, 0.9, found), Detection::new(0, 1, 0.3, elsewhere)];
///
/// let scores = MeanAveragePrecision::new(Protocol::Coco).compute(&truth, &detections)?;
/// assert_eq!(scores.map_at(0.5), Some(1.0));
/// assert!((scores.map() - 0.7).abs() < 1e-12); // an overlap of 0.8: good for 7 of 10 thresholds
/// println!("{scores}");
/// # Ok::<(), mlcourse::Error>(())
/// ```
///
/// Source: COCO, *COCOeval* (pycocotools); Pascal VOC, *voc_eval*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanAveragePrecision {
    protocol: Protocol,
    iou_thresholds: Vec<f64>,
    max_detections: Option<usize>,
}

impl MeanAveragePrecision {
    /// With the choices of a protocol.
    pub fn new(protocol: Protocol) -> Self {
        let step = (0.95 - 0.5) / 9.0;
        let coco = || (0..9).map(|i| 0.5 + f64::from(i) * step).chain([0.95]);
        Self {
            protocol,
            iou_thresholds: match protocol {
                Protocol::Coco => coco().collect(),
                Protocol::Voc2007 | Protocol::Voc2010 => vec![0.5],
            },
            max_detections: (protocol == Protocol::Coco).then_some(100),
        }
    }

    /// The overlaps asked for.
    #[must_use]
    pub fn iou_thresholds(mut self, thresholds: &[f64]) -> Self {
        self.iou_thresholds = thresholds.to_vec();
        self
    }

    /// The surest detections of an image and class that count.
    #[must_use]
    pub fn max_detections(mut self, max_detections: usize) -> Self {
        self.max_detections = Some(max_detections);
        self
    }

    /// Compares detections with the objects that are there.
    ///
    /// # Errors
    /// When there is no object, a score is not finite, or a threshold is not in (0, 1\].
    pub fn compute(
        &self,
        truth: &[TrueObject],
        detections: &[Detection],
    ) -> Result<DetectionScores> {
        check::not_empty("truth", truth.len())?;
        check::not_empty("iou_thresholds", self.iou_thresholds.len())?;
        for &threshold in &self.iou_thresholds {
            if !(threshold > 0.0 && threshold <= 1.0) {
                return Err(Error::parameter("iou_thresholds", "in (0, 1]", threshold));
            }
        }
        if let Some(row) = detections.iter().position(|d| !d.score.is_finite()) {
            return Err(Error::NotFinite {
                what: "detections",
                row,
                column: 0,
                value: detections[row].score,
            });
        }
        let mut classes: BTreeMap<usize, Images<'_>> = BTreeMap::new();
        for object in truth {
            let images = classes.entry(object.label).or_default();
            images.entry(object.image).or_default().0.push(object);
        }
        // A detection of a class that no image holds cannot be judged.
        for detection in detections {
            if let Some(images) = classes.get_mut(&detection.label) {
                images.entry(detection.image).or_default().1.push(detection);
            }
        }
        let classes: Vec<(usize, Images<'_>)> = classes.into_iter().collect();
        let classes: Vec<ClassDetection> = classes
            .into_par_iter()
            .map(|(label, images)| self.of_class(label, images))
            .collect();
        Ok(DetectionScores {
            iou_thresholds: self.iou_thresholds.clone(),
            classes: classes
                .into_iter()
                .filter(|class| class.n_objects > 0)
                .collect(),
            n_images: truth.iter().map(|o| o.image).collect::<BTreeSet<_>>().len(),
        })
    }

    fn of_class(&self, label: usize, mut images: Images<'_>) -> ClassDetection {
        for (_, detections) in images.values_mut() {
            detections.sort_by(|a, b| b.score.total_cmp(&a.score));
            detections.truncate(self.max_detections.unwrap_or(usize::MAX));
        }
        let objects = images.values().flat_map(|(objects, _)| objects);
        let n_objects = objects.filter(|object| !object.is_ignored).count();
        let (mut precisions, mut recalls) = (Vec::new(), Vec::new());
        for &threshold in &self.iou_thresholds {
            let mut fates: Vec<(f64, Fate)> = Vec::new();
            for (objects, detections) in images.values() {
                let matched = match self.protocol {
                    Protocol::Coco => matching::coco(objects, detections, threshold),
                    _ => matching::voc(objects, detections, threshold),
                };
                fates.extend(detections.iter().map(|d| d.score).zip(matched));
            }
            fates.retain(|(_, fate)| *fate != Fate::Ignored);
            fates.sort_by(|a, b| b.0.total_cmp(&a.0));
            let curve = Curve::new(&fates, n_objects);
            precisions.push(curve.average_precision(self.protocol));
            recalls.push(curve.recall.last().copied().unwrap_or(0.0));
        }
        ClassDetection {
            label,
            n_objects,
            precisions,
            recalls,
        }
    }
}

/// The objects and the detections of each image.
type Images<'a> = BTreeMap<usize, (Vec<&'a TrueObject>, Vec<&'a Detection>)>;

/// Recall along the ranking, and the largest precision at this recall or a larger one.
struct Curve {
    recall: Vec<f64>,
    precision: Vec<f64>,
}

impl Curve {
    fn new(fates: &[(f64, Fate)], n_objects: usize) -> Self {
        let (mut recall, mut precision) = (Vec::new(), Vec::new());
        let mut n_right = 0.0;
        for (place, (_, fate)) in fates.iter().enumerate() {
            n_right += f64::from(*fate == Fate::Right);
            recall.push(n_right / n_objects as f64);
            precision.push(n_right / (place + 1) as f64);
        }
        let mut best: f64 = 0.0;
        for value in precision.iter_mut().rev() {
            best = best.max(*value);
            *value = best;
        }
        Self { recall, precision }
    }

    /// The precision from where the recall is reached; 0 where it never is.
    fn at(&self, recall: f64) -> f64 {
        let place = self.recall.partition_point(|&reached| reached < recall);
        self.precision.get(place).copied().unwrap_or(0.0)
    }

    fn average_precision(&self, protocol: Protocol) -> f64 {
        let mean_at = |n_points: u32| {
            let step = 1.0 / f64::from(n_points - 1);
            let recalls = (0..n_points).map(|point| f64::from(point) * step);
            recalls.map(|recall| self.at(recall)).sum::<f64>() / f64::from(n_points)
        };
        match protocol {
            Protocol::Coco => mean_at(101),
            Protocol::Voc2007 => mean_at(11),
            Protocol::Voc2010 => {
                let mut before = 0.0;
                let steps = self.recall.iter().zip(&self.precision);
                steps
                    .map(|(&recall, precision)| {
                        let step = recall - before;
                        before = recall;
                        step * precision
                    })
                    .sum()
            }
        }
    }
}

/// How well the objects of one class are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassDetection {
    label: usize,
    n_objects: usize,
    precisions: Vec<f64>,
    recalls: Vec<f64>,
}

impl ClassDetection {
    /// The class.
    pub fn label(&self) -> usize {
        self.label
    }

    /// How many objects there are to find.
    pub fn n_objects(&self) -> usize {
        self.n_objects
    }

    /// The average precision at each threshold.
    pub fn average_precisions(&self) -> &[f64] {
        &self.precisions
    }

    /// The mean of these.
    pub fn average_precision(&self) -> f64 {
        mean(self.precisions.iter().copied())
    }

    /// The share of the objects that are found, at each threshold.
    pub fn recalls(&self) -> &[f64] {
        &self.recalls
    }
}

/// What [`MeanAveragePrecision`] computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionScores {
    iou_thresholds: Vec<f64>,
    classes: Vec<ClassDetection>,
    n_images: usize,
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

impl DetectionScores {
    /// The mean over classes and thresholds of the average precision; NaN if all objects are ignored.
    pub fn map(&self) -> f64 {
        mean(self.classes.iter().map(ClassDetection::average_precision))
    }

    /// The mean over classes of the average precision at one threshold, if it is among those asked for.
    pub fn map_at(&self, iou_threshold: f64) -> Option<f64> {
        let close = |threshold: &f64| (threshold - iou_threshold).abs() < 1e-9;
        let place = self.iou_thresholds.iter().position(close)?;
        Some(mean(
            self.classes.iter().map(|class| class.precisions[place]),
        ))
    }

    /// The mean over classes and thresholds of the share of objects that are found.
    pub fn mean_recall(&self) -> f64 {
        let of_class = |class: &ClassDetection| mean(class.recalls.iter().copied());
        mean(self.classes.iter().map(of_class))
    }

    /// The thresholds.
    pub fn iou_thresholds(&self) -> &[f64] {
        &self.iou_thresholds
    }

    /// Each class that has objects, ascending.
    pub fn classes(&self) -> &[ClassDetection] {
        &self.classes
    }

    fn table(&self) -> Table {
        let title = format!(
            "mAP {:.3}, mean recall {:.3}, {} images with objects",
            self.map(),
            self.mean_recall(),
            self.n_images
        );
        let mut table = Table::new(&["class", "objects", "AP", "recall"])
            .decimals(3)
            .title(title);
        for class in &self.classes {
            table.push(vec![
                class.label.to_string().into(),
                class.n_objects.into(),
                class.average_precision().into(),
                mean(class.recalls.iter().copied()).into(),
            ]);
        }
        table
    }
}

impl fmt::Display for DetectionScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Display for DetectionScores {
    fn bundle(&self) -> MimeBundle {
        self.table().bundle()
    }
}
