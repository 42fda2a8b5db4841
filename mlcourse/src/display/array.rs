//! Arrays as tables with their shape, long ones without their middle.

use super::grid::{Grid, elide};
use super::numbers::format_debugged;
use super::{Display, MimeBundle};
use ndarray::{ArrayBase, Data, Dimension, IxDyn};
use std::fmt::Debug;

const GAP: &str = "…";
const MAX_ROWS: usize = 20;
const END_ROWS: usize = 5;
const MAX_COLUMNS: usize = 16;
const END_COLUMNS: usize = 6;

impl<S, D> Display for ArrayBase<S, D>
where
    S: Data<Elem: Debug>,
    D: Dimension,
{
    fn bundle(&self) -> MimeBundle {
        let array = self.view().into_dyn();
        match self.ndim() {
            1 | 2 => show(self.shape(), &|index| format!("{:?}", array[IxDyn(index)])),
            _ => MimeBundle::text(format!("{self:?}")),
        }
    }
}

/// Draws an array of one or two axes, one of them as a single row.
fn show(shape: &[usize], element: &dyn Fn(&[usize]) -> String) -> MimeBundle {
    let (n_rows, n_columns) = match *shape {
        [len] => (1, len),
        [rows, columns] => (rows, columns),
        _ => return MimeBundle::text(format!("shape {shape:?}")),
    };
    let rows = elide(n_rows, MAX_ROWS, END_ROWS);
    let columns = elide(n_columns, MAX_COLUMNS, END_COLUMNS);
    let mut shown = Vec::new();
    for row in rows.iter().flatten() {
        for column in columns.iter().flatten() {
            shown.push(match shape.len() {
                1 => element(&[*column]),
                _ => element(&[*row, *column]),
            });
        }
    }
    let mut shown = format_debugged(shown).into_iter();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| match row.and(*column) {
                    Some(_) => shown.next().unwrap_or_default(),
                    None => GAP.to_owned(),
                })
                .collect()
        })
        .collect();
    let shape_text = format!("shape {shape:?}");
    let text = match shape.len() {
        1 => format!("[{}]  {shape_text}", cells.concat().join(", ")),
        _ => Grid {
            rows: cells.clone(),
            caption: shape_text.clone(),
            ..Grid::default()
        }
        .text(),
    };
    MimeBundle::text(text).with(
        "text/html",
        numbered(&rows, &columns, cells, shape_text, shape.len()).html(),
    )
}

/// The table of a page: the places, from 0, along its sides.
fn numbered(
    rows: &[Option<usize>],
    columns: &[Option<usize>],
    cells: Vec<Vec<String>>,
    caption: String,
    ndim: usize,
) -> Grid {
    let name =
        |place: &Option<usize>| place.map_or_else(|| GAP.to_owned(), |place| place.to_string());
    let mut header: Vec<String> = columns.iter().map(name).collect();
    let mut cells = cells;
    let mut styles = Vec::new();
    if ndim == 2 {
        header.insert(0, String::new());
        for (row, line) in rows.iter().zip(&mut cells) {
            line.insert(0, name(row));
            styles.push(vec!["font-weight:bold".to_owned()]);
        }
    }
    Grid {
        header,
        rows: cells,
        styles,
        caption,
        ..Grid::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, Array1, Array2, array};

    #[test]
    fn a_small_array_shows_every_number_aligned() {
        let bundle = array![[1.0, -2.5], [10.0, 3.25]].bundle();
        assert_eq!(
            bundle.get("text/plain"),
            Some(" 1.00  -2.50\n10.00   3.25\nshape [2, 2]")
        );
        let html = bundle.get("text/html").expect("there is HTML");
        assert!(html.contains("shape [2, 2]") && html.contains(">-2.50<"));
    }

    #[test]
    fn a_long_array_keeps_its_ends_only() {
        let bundle = Array1::from_iter(0..1000).bundle();
        assert_eq!(
            bundle.get("text/plain"),
            Some("[0, 1, 2, 3, 4, 5, …, 994, 995, 996, 997, 998, 999]  shape [1000]")
        );
        let bundle = Array2::<f64>::zeros((1000, 1000)).bundle();
        let html = bundle.get("text/html").expect("there is HTML");
        assert!(html.len() < 12_000, "{}", html.len());
        assert!(html.contains(">999<"));
    }

    #[test]
    fn an_empty_array_and_one_of_three_axes_show_too() {
        let empty = Array2::<f64>::zeros((0, 3)).bundle();
        assert_eq!(empty.get("text/plain"), Some("shape [0, 3]"));
        let deep = Array::<u8, _>::zeros((2, 2, 2)).bundle();
        assert!(
            deep.get("text/plain")
                .is_some_and(|text| text.contains("[0, 0]"))
        );
    }
}
