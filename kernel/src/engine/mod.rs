//! The engine process: evcxr evaluates cells, around it what evcxr leaves to others.
//!
//! One process a session, between the session's own (which speaks Jupyter, or writes notebooks) and the one that runs
//! the reader's code. It can be slow to start and it can die: the kernel answers all the while.

mod analyst;
pub(crate) mod boot;
mod compile;
mod deps;
mod diagnostics;
mod driver;
mod evaluate;
mod outputs;
mod rewrite;
mod rustc;
mod source_map;

use crate::error::IoContext as _;
use crate::template::Template;
use crate::wire::{ENGINE_ENV, EngineOptions, Request};
use crate::{CellError, Error};
use analyst::Question;
use mlcourse_protocol::ToCell;
use outputs::{Outputs, Places, lock, spawn};
use std::io::{BufRead as _, BufReader};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};

/// The options, if this program was started as an engine.
pub(crate) fn requested() -> Option<EngineOptions> {
    serde_json::from_str(&std::env::var(ENGINE_ENV).ok()?).ok()
}

/// Runs until the session goes.
pub(crate) fn run(options: EngineOptions) -> i32 {
    match serve(options) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("mlcourse engine: {error}");
            70
        }
    }
}

/// What the engine's threads share.
struct Engine {
    options: EngineOptions,
    outputs: Arc<Outputs>,
    compilation: Arc<compile::Compilation>,
    analyst: analyst::Analyst,
    /// The process that runs cells, once it is there.
    runner: OnceLock<Arc<Mutex<Child>>>,
}

impl Engine {
    /// Stops the running cell: the compiler, or the process that runs it with all that it started.
    fn interrupt(&self) {
        self.compilation.interrupt();
        if self.compilation.ran.load(Ordering::Acquire) {
            self.kill_runner();
        }
        self.outputs.give(ToCell::NoInput("interrupted".into()));
    }

    fn kill_runner(&self) {
        let Some(runner) = self.runner.get() else {
            return;
        };
        if let Some(group) = rustix::process::Pid::from_raw(lock(runner).id() as i32) {
            // It may have ended by itself just now.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

fn serve(options: EngineOptions) -> Result<(), Error> {
    let session = take_socket()?;
    let requests = BufReader::new(
        session
            .try_clone()
            .context(|| "the session's socket is gone".into())?,
    );
    let template = Template::open_at(&options.template)?;
    let places = Places::in_folder(&options.folder);
    let outputs = Outputs::open(&places, session)?;
    let folder = options.folder.join("ctx");
    let compilation = Arc::new(compile::Compilation::new(
        template,
        folder,
        options.lang,
        options.record,
    ));
    driver::start(
        &options.folder.join("driver.sock"),
        Arc::clone(&compilation),
        Arc::clone(&outputs),
    )?;
    let analyst = analyst::Analyst::start(&compilation, &outputs);
    let engine = Arc::new(Engine {
        options,
        outputs,
        compilation,
        analyst,
        runner: OnceLock::new(),
    });

    let (cells, queue) = channel();
    spawn("cells", {
        let engine = Arc::clone(&engine);
        move || evaluate::serve(&engine, &queue)
    });
    for line in requests.lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line) {
            Ok(Request::Execute(cell)) => {
                engine
                    .outputs
                    .allow_input
                    .store(cell.allow_input, Ordering::Release);
                if cells.send(cell).is_err() {
                    break;
                }
            }
            Ok(Request::Interrupt) => engine.interrupt(),
            Ok(Request::Answer(text)) => engine.outputs.give(ToCell::Input(text)),
            Ok(Request::NoAnswer(why)) => engine.outputs.give(ToCell::NoInput(why)),
            Ok(Request::Complete { id, code, cursor }) => {
                engine.analyst.ask(Question::Complete { id, code, cursor });
            }
            Ok(Request::Inspect { id, code, cursor }) => {
                engine.analyst.ask(Question::Inspect { id, code, cursor });
            }
            Err(error) => eprintln!("mlcourse engine: an unknown request: {error}"),
        }
    }
    // The session is gone: so is everything of it.
    engine.compilation.interrupt();
    engine.compilation.dismiss();
    engine.kill_runner();
    // The session removes its folder itself unless it was killed.
    crate::session::remove_folder(&engine.options.folder);
    std::process::exit(0);
}

/// The session's socket is the standard input this process was started with; nothing that it starts shall hold it.
fn take_socket() -> Result<UnixStream, Error> {
    let what = || "this program is a session's to start".to_owned();
    let socket = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .context(what)?;
    let null = std::fs::File::open("/dev/null").context(what)?;
    rustix::stdio::dup2_stdin(&null)
        .map_err(std::io::Error::from)
        .context(what)?;
    Ok(UnixStream::from(socket))
}

/// An error with nothing to point at.
fn plain_error(name: &str, message: &str) -> CellError {
    CellError {
        name: name.to_owned(),
        message: message.to_owned(),
        traceback: message.lines().map(str::to_owned).collect(),
        line: None,
    }
}
