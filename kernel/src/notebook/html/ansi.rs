//! Terminal text as HTML: colours become spans, carriage returns overwrite their line.

use super::escape;
use std::fmt::Write as _;

/// Text with its colour codes, and every other control character, taken out.
pub fn without_colours(text: &str) -> String {
    pieces(text)
        .filter_map(|piece| {
            if let Piece::Text(text) = piece {
                Some(text)
            } else {
                None
            }
        })
        .collect()
}

/// Terminal text as escaped HTML with spans of the classes `fg1`, `bg4`, `bold` and so on.
pub(super) fn to_html(text: &str) -> String {
    let text = overwrite_lines(text);
    let mut html = String::with_capacity(text.len());
    let mut style = Style::default();
    for piece in pieces(&text) {
        match piece {
            Piece::Codes(codes) => style.apply(codes),
            Piece::Text(text) => style.wrap(&escape(text), &mut html),
        }
    }
    html
}

/// What a terminal would show of lines that are written over, such as progress bars.
fn overwrite_lines(text: &str) -> String {
    let last_pass = |line: &str| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.rsplit('\r')
            .find(|pass| !pass.is_empty())
            .unwrap_or_default()
            .to_owned()
    };
    text.split('\n')
        .map(last_pass)
        .collect::<Vec<_>>()
        .join("\n")
}

enum Piece<'a> {
    Text(&'a str),
    /// The parameters of a "select graphic rendition".
    Codes(&'a str),
}

/// Splits at escape sequences and drops those that are not about colour.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
            match rest.find(control) {
                Some(0) => {}
                end => {
                    let (plain, after) = rest.split_at(end.unwrap_or(rest.len()));
                    rest = after;
                    return Some(Piece::Text(plain));
                }
            }
            let (codes, after) = take_escape(rest);
            rest = after;
            if let Some(codes) = codes {
                return Some(Piece::Codes(codes));
            }
        }
    })
}

/// Reads one control character, with the sequence it begins if it is an escape.
fn take_escape(text: &str) -> (Option<&str>, &str) {
    if let Some(body) = text.strip_prefix("\u{1b}[") {
        let end = body.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
        let Some(end) = end else { return (None, "") };
        let codes = (body.as_bytes()[end] == b'm').then(|| &body[..end]);
        return (codes, &body[end + 1..]);
    }
    // A title or a link ends with a bell or a "string terminator".
    if let Some(body) = text.strip_prefix("\u{1b}]") {
        let bell = body.find('\u{7}').map(|at| (at, 1));
        let end = body
            .find("\u{1b}\\")
            .map(|at| (at, 2))
            .into_iter()
            .chain(bell)
            .min();
        return (None, end.map_or("", |(at, length)| &body[at + length..]));
    }
    (
        None,
        text.chars()
            .next()
            .map_or("", |first| &text[first.len_utf8()..]),
    )
}

#[derive(Default)]
struct Style {
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    foreground: Colour,
    background: Colour,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Colour {
    #[default]
    Default,
    /// One of the sixteen that the page's theme defines.
    Named(u8),
    Exact(u8, u8, u8),
}

impl Style {
    fn apply(&mut self, codes: &str) {
        let mut codes = codes
            .split([';', ':'])
            .map(|code| code.parse::<u8>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                30..=37 => self.foreground = Colour::Named(code - 30),
                38 => self.foreground = extended(&mut codes),
                39 => self.foreground = Colour::Default,
                40..=47 => self.background = Colour::Named(code - 40),
                48 => self.background = extended(&mut codes),
                49 => self.background = Colour::Default,
                90..=97 => self.foreground = Colour::Named(code - 90 + 8),
                100..=107 => self.background = Colour::Named(code - 100 + 8),
                _ => {}
            }
        }
    }

    fn wrap(&self, text: &str, html: &mut String) {
        let mut classes = Vec::new();
        let mut styles = String::new();
        for (on, class) in [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
        ] {
            if on {
                classes.push(class.to_owned());
            }
        }
        for (colour, class, property) in [
            (self.foreground, "fg", "color"),
            (self.background, "bg", "background-color"),
        ] {
            match colour {
                Colour::Default => {}
                Colour::Named(number) => classes.push(format!("{class}{number}")),
                Colour::Exact(r, g, b) => _ = write!(styles, "{property}:rgb({r},{g},{b});"),
            }
        }
        if classes.is_empty() && styles.is_empty() {
            html.push_str(text);
            return;
        }
        html.push_str("<span");
        if !classes.is_empty() {
            _ = write!(html, " class=\"{}\"", classes.join(" "));
        }
        if !styles.is_empty() {
            _ = write!(html, " style=\"{styles}\"");
        }
        _ = write!(html, ">{text}</span>");
    }
}

/// Reads `5;N` (256 colours) or `2;R;G;B`.
fn extended(codes: &mut impl Iterator<Item = u8>) -> Colour {
    match codes.next() {
        Some(5) => match codes.next().unwrap_or(0) {
            named @ 0..=15 => Colour::Named(named),
            cube @ 16..=231 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = cube - 16;
                Colour::Exact(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            grey => {
                let level = 8 + 10 * (grey - 232);
                Colour::Exact(level, level, level)
            }
        },
        Some(2) => {
            let mut next = || codes.next().unwrap_or(0);
            Colour::Exact(next(), next(), next())
        }
        _ => Colour::Default,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_spans_and_text_is_escaped() {
        assert_eq!(
            to_html("\u{1b}[1;31merror\u{1b}[0m: a < b"),
            "<span class=\"bold fg1\">error</span>: a &lt; b"
        );
        assert_eq!(
            to_html("\u{1b}[38;5;196mx"),
            "<span style=\"color:rgb(255,0,0);\">x</span>"
        );
        assert_eq!(
            to_html("\u{1b}[48;2;1;2;3mx"),
            "<span style=\"background-color:rgb(1,2,3);\">x</span>"
        );
        assert_eq!(
            to_html("\u{1b}[38;5;9mx\u{1b}[39my"),
            "<span class=\"fg9\">x</span>y"
        );
    }

    #[test]
    fn a_line_that_is_written_over_shows_its_last_state() {
        assert_eq!(to_html("10 %\r55 %\r100 %\ndone\r\n"), "100 %\ndone\n");
        assert_eq!(to_html("10 %\r"), "10 %");
    }

    #[test]
    fn other_sequences_and_control_characters_disappear() {
        assert_eq!(
            to_html("a\u{1b}[2Kb\u{7}c\u{0}\u{1b}]8;;http://x\u{1b}\\d\u{1b}"),
            "abcd"
        );
        assert_eq!(without_colours("\u{1b}[31mé\u{1b}[0m!\u{1b}[3"), "é!");
    }
}
