//! Rows and columns of text, drawn as text or as an HTML table.

use super::MimeBundle;

const PADDING: &str = "padding:.2em .6em";

/// Text in rows and columns, ready to draw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    /// The names of the columns; none for an array.
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Whether a column is flush left.
    pub left: Vec<bool>,
    /// The style of a cell in HTML, by row and column; missing is none.
    pub styles: Vec<Vec<String>>,
    pub title: String,
    pub caption: String,
}

impl Grid {
    pub(crate) fn bundle(&self) -> MimeBundle {
        MimeBundle::text(self.text()).with("text/html", self.html())
    }

    pub(crate) fn text(&self) -> String {
        let n_columns = self
            .rows
            .iter()
            .chain([&self.header])
            .map(Vec::len)
            .max()
            .unwrap_or(0);
        let mut widths = vec![0; n_columns];
        for row in self.rows.iter().chain([&self.header]) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |row: &Vec<String>| -> String {
            let mut line = String::new();
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if column > 0 {
                    line.push_str("  ");
                }
                line.push_str(&if self.is_left(column) {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                });
            }
            line.trim_end().to_owned()
        };
        let mut lines = Vec::new();
        if !self.title.is_empty() {
            lines.push(self.title.clone());
        }
        if !self.header.is_empty() {
            lines.push(line(&self.header));
        }
        lines.extend(self.rows.iter().map(line));
        if !self.caption.is_empty() {
            lines.push(self.caption.clone());
        }
        lines.join("\n")
    }

    pub(crate) fn html(&self) -> String {
        let mut html = String::from(
            "<div class=\"mlcourse\"><table style=\"font-variant-numeric:tabular-nums;border-collapse:collapse\">",
        );
        if !self.header.is_empty() {
            html += "<thead><tr>";
            for (column, name) in self.header.iter().enumerate() {
                html += &format!(
                    "<th style=\"text-align:{};{PADDING}\">{}</th>",
                    self.align(column),
                    escape(name)
                );
            }
            html += "</tr></thead>";
        }
        html += "<tbody>";
        for (row, cells) in self.rows.iter().enumerate() {
            html += "<tr>";
            for (column, cell) in cells.iter().enumerate() {
                let style = self.styles.get(row).and_then(|styles| styles.get(column));
                html += &format!(
                    "<td style=\"text-align:{};{PADDING}{}{}\">{}</td>",
                    self.align(column),
                    if style.is_some() { ";" } else { "" },
                    style.map_or("", String::as_str),
                    escape(cell)
                );
            }
            html += "</tr>";
        }
        html += "</tbody></table>";
        for line in [&self.title, &self.caption] {
            if !line.is_empty() {
                html += &format!("<div style=\"opacity:.75\">{}</div>", escape(line));
            }
        }
        html += "</div>";
        html
    }

    fn is_left(&self, column: usize) -> bool {
        self.left.get(column).copied().unwrap_or(false)
    }

    fn align(&self, column: usize) -> &'static str {
        if self.is_left(column) {
            "left"
        } else {
            "right"
        }
    }
}

/// Text made safe inside HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            _ => safe.push(character),
        }
    }
    safe
}

/// Which of `len` places are shown: all, or the first and last `ends` with a gap (`None`) between.
pub(crate) fn elide(len: usize, most: usize, ends: usize) -> Vec<Option<usize>> {
    if len <= most {
        return (0..len).map(Some).collect();
    }
    (0..ends)
        .map(Some)
        .chain([None])
        .chain((len - ends..len).map(Some))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_cell_is_text() {
        let grid = Grid {
            header: vec!["<b>".into()],
            rows: vec![vec!["<script>alert('1')</script>".into()]],
            ..Grid::default()
        };
        let html = grid.html();
        assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)"));
    }

    #[test]
    fn a_long_list_keeps_its_ends() {
        assert_eq!(elide(3, 4, 1), [Some(0), Some(1), Some(2)]);
        assert_eq!(elide(5, 4, 1), [Some(0), None, Some(4)]);
    }
}
