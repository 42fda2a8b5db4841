//! The file format: nbformat 4, written as 4.5.

use super::Invalid;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::path::Path;

/// A notebook: its cells and what else the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notebook {
    /// The cells, from top to bottom.
    pub cells: Vec<Cell>,
    /// The file's metadata, kept as found.
    pub metadata: Map<String, Value>,
    /// The minor version found, 5 if it was lower.
    pub minor: u64,
}

/// One cell of a notebook file.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its name, unique in the notebook.
    pub id: String,
    /// Whether it is prose or code.
    pub kind: Kind,
    /// Its text.
    pub source: String,
    /// Its metadata, kept as found; `tags` among it.
    pub metadata: Map<String, Value>,
    /// Files that its prose shows.
    pub attachments: Option<Map<String, Value>>,
}

/// What a cell is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Prose.
    Markdown,
    /// Text that no tool touches.
    Raw,
    /// Code and what it showed.
    Code(Code),
}

/// What a code cell stores beside its source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    /// The number it ran under.
    pub count: Option<u32>,
    /// What it showed.
    pub outputs: Vec<Output>,
}

/// One output. Text formats are whole strings here, JSON formats are values.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Text on a standard stream.
    Stream {
        /// `stdout` or `stderr`.
        name: String,
        /// What was written, carriage returns and colours included.
        text: String,
    },
    /// Something shown.
    Display {
        /// Formats and contents.
        data: Map<String, Value>,
        /// Its metadata.
        metadata: Map<String, Value>,
        /// The name under which it can be replaced. Lives in a run only, files do not keep it.
        id: Option<String>,
    },
    /// The value of the cell's last expression.
    Result {
        /// The cell's number.
        count: Option<u32>,
        /// Formats and contents.
        data: Map<String, Value>,
        /// Its metadata.
        metadata: Map<String, Value>,
    },
    /// Why the cell failed.
    Error {
        /// A short name.
        name: String,
        /// The message.
        message: String,
        /// The lines that a page shows.
        traceback: Vec<String>,
    },
}

impl Cell {
    /// Whether the cell bears a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        let tags = self.metadata.get("tags").and_then(Value::as_array);
        tags.is_some_and(|tags| tags.iter().any(|found| found.as_str() == Some(tag)))
    }
}

impl Notebook {
    /// Reads a notebook file.
    ///
    /// # Errors
    /// When the file cannot be read or is not a notebook of format 4.
    pub fn open(path: &Path) -> Result<Self, Invalid> {
        let bytes = std::fs::read(path).map_err(Invalid::Unreadable)?;
        // Some editors put a mark in front of UTF-8.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        Self::from_value(serde_json::from_slice(bytes).map_err(Invalid::NotJson)?)
    }

    /// Reads a notebook's text.
    ///
    /// # Errors
    /// When it is not a notebook of format 4.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::from_value(serde_json::from_str(text).map_err(Invalid::NotJson)?)
    }

    fn from_value(value: Value) -> Result<Self, Invalid> {
        let Value::Object(mut file) = value else {
            return Err(Invalid::shape(
                "the file does not hold an object",
                "le fichier ne contient pas d'objet",
            ));
        };
        match file.get("nbformat").and_then(Value::as_u64) {
            Some(4) => {}
            Some(found) => return Err(Invalid::Version { found }),
            None => return Err(Invalid::shape("`nbformat` is missing", "`nbformat` manque")),
        }
        let Some(Value::Array(cells)) = file.remove("cells") else {
            return Err(Invalid::shape(
                "`cells` is missing or not a list",
                "`cells` manque ou n'est pas une liste",
            ));
        };
        let cells = cells
            .into_iter()
            .enumerate()
            .map(|(index, cell)| read_cell(cell, index + 1));
        let mut notebook = Self {
            cells: cells.collect::<Result<_, _>>()?,
            metadata: take_object(&mut file, "metadata"),
            minor: file
                .get("nbformat_minor")
                .and_then(Value::as_u64)
                .unwrap_or(0)
                .max(5),
        };
        notebook.name_cells();
        Ok(notebook)
    }

    /// Gives a name to each cell without one or with another cell's, the same one every time.
    fn name_cells(&mut self) {
        let mut taken: HashSet<String> = self.cells.iter().map(|cell| cell.id.clone()).collect();
        let mut seen = HashSet::new();
        for (index, cell) in self.cells.iter_mut().enumerate() {
            if !cell.id.is_empty() && seen.insert(cell.id.clone()) {
                continue;
            }
            let mut name = format!("cell-{}", index + 1);
            while !taken.insert(name.clone()) {
                name.push('x');
            }
            cell.id = name;
        }
    }

    /// The programming language that the metadata name, in lower case.
    pub fn language(&self) -> Option<String> {
        let text = |object: &str, key: &str| {
            Some(
                self.metadata
                    .get(object)?
                    .get(key)?
                    .as_str()?
                    .to_lowercase(),
            )
        };
        let known = text("language_info", "name").or_else(|| text("kernelspec", "language"));
        known.or_else(|| match text("kernelspec", "name")?.as_str() {
            "mlcourse" | "rust" | "evcxr" => Some("rust".into()),
            other => Some(other.into()),
        })
    }

    /// Checks that the notebook is in Rust, or does not say what it is in.
    ///
    /// # Errors
    /// When its metadata name another language.
    pub fn require_rust(&self) -> Result<(), Invalid> {
        match self.language() {
            Some(found) if found != "rust" => Err(Invalid::Language { found }),
            _ => Ok(()),
        }
    }

    /// The file's text, laid out as Jupyter lays it out (sorted keys, an indent of one).
    pub fn to_json(&self) -> String {
        let mut value = json!({
            "cells": self.cells.iter().map(write_cell).collect::<Vec<_>>(),
            "metadata": self.metadata,
            "nbformat": 4,
            "nbformat_minor": self.minor,
        });
        // Only matters when a crate of the build asks serde_json to keep the order of insertion.
        value.sort_all_objects();
        let mut text = Vec::new();
        let layout = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut writer = serde_json::Serializer::with_formatter(&mut text, layout);
        serde::Serialize::serialize(&value, &mut writer)
            .expect("a value serializes and memory does not refuse");
        text.push(b'\n');
        String::from_utf8(text).expect("JSON is UTF-8")
    }
}

fn read_cell(value: Value, number: usize) -> Result<Cell, Invalid> {
    let Value::Object(mut cell) = value else {
        return Err(Invalid::shape(
            format!("cell {number} is not an object"),
            format!("la cellule {number} n'est pas un objet"),
        ));
    };
    let kind = match cell.get("cell_type").and_then(Value::as_str) {
        Some("markdown") => Kind::Markdown,
        Some("raw") => Kind::Raw,
        Some("code") => Kind::Code(Code {
            count: cell
                .get("execution_count")
                .and_then(Value::as_u64)
                .and_then(|count| count.try_into().ok()),
            outputs: read_outputs(cell.remove("outputs"), number)?,
        }),
        other => {
            let found = other.unwrap_or("?").to_owned();
            return Err(Invalid::shape(
                format!("cell {number} is neither code, markdown nor raw but `{found}`"),
                format!("la cellule {number} n'est ni code, ni markdown, ni raw, mais `{found}`"),
            ));
        }
    };
    let source = cell.remove("source").and_then(join_lines).ok_or_else(|| {
        Invalid::shape(
            format!("the source of cell {number} is neither a text nor a list of lines"),
            format!("la source de la cellule {number} n'est ni un texte ni une liste de lignes"),
        )
    })?;
    Ok(Cell {
        id: cell
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        kind,
        source,
        metadata: take_object(&mut cell, "metadata"),
        attachments: cell
            .contains_key("attachments")
            .then(|| take_object(&mut cell, "attachments")),
    })
}

fn read_outputs(value: Option<Value>, number: usize) -> Result<Vec<Output>, Invalid> {
    let wrong = || {
        Invalid::shape(
            format!("an output of cell {number} is malformed"),
            format!("une sortie de la cellule {number} est mal formée"),
        )
    };
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(outputs)) => outputs
            .into_iter()
            .map(|output| read_output(output).ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

fn read_output(value: Value) -> Option<Output> {
    let Value::Object(mut output) = value else {
        return None;
    };
    let text = |output: &mut Map<String, Value>, key: &str| output.remove(key).and_then(join_lines);
    Some(match output.get("output_type")?.as_str()? {
        "stream" => Output::Stream {
            name: text(&mut output, "name")?,
            text: text(&mut output, "text")?,
        },
        "display_data" => Output::Display {
            data: read_data(take_object(&mut output, "data")),
            metadata: take_object(&mut output, "metadata"),
            id: None,
        },
        "execute_result" => Output::Result {
            count: output
                .get("execution_count")
                .and_then(Value::as_u64)
                .and_then(|count| count.try_into().ok()),
            data: read_data(take_object(&mut output, "data")),
            metadata: take_object(&mut output, "metadata"),
        },
        "error" => Output::Error {
            name: text(&mut output, "ename")?,
            message: text(&mut output, "evalue")?,
            traceback: serde_json::from_value(output.remove("traceback")?).ok()?,
        },
        _ => return None,
    })
}

fn read_data(data: Map<String, Value>) -> Map<String, Value> {
    let join = |(mime, value): (String, Value)| {
        if is_json(&mime) {
            return (mime, value);
        }
        let joined = join_lines(value.clone()).map_or(value, Value::String);
        (mime, joined)
    };
    data.into_iter().map(join).collect()
}

/// Whether a format's content is a JSON value rather than text.
pub(super) fn is_json(mime: &str) -> bool {
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

fn join_lines(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(lines) => lines
            .into_iter()
            .map(|line| line.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn split_lines(text: &str) -> Value {
    text.split_inclusive('\n').collect()
}

fn take_object(object: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match object.remove(key) {
        Some(Value::Object(found)) => found,
        _ => Map::new(),
    }
}

fn write_cell(cell: &Cell) -> Value {
    let mut value =
        json!({ "id": cell.id, "metadata": cell.metadata, "source": split_lines(&cell.source) });
    match &cell.kind {
        Kind::Markdown => value["cell_type"] = "markdown".into(),
        Kind::Raw => value["cell_type"] = "raw".into(),
        Kind::Code(code) => {
            value["cell_type"] = "code".into();
            value["execution_count"] = code.count.into();
            value["outputs"] = code.outputs.iter().map(write_output).collect();
        }
    }
    if let Some(attachments) = &cell.attachments {
        value["attachments"] = attachments.clone().into();
    }
    value
}

fn write_output(output: &Output) -> Value {
    match output {
        Output::Stream { name, text } => {
            json!({ "output_type": "stream", "name": name, "text": split_lines(text) })
        }
        Output::Display { data, metadata, .. } => {
            json!({ "output_type": "display_data", "data": write_data(data), "metadata": metadata })
        }
        Output::Result {
            count,
            data,
            metadata,
        } => json!({
            "output_type": "execute_result",
            "execution_count": count,
            "data": write_data(data),
            "metadata": metadata,
        }),
        Output::Error {
            name,
            message,
            traceback,
        } => {
            json!({ "output_type": "error", "ename": name, "evalue": message, "traceback": traceback })
        }
    }
}

fn write_data(data: &Map<String, Value>) -> Map<String, Value> {
    let split = |(mime, value): (&String, &Value)| match value {
        Value::String(text) if !is_json(mime) => (mime.clone(), split_lines(text)),
        other => (mime.clone(), other.clone()),
    };
    data.iter().map(split).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
