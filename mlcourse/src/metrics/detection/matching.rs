//! Which detections find which objects, in one image and for one class.

use super::{Detection, TrueObject, iou};

/// What became of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It finds an object that no better one has found.
    Right,
    /// It finds nothing, or what is found already.
    Wrong,
    /// It finds what does not count.
    Ignored,
}

/// COCO: the surest detection first, each takes the object that it overlaps most of those still free, with at least
/// `threshold`; objects that do not count only when no other is left, and as often as wanted.
pub(super) fn coco(
    objects: &[&TrueObject],
    detections: &[&Detection],
    threshold: f64,
) -> Vec<Fate> {
    let mut free = vec![true; objects.len()];
    detections
        .iter()
        .map(|detection| {
            let mut best: Option<(usize, f64)> = None;
            // Objects that count first; only without one of them, the others.
            for is_ignored in [false, true] {
                if best.is_some() {
                    break;
                }
                for (place, object) in objects.iter().enumerate() {
                    if object.is_ignored != is_ignored || (!free[place] && !is_ignored) {
                        continue;
                    }
                    let overlap = overlap(object, detection);
                    let wanted = best.map_or(threshold.min(1.0 - 1e-10), |(_, most)| most);
                    if overlap >= wanted {
                        best = Some((place, overlap));
                    }
                }
            }
            match best {
                None => Fate::Wrong,
                Some((place, _)) if objects[place].is_ignored => Fate::Ignored,
                Some((place, _)) => {
                    free[place] = false;
                    Fate::Right
                }
            }
        })
        .collect()
}

/// Intersection over union; of an object that does not count (a crowd), over the detection.
fn overlap(object: &TrueObject, detection: &Detection) -> f64 {
    let (object_box, found) = (&object.bounding_box, &detection.bounding_box);
    if !object.is_ignored {
        return iou(object_box, found);
    }
    match object_box.intersection(found) {
        0.0 => 0.0,
        shared => shared / found.area(),
    }
}

/// VOC: the surest detection first, each is for the object that it overlaps most, free or not, with more than `threshold`.
pub(super) fn voc(objects: &[&TrueObject], detections: &[&Detection], threshold: f64) -> Vec<Fate> {
    let mut free = vec![true; objects.len()];
    detections
        .iter()
        .map(|detection| {
            let mut best = (0, f64::NEG_INFINITY);
            for (place, object) in objects.iter().enumerate() {
                let overlap = iou(&object.bounding_box, &detection.bounding_box);
                if overlap > best.1 {
                    best = (place, overlap);
                }
            }
            let (place, overlap) = best;
            if overlap <= threshold {
                Fate::Wrong
            } else if objects[place].is_ignored {
                Fate::Ignored
            } else if std::mem::take(&mut free[place]) {
                Fate::Right
            } else {
                Fate::Wrong
            }
        })
        .collect()
}
