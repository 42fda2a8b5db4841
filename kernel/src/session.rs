use crate::error::IoContext as _;
use crate::shim;
use crate::template::Template;
use crate::wire::{DRIVER_ENV, ENGINE_ENV, EngineOptions, Reply, Request};
use crate::{Error, Lang};
use mlcourse_protocol::MimeBundle;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// A cell to evaluate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// Its source.
    pub code: String,
    /// Its number, as the notebook shows it (`In [3]`); messages name the cell by it.
    pub count: u32,
    /// Whether somebody can answer a question that the cell asks.
    pub allow_input: bool,
}

impl Cell {
    /// A cell that nobody answers questions of.
    pub fn new(code: impl Into<String>, count: u32) -> Self {
        Self {
            code: code.into(),
            count,
            allow_input: false,
        }
    }
}

/// What a running cell shows, in the order it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Text on the standard output, as it is written: partial lines and carriage returns included.
    Stdout(String),
    /// Text on the standard error.
    Stderr(String),
    /// The value of the last expression: formats and contents.
    Result(#[serde(with = "bundle_serde")] MimeBundle),
    /// Something shown.
    Display {
        /// What.
        #[serde(with = "bundle_serde")]
        data: MimeBundle,
        /// Its name, if it can be replaced.
        id: Option<String>,
        /// Whether it replaces what stands under this name.
        update: bool,
    },
    /// The output so far goes away.
    ClearOutput {
        /// Only when the next output comes.
        wait: bool,
    },
    /// A question to the reader; answer with [`SessionControl::answer`] or [`SessionControl::no_answer`].
    Input {
        /// The question.
        prompt: String,
        /// Whether the answer is secret.
        password: bool,
    },
}

mod bundle_serde {
    use super::MimeBundle;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bundle: &MimeBundle, out: S) -> Result<S::Ok, S::Error> {
        bundle.iter().collect::<Vec<_>>().serialize(out)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<MimeBundle, D::Error> {
        Ok(Vec::<(String, String)>::deserialize(input)?
            .into_iter()
            .collect())
    }
}

/// How a cell ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// To its end.
    Done,
    /// To its end; the text (a `:doc` page) is for the page reader (Jupyter's pager) rather than the output.
    Page(#[serde(with = "bundle_serde")] MimeBundle),
    /// Not to its end.
    Failed(CellError),
}

/// Why a cell did not come to its end, in the reader's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellError {
    /// A short name: `E0308`, `panic`, `error`, `interrupted`, `crash`.
    pub name: String,
    /// The message in one line or a few.
    pub message: String,
    /// What a page shows: lines, with ANSI colours.
    pub traceback: Vec<String>,
    /// The line of the cell, from 1, if one is to blame.
    pub line: Option<u32>,
}

/// What can follow at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completions {
    /// The candidates.
    pub items: Vec<Completion>,
    /// The byte offset where the text to replace begins.
    pub start: usize,
    /// The byte offset where it ends.
    pub end: usize,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The text to insert.
    pub text: String,
    /// What it is, in Jupyter's words: `function`, `class`, `module`, `instance`, `keyword`, `magic`.
    pub kind: String,
    /// Its signature or label.
    pub label: String,
}

/// The documentation of what stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// In Markdown.
    pub markdown: String,
    /// As plain text.
    pub plain: String,
}

/// Whether a cell's text is a whole cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can be run.
    Complete,
    /// More is to come; the next line begins with this indent.
    Incomplete(String),
    /// It can never become valid.
    Invalid,
}

/// How to start a session.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// The language of messages.
    pub lang: Lang,
    /// The folder that cells run in; the current one by default.
    pub work_dir: Option<PathBuf>,
    /// The program to start as the engine, one whose `main` begins with [`hook`](crate::hook); this one by default.
    pub program: PathBuf,
    template: Template,
    /// Whether to keep the compiled cells of the start with the template.
    pub(crate) record: bool,
}

impl SessionOptions {
    /// The defaults, with the template that `mlcourse setup` built.
    ///
    /// # Errors
    /// When there is none for this compiler: the message says to run `mlcourse setup`.
    pub fn find() -> Result<Self, Error> {
        let template = Template::find().map_err(|missing| Error::Message(missing.to_string()))?;
        Ok(Self::with_template(template, Lang::from_env()))
    }

    /// The defaults, with a given template.
    pub fn with_template(template: Template, lang: Lang) -> Self {
        let program = std::env::var_os("MLCOURSE_BIN")
            .map(PathBuf::from)
            .or_else(|| std::env::current_exe().ok());
        Self {
            lang,
            work_dir: None,
            program: program.unwrap_or_default(),
            template,
            record: false,
        }
    }
}

/// A running session: an engine process that compiles cells and, below it, the process that runs them.
///
/// All methods can be called from any thread. `execute` runs one cell at a time; the others do not wait for it.
#[derive(Debug)]
pub struct Session {
    control: SessionControl,
    /// What the running cell shows, then its outcome; held by the one `execute` that runs.
    cells: Mutex<Receiver<FromEngine>>,
    waiting: Waiting,
    next_id: AtomicU64,
    engine: Mutex<Child>,
    folder: Mutex<Option<TempDir>>,
    /// Whether a cell runs whose events are read.
    listening: Arc<AtomicBool>,
}

/// Requests that are not answered yet.
type Waiting = Arc<Mutex<HashMap<u64, Sender<Reply>>>>;

/// What the running cell's thread receives.
#[derive(Debug)]
enum FromEngine {
    Event(Event),
    Executed(Outcome),
    Gone(String),
}

/// How many events may wait for a slow reader; then the cell waits too.
const EVENTS_IN_FLIGHT: usize = 256;

impl Session {
    /// Starts the processes. Returns at once; the first request waits until the engine is warm.
    ///
    /// # Errors
    /// When a process cannot be started.
    pub fn start(options: SessionOptions) -> Result<Self, Error> {
        let folder = private_folder(&options.program)?;
        let (ours, theirs) = UnixStream::pair().context(|| "no socket for the engine".into())?;
        let engine = engine_command(&options, folder.path(), theirs)?
            .spawn()
            .context(|| {
                format!(
                    "{} cannot be started as the engine",
                    options.program.display()
                )
            })?;
        let replies = ours
            .try_clone()
            .context(|| "no socket for the engine".into())?;
        let (events, cells) = sync_channel(EVENTS_IN_FLIGHT);
        let waiting = Waiting::default();
        let listening = Arc::new(AtomicBool::new(false));
        let log = folder.path().join("engine.log");
        std::thread::Builder::new()
            .name("engine replies".into())
            .spawn({
                let (waiting, listening) = (Arc::clone(&waiting), Arc::clone(&listening));
                move || receive(replies, &events, &waiting, &listening, &log)
            })
            .context(|| "no thread for the engine".into())?;
        Ok(Self {
            control: SessionControl {
                engine: Arc::new(Mutex::new(ours)),
            },
            cells: Mutex::new(cells),
            waiting,
            next_id: AtomicU64::new(0),
            engine: Mutex::new(engine),
            folder: Mutex::new(Some(folder)),
            listening,
        })
    }

    /// Evaluates a cell; `on_event` sees its outputs as they come. A cell that fails is an `Ok(Outcome::Failed)`.
    ///
    /// # Errors
    /// When the engine itself failed; the session has then restarted it without variables where it could.
    pub fn execute(&self, cell: &Cell, on_event: &mut dyn FnMut(Event)) -> Result<Outcome, Error> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        self.listening.store(true, Ordering::Release);
        let sent = self.control.send(&Request::Execute(cell.clone()));
        let ended = sent.and_then(|()| {
            loop {
                match cells.recv() {
                    Ok(FromEngine::Event(event)) => on_event(event),
                    Ok(FromEngine::Executed(outcome)) => return Ok(outcome),
                    Ok(FromEngine::Gone(why)) => return Err(Error::Message(why)),
                    Err(_) => return Err(engine_gone()),
                }
            }
        });
        self.listening.store(false, Ordering::Release);
        ended
    }

    /// What can follow at a byte offset. While a cell runs, answers from the state before it.
    ///
    /// # Errors
    /// When the engine failed.
    pub fn complete(&self, code: &str, cursor: usize) -> Result<Completions, Error> {
        match self.ask(|id| Request::Complete {
            id,
            code: code.to_owned(),
            cursor,
        })? {
            Reply::Completed { completions, .. } => Ok(completions),
            _ => Err(engine_gone()),
        }
    }

    /// The documentation of what stands at a byte offset.
    ///
    /// # Errors
    /// When the engine failed.
    pub fn inspect(&self, code: &str, cursor: usize) -> Result<Option<Inspection>, Error> {
        match self.ask(|id| Request::Inspect {
            id,
            code: code.to_owned(),
            cursor,
        })? {
            Reply::Inspected { inspection, .. } => Ok(inspection),
            _ => Err(engine_gone()),
        }
    }

    fn ask(&self, request: impl FnOnce(u64) -> Request) -> Result<Reply, Error> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, answer);
        self.control.send(&request(id))?;
        answered.recv().map_err(|_| engine_gone())
    }

    /// A handle for other threads: interrupts and answers.
    pub fn control(&self) -> SessionControl {
        self.control.clone()
    }

    /// Ends every process of the session and removes its folder. Dropping does the same.
    pub fn shutdown(self) {}
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Ok(socket) = self.control.engine.lock() {
            // Already closed when the engine is gone.
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
        let engine = self
            .engine
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let _ = engine.wait();
        if let Some(group) = rustix::process::Pid::from_raw(engine.id() as i32) {
            // What it had started for rust-analyzer; mostly nothing is left.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        if let Some(folder) = self
            .folder
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            // The engine has removed it unless it crashed.
            remove_folder(&folder.keep());
        }
    }
}

/// Removes a folder in which a process that was just killed may still be writing.
pub(crate) fn remove_folder(folder: &Path) {
    for _ in 0..50 {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            _ => return,
        }
    }
}

/// A handle to a session for other threads.
#[derive(Clone, Debug)]
pub struct SessionControl {
    engine: Arc<Mutex<UnixStream>>,
}

impl SessionControl {
    /// Stops the running cell, compiling or running. Does nothing when none runs.
    pub fn interrupt(&self) {
        self.send_or_ignore(&Request::Interrupt);
    }

    /// Answers the question of [`Event::Input`].
    pub fn answer(&self, text: &str) {
        self.send_or_ignore(&Request::Answer(text.to_owned()));
    }

    /// Says that nobody will answer, and why.
    pub fn no_answer(&self, why: &str) {
        self.send_or_ignore(&Request::NoAnswer(why.to_owned()));
    }

    /// An engine that is gone runs no cell.
    fn send_or_ignore(&self, request: &Request) {
        let _ = self.send(request);
    }

    fn send(&self, request: &Request) -> Result<(), Error> {
        let mut line =
            serde_json::to_string(request).map_err(|error| Error::Message(error.to_string()))?;
        line.push('\n');
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.write_all(line.as_bytes()).map_err(|_| engine_gone())
    }
}

fn engine_gone() -> Error {
    Error::Message("the engine of this session has ended; restart the kernel".into())
}

/// A folder that only this user can enter, with the stand-ins for cargo and its like.
fn private_folder(program: &Path) -> Result<TempDir, Error> {
    let folder = tempfile::Builder::new()
        .prefix("mlcourse-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .context(|| {
            format!(
                "no temporary folder can be made in {}",
                std::env::temp_dir().display()
            )
        })?;
    let refused = || format!("{} cannot be written", folder.path().display());
    for name in ["bin", "ctx", "config", "tmp"] {
        std::fs::create_dir(folder.path().join(name)).context(refused)?;
    }
    for tool in shim::TOOLS {
        std::os::unix::fs::symlink(program, folder.path().join("bin").join(tool))
            .context(refused)?;
    }
    Ok(folder)
}

fn engine_command(
    options: &SessionOptions,
    folder: &Path,
    socket: UnixStream,
) -> Result<Command, Error> {
    let path = std::env::var("PATH").unwrap_or_default();
    let engine = EngineOptions {
        folder: folder.to_owned(),
        template: options.template.root().to_owned(),
        lang: options.lang,
        path: path.clone(),
        temporary: std::env::var_os("TMPDIR").map(PathBuf::from),
        record: options.record,
    };
    let engine =
        serde_json::to_string(&engine).map_err(|error| Error::Message(error.to_string()))?;
    let log_path = folder.join("engine.log");
    let log =
        File::create(&log_path).context(|| format!("{} cannot be written", log_path.display()))?;
    let mut command = Command::new(&options.program);
    command
        .env(ENGINE_ENV, engine)
        .env(DRIVER_ENV, folder.join("driver.sock"))
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("EVCXR_TMPDIR", folder.join("ctx"))
        // rust-analyzer leaves what it makes there.
        .env("TMPDIR", folder.join("tmp"))
        .env("EVCXR_CONFIG_DIR", folder.join("config"))
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("EVCXR_IS_RUNTIME")
        .stdin(OwnedFd::from(socket))
        .stdout(Stdio::null())
        .stderr(log)
        // A ctrl-C in the terminal is for the kernel to understand.
        .process_group(0);
    if let Some(work_dir) = &options.work_dir {
        command.current_dir(work_dir);
    }
    Ok(command)
}

/// Passes on what the engine says until it goes.
fn receive(
    replies: UnixStream,
    events: &SyncSender<FromEngine>,
    waiting: &Waiting,
    listening: &AtomicBool,
    log: &Path,
) {
    let mut last_words = None;
    for line in BufReader::new(replies).lines() {
        let Ok(line) = line else { break };
        let passed = match serde_json::from_str::<Reply>(&line) {
            // What a thread shows between cells waits for the next one, as far as there is room: nobody reads now.
            Ok(Reply::Event(event)) if !listening.load(Ordering::Acquire) => !matches!(
                events.try_send(FromEngine::Event(event)),
                Err(TrySendError::Disconnected(_))
            ),
            Ok(Reply::Event(event)) => events.send(FromEngine::Event(event)).is_ok(),
            Ok(Reply::Executed(outcome)) => events.send(FromEngine::Executed(outcome)).is_ok(),
            Ok(Reply::Ready(Ok(()))) => true,
            Ok(Reply::Ready(Err(why))) => {
                last_words = Some(why);
                break;
            }
            Ok(reply @ (Reply::Completed { id, .. } | Reply::Inspected { id, .. })) => {
                if let Some(asker) = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&id)
                {
                    // An asker that does not wait any more needs no answer.
                    let _ = asker.send(reply);
                }
                true
            }
            Err(_) => true,
        };
        if !passed {
            break;
        }
    }
    let said = last_words.unwrap_or_else(|| std::fs::read_to_string(log).unwrap_or_default());
    let why = format!(
        "the engine of this session has ended; restart the kernel. {}",
        said.trim()
    );
    waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
    // Told to every cell that still comes.
    while events.send(FromEngine::Gone(why.trim().to_owned())).is_ok() {}
}
