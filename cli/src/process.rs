//! Programs that the command starts: in a group of their own, so that all of them end with it.

use crate::stop;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(50);

/// How a program ended.
pub enum Ended {
    /// By itself: whether it was content, and what it said on both streams.
    Exited {
        /// Whether it succeeded.
        success: bool,
        /// Its output and errors.
        said: String,
    },
    /// Because somebody asked the command to end.
    Stopped,
}

/// Runs a program to its end with its output kept.
pub fn run(command: &mut Command) -> anyhow::Result<Ended> {
    let mut child = Group::spawn(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )?;
    let readers = [
        child
            .0
            .stdout
            .take()
            .map(|pipe| thread::spawn(move || read_all(pipe))),
        child
            .0
            .stderr
            .take()
            .map(|pipe| thread::spawn(move || read_all(pipe))),
    ];
    let Some(status) = child.wait_or_stop(Duration::from_secs(5))? else {
        return Ok(Ended::Stopped);
    };
    let said = readers
        .into_iter()
        .flatten()
        .filter_map(|reader| reader.join().ok())
        .collect();
    Ok(Ended::Exited {
        success: status.success(),
        said,
    })
}

/// What a program says on its standard output, if it is there and content.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read_all(mut pipe: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    // What was read before an error is still worth showing.
    _ = std::io::BufReader::new(&mut pipe).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A program and all those it starts. Dropping it ends them.
pub struct Group(Child);

impl Group {
    /// Starts a program at the head of a new group.
    pub fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("`{name}` cannot be started"))?;
        Ok(Self(child))
    }

    /// How the program ended, if it has.
    fn try_wait(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.0
            .try_wait()
            .context("a program that was started is lost")
    }

    /// Waits for the end, `None` if somebody asked the command to end first. The program then gets the time to tidy up.
    pub fn wait_or_stop(&mut self, to_tidy_up: Duration) -> anyhow::Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok((!stop::requested()).then_some(status));
            }
            if stop::requested() {
                self.end(to_tidy_up)?;
                return Ok(None);
            }
            thread::sleep(POLL);
        }
    }

    fn end(&mut self, to_tidy_up: Duration) -> anyhow::Result<()> {
        self.signal(|pid| kill_process(pid, Signal::TERM));
        let asked = Instant::now();
        while asked.elapsed() < to_tidy_up {
            if self.try_wait()?.is_some() {
                break;
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    fn signal(&self, send: impl Fn(Pid) -> rustix::io::Result<()>) {
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // It may have ended a moment ago.
            _ = send(pid);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The head may be gone and what it started not: a group keeps its number as long as it has a member.
        self.signal(|pid| kill_process_group(pid, Signal::KILL));
        _ = self.0.wait();
    }
}
