//! What a running notebook has shown so far, by Jupyter's rules.

use super::format::{Code, Kind, Notebook, Output, is_json};
use crate::{CellError, Event};
use mlcourse_protocol::MimeBundle;
use serde_json::{Map, Value};

/// Stores the events of one running cell in its notebook.
pub(super) struct Recorder<'a> {
    notebook: &'a mut Notebook,
    cell: usize,
    count: u32,
    clear_at_next: bool,
}

impl<'a> Recorder<'a> {
    /// Records the code cell at an index, which runs under a number.
    pub fn new(notebook: &'a mut Notebook, cell: usize, count: u32) -> Self {
        let mut recorder = Self {
            notebook,
            cell,
            count,
            clear_at_next: false,
        };
        *recorder.code() = Code {
            count: Some(count),
            outputs: Vec::new(),
        };
        recorder
    }

    fn code(&mut self) -> &mut Code {
        match &mut self.notebook.cells[self.cell].kind {
            Kind::Code(code) => code,
            _ => unreachable!("only code cells are run"),
        }
    }

    /// Stores one event.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Stdout(text) => self.stream("stdout", text),
            Event::Stderr(text) => self.stream("stderr", text),
            Event::Result(bundle) => {
                let count = Some(self.count);
                self.push(Output::Result {
                    count,
                    data: data_of(&bundle),
                    metadata: Map::new(),
                });
            }
            Event::Display {
                data,
                id: Some(id),
                update: true,
            } => self.update(&data_of(&data), &id),
            Event::Display { data, id, .. } => {
                self.push(Output::Display {
                    data: data_of(&data),
                    metadata: Map::new(),
                    id,
                });
            }
            Event::ClearOutput { wait: true } => self.clear_at_next = true,
            Event::ClearOutput { wait: false } => {
                self.clear_at_next = false;
                self.code().outputs.clear();
            }
            // Nobody is there to answer; the session says so to the cell.
            Event::Input { .. } => {}
        }
    }

    /// Stores why the cell failed.
    pub fn error(&mut self, error: &CellError) {
        self.push(Output::Error {
            name: error.name.clone(),
            message: error.message.clone(),
            traceback: error.traceback.clone(),
        });
    }

    fn push(&mut self, output: Output) {
        if std::mem::take(&mut self.clear_at_next) {
            self.code().outputs.clear();
        }
        self.code().outputs.push(output);
    }

    fn stream(&mut self, name: &str, text: String) {
        if !self.clear_at_next
            && let Some(Output::Stream {
                name: last,
                text: so_far,
            }) = self.code().outputs.last_mut()
            && last == name
        {
            so_far.push_str(&text);
            return;
        }
        self.push(Output::Stream {
            name: name.into(),
            text,
        });
    }

    /// Replaces every display of that name, those of earlier cells too.
    fn update(&mut self, new: &Map<String, Value>, wanted: &str) {
        for cell in &mut self.notebook.cells {
            let Kind::Code(code) = &mut cell.kind else {
                continue;
            };
            for output in &mut code.outputs {
                if let Output::Display {
                    data, id: Some(id), ..
                } = output
                    && id == wanted
                {
                    data.clone_from(new);
                }
            }
        }
    }
}

fn data_of(bundle: &MimeBundle) -> Map<String, Value> {
    let value = |mime: &str, content: &str| match serde_json::from_str(content) {
        Ok(value) if is_json(mime) => value,
        _ => Value::String(content.into()),
    };
    bundle
        .iter()
        .map(|(mime, content)| (mime.to_owned(), value(mime, content)))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn two_cells() -> Notebook {
        let cell = r#"{"cell_type": "code", "metadata": {}, "source": "", "outputs": []}"#;
        Notebook::parse(&format!(
            r#"{{"nbformat": 4, "metadata": {{}}, "cells": [{cell}, {cell}]}}"#
        ))
        .unwrap()
    }

    fn record(notebook: &mut Notebook, cell: usize, events: Vec<Event>) -> Vec<Output> {
        let mut recorder = Recorder::new(notebook, cell, 1);
        events.into_iter().for_each(|event| recorder.event(event));
        recorder.code().outputs.clone()
    }

    fn shown(text: &str, id: Option<&str>, update: bool) -> Event {
        Event::Display {
            data: MimeBundle::text(text),
            id: id.map(Into::into),
            update,
        }
    }

    fn stream(name: &str, text: &str) -> Output {
        Output::Stream {
            name: name.into(),
            text: text.into(),
        }
    }

    #[test]
    fn text_on_one_stream_is_merged_and_keeps_its_place_beside_the_other() {
        let events = vec![
            Event::Stdout("a".into()),
            Event::Stdout("b\r".into()),
            Event::Stderr("e".into()),
            Event::Stdout("c".into()),
        ];
        let outputs = record(&mut two_cells(), 0, events);
        assert_eq!(
            outputs,
            [
                stream("stdout", "ab\r"),
                stream("stderr", "e"),
                stream("stdout", "c")
            ]
        );
    }

    #[test]
    fn an_update_replaces_displays_of_earlier_cells_and_an_unknown_name_changes_nothing() {
        let mut notebook = two_cells();
        record(
            &mut notebook,
            0,
            vec![
                shown("old", Some("bar"), false),
                shown("other", None, false),
            ],
        );
        let second = record(
            &mut notebook,
            1,
            vec![
                shown("new", Some("bar"), true),
                shown("lost", Some("foo"), true),
            ],
        );
        assert_eq!(second, []);
        let Kind::Code(first) = &notebook.cells[0].kind else {
            panic!("code")
        };
        let texts = first.outputs.iter().map(|output| match output {
            Output::Display { data, .. } => data["text/plain"].as_str().unwrap_or_default(),
            _ => "?",
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["new", "other"]);
    }

    #[test]
    fn cleared_output_goes_at_once_or_when_the_next_comes() {
        let at_once = vec![
            Event::Stdout("a".into()),
            Event::ClearOutput { wait: false },
        ];
        assert_eq!(record(&mut two_cells(), 0, at_once), []);
        let later = vec![Event::Stdout("a".into()), Event::ClearOutput { wait: true }];
        assert_eq!(
            record(&mut two_cells(), 0, later.clone()),
            [stream("stdout", "a")]
        );
        let replaced = [later, vec![Event::Stdout("b".into())]].concat();
        assert_eq!(
            record(&mut two_cells(), 0, replaced),
            [stream("stdout", "b")]
        );
    }

    #[test]
    fn json_formats_are_stored_as_values_and_text_as_text() {
        let bundle = MimeBundle::text("{}").with("application/json", r#"{"a": 1}"#);
        let data = data_of(&bundle);
        assert_eq!(data["application/json"]["a"], 1);
        assert_eq!(data["text/plain"], "{}");
    }
}
