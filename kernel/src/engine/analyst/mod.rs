//! Completion and documentation, by rust-analyzer, on a thread of its own: a running cell does not delay them.
//!
//! Knows the session by the text of its items and the types of its variables after the last cell that was compiled.

mod project;

use super::compile::Compilation;
use super::outputs::{Outputs, lock, spawn};
use crate::wire::Reply;
use crate::{Completion, Completions, Inspection};
use project::Project;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The commands of a cell, for completion: evcxr's and the engine's.
const COMMANDS: [&str; 35] = [
    ":allow_static_linking",
    ":build_env",
    ":cache",
    ":clear",
    ":clear_cache",
    ":codegen_backend",
    ":dep",
    ":doc",
    ":efmt",
    ":env",
    ":explain",
    ":fmt",
    ":help",
    ":internal_debug",
    ":last_compile_dir",
    ":last_error_json",
    ":linker",
    ":load_config",
    ":offline",
    ":opt",
    ":preserve_vars_on_panic",
    ":quit",
    ":restart",
    ":sccache",
    ":show_deps",
    ":t",
    ":time_passes",
    ":timing",
    ":toolchain",
    ":type",
    ":types",
    ":vars",
    ":version",
    "!ls",
    "!pwd",
];

/// How long no cell comes before the crates are read for completion: a reader who runs all cells at once waits for them
/// alone.
const PAUSE: Duration = Duration::from_millis(1500);

/// What is known of the session between cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The text of every item.
    pub items: String,
    /// The variables: name, type.
    pub variables: Vec<(String, String)>,
    /// The lines of `[dependencies]`.
    pub dependencies: String,
}

/// A question about a text.
#[derive(Debug)]
pub(super) enum Question {
    Complete {
        id: u64,
        code: String,
        cursor: usize,
    },
    Inspect {
        id: u64,
        code: String,
        cursor: usize,
    },
    /// The documentation of a path, for a cell that waits.
    Document {
        code: String,
        answer: Sender<Option<Inspection>>,
    },
    /// Be ready for the first question, once no cell has come for a while.
    Load,
}

/// A handle to the analyst's thread.
pub(super) struct Analyst {
    questions: Mutex<Sender<Question>>,
    known: Arc<Mutex<Known>>,
}

impl Analyst {
    pub fn start(compilation: &Arc<Compilation>, outputs: &Arc<Outputs>) -> Self {
        let (questions, asked) = channel();
        let known = Arc::new(Mutex::new(Known::default()));
        let worker = Worker {
            compilation: Arc::clone(compilation),
            outputs: Arc::clone(outputs),
            known: Arc::clone(&known),
            project: None,
        };
        spawn("analyst", move || worker.serve(&asked));
        Self {
            questions: Mutex::new(questions),
            known,
        }
    }

    pub fn ask(&self, question: Question) {
        // The worker lives as long as the engine.
        let _ = lock(&self.questions).send(question);
    }

    /// The documentation of what a text ends with.
    pub fn document(&self, code: &str) -> Option<Inspection> {
        let (answer, answered) = channel();
        self.ask(Question::Document {
            code: code.to_owned(),
            answer,
        });
        answered.recv().ok().flatten()
    }

    /// Tells what the session holds after a cell.
    pub fn learn(&self, known: Known) {
        *lock(&self.known) = known;
    }
}

struct Worker {
    compilation: Arc<Compilation>,
    outputs: Arc<Outputs>,
    known: Arc<Mutex<Known>>,
    project: Option<Project>,
}

impl Worker {
    fn serve(mut self, asked: &Receiver<Question>) {
        give_way();
        let mut load_at = None;
        loop {
            let question = match next(asked, load_at) {
                Ok(Question::Load) => {
                    load_at = Some(Instant::now() + PAUSE);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    load_at = None;
                    Question::Load
                }
                Ok(question) => question,
            };
            let outcome =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.answer(&question)));
            if outcome.is_err() {
                // rust-analyzer gave up on this text; begin anew with the next one.
                self.project = None;
                self.answer_nothing(&question);
            }
        }
    }

    fn answer(&mut self, question: &Question) {
        match question {
            Question::Complete { id, code, cursor } => {
                let completions = self.complete(code, *cursor);
                self.outputs.send(&Reply::Completed {
                    id: *id,
                    completions,
                });
            }
            Question::Inspect { id, code, cursor } => {
                let inspection = self.inspect(code, *cursor);
                self.outputs.send(&Reply::Inspected {
                    id: *id,
                    inspection,
                });
            }
            Question::Document { code, answer } => {
                // A cell that was interrupted does not wait any more.
                let _ = answer.send(self.inspect(&format!("{code};"), code.len()));
            }
            Question::Load => {
                let known = lock(&self.known).clone();
                let _ = self.project(&known);
            }
        }
    }

    fn answer_nothing(&self, question: &Question) {
        match question {
            Question::Complete { id, .. } => {
                self.outputs.send(&Reply::Completed {
                    id: *id,
                    completions: Completions::default(),
                });
            }
            Question::Inspect { id, .. } => self.outputs.send(&Reply::Inspected {
                id: *id,
                inspection: None,
            }),
            Question::Document { answer, .. } => {
                let _ = answer.send(None);
            }
            Question::Load => {}
        }
    }

    fn complete(&mut self, code: &str, cursor: usize) -> Completions {
        if let Some(commands) = complete_command(code, cursor) {
            return commands;
        }
        let Some((text, before, position)) = self.text(code, cursor) else {
            return Completions::default();
        };
        let known = lock(&self.known).clone();
        let Some(project) = self.project(&known) else {
            return Completions::default();
        };
        let found = project.complete(&text, position);
        let start = found.range.start.saturating_sub(before).min(code.len());
        let end = found.range.end.saturating_sub(before).min(code.len());
        let items = found
            .items
            .into_iter()
            .filter(|item| {
                !["evcxr", "__mlc", "run_user_code"]
                    .iter()
                    .any(|own| item.text.starts_with(own))
            })
            .collect();
        Completions { items, start, end }
    }

    fn inspect(&mut self, code: &str, cursor: usize) -> Option<Inspection> {
        let known = lock(&self.known).clone();
        // A path that stands alone is no expression until something ends it.
        let code = format!("{code};");
        let (text, _, position) = self.text(&code, cursor)?;
        self.project(&known)?.inspect(&text, position)
    }

    /// The session's items, and the cell as the body of a function that is given the variables: the text, how far the
    /// cell is moved in it, and the cursor.
    fn text(&self, code: &str, cursor: usize) -> Option<(String, usize, usize)> {
        if cursor > code.len() || !code.is_char_boundary(cursor) {
            return None;
        }
        let known = lock(&self.known);
        let parameters: String = known
            .variables
            .iter()
            .map(|(name, of)| format!("mut {name}: {of}, "))
            .collect();
        // Command lines are no Rust; as many blanks keep every place.
        let start = crate::syntax::CellSyntax::parse(code).code_start;
        let cell = format!("{}{}", " ".repeat(start), &code[start..]);
        let head = format!(
            "use mlcourse::prelude::*;\n{}\nasync fn __mlc_cell({parameters}) -> Result<(), Box<dyn std::error::Error>> {{\n",
            known.items
        );
        Some((
            format!("{head}{cell}\n;Ok(())}}\n"),
            head.len(),
            head.len() + cursor,
        ))
    }

    fn project(&mut self, known: &Known) -> Option<&mut Project> {
        if self
            .project
            .as_ref()
            .is_none_or(|project| project.dependencies != known.dependencies)
        {
            self.project = Project::load(&self.compilation, &known.dependencies)
                .inspect_err(|error| eprintln!("mlcourse engine: no completion: {error}"))
                .ok();
        }
        self.project.as_mut()
    }
}

/// The next question; none by `load_at` is a timeout.
fn next(
    asked: &Receiver<Question>,
    load_at: Option<Instant>,
) -> Result<Question, RecvTimeoutError> {
    match load_at {
        None => Ok(asked.recv()?),
        Some(at) => asked.recv_timeout(at.saturating_duration_since(Instant::now())),
    }
}

/// Reading the crates takes seconds of the processor; a cell that is compiled meanwhile goes first.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        // The kernel counts a thread as a process here. Without it the reader waits a little longer.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 10);
    }
}

/// Commands that begin like the line at the cursor.
fn complete_command(code: &str, cursor: usize) -> Option<Completions> {
    let before = code.get(..cursor)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let typed = &before[start..];
    if !typed.starts_with(':') || typed.contains(' ') {
        return None;
    }
    let items = COMMANDS
        .iter()
        .filter(|command| command.starts_with(typed))
        .map(|command| Completion {
            text: (*command).into(),
            kind: "magic".into(),
            label: (*command).into(),
        })
        .collect();
    Some(Completions {
        items,
        start,
        end: cursor,
    })
}
