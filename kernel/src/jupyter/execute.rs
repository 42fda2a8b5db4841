//! Cells, one after the other.

use super::dispatch::Kernel;
use super::history::Entry;
use super::lock;
use super::output::{Output, data_of};
use super::wire::{Replies, Request};
use crate::{Cell, CellError, Event, MimeBundle, Outcome};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// Events of a cell that may wait before the cell does.
const EVENTS: usize = 256;

/// "Run all" sends its cells one by one; a first cell that fails at once must not let the last ones through.
const ON_ITS_WAY: Duration = Duration::from_millis(25);

/// An execute request that waits for its turn.
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) replies: Replies,
}

#[derive(Deserialize)]
struct ExecuteRequest {
    code: String,
    #[serde(default)]
    silent: bool,
    #[serde(default = "yes")]
    store_history: bool,
    #[serde(default)]
    user_expressions: Option<BTreeMap<String, String>>,
    #[serde(default)]
    allow_stdin: bool,
    #[serde(default = "yes")]
    stop_on_error: bool,
}

fn yes() -> bool {
    true
}

/// Runs the queue until the kernel is asked to end, and the running cell to its end.
pub(super) async fn run(kernel: Arc<Kernel>, mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut executor = Executor { kernel, count: 0 };
    loop {
        let stop = executor.kernel.stop.clone();
        let job = tokio::select! {
            biased;
            () = stop.asked() => return,
            job = queue.recv() => job,
        };
        let Some(job) = job else { return };
        executor.execute(job, &mut queue).await;
    }
}

struct Executor {
    kernel: Arc<Kernel>,
    /// The number of the last cell that was counted.
    count: u32,
}

/// How a cell went, with what its reply and the history need.
struct Report {
    outcome: Outcome,
    result: Option<String>,
}

impl Executor {
    async fn execute(&mut self, job: Job, queue: &mut mpsc::UnboundedReceiver<Job>) {
        let Job { request, replies } = &job;
        let kernel = Arc::clone(&self.kernel);
        *lock(&kernel.executing) = Some(request.clone());
        kernel.iopub.busy(request);
        let aborted = match request.content::<ExecuteRequest>() {
            Ok(content) => self.run_cell(&job, content, queue).await,
            Err(error) => {
                let mut reply = super::dispatch::malformed(request, &error);
                reply["execution_count"] = json!(self.count);
                replies.reply(request, reply);
                Vec::new()
            }
        };
        *lock(&kernel.executing) = None;
        kernel.iopub.idle(request);
        for job in aborted {
            self.abort(&job);
        }
    }

    /// Runs a cell and replies; returns the cells behind it that are off because it failed.
    async fn run_cell(
        &mut self,
        job: &Job,
        content: ExecuteRequest,
        queue: &mut mpsc::UnboundedReceiver<Job>,
    ) -> Vec<Job> {
        let kernel = Arc::clone(&self.kernel);
        let stored = content.store_history && !content.silent;
        let count = self.count + 1;
        if stored {
            self.count = count;
        }
        if !content.silent {
            let input = json!({ "code": content.code, "execution_count": count });
            kernel.iopub.send(&job.request, "execute_input", input);
        }
        let cell = Cell {
            code: content.code.clone(),
            count,
            allow_input: content.allow_stdin,
        };
        let Report { outcome, result } = self.evaluate(&job.request, cell, content.silent).await;
        if stored {
            let entry = Entry {
                session: 0,
                line: count,
                input: content.code,
                output: result,
            };
            kernel.history.remember(entry);
        }
        let reply = match outcome {
            Outcome::Failed(error) => {
                if !content.silent {
                    kernel
                        .iopub
                        .send(&job.request, "error", error_fields(&error));
                }
                let queued = if content.stop_on_error && !content.silent {
                    drain(queue).await
                } else {
                    Vec::new()
                };
                job.replies.reply(&job.request, failed_reply(&error, count));
                return queued;
            }
            Outcome::Done => ok_reply(count, Vec::new()),
            Outcome::Page(data) => ok_reply(count, vec![page(&data)]),
        };
        let expressions = self
            .user_expressions(content.user_expressions.unwrap_or_default(), count)
            .await;
        job.replies
            .reply(&job.request, with_expressions(reply, expressions));
        Vec::new()
    }

    /// Runs a cell with its outputs on the page.
    async fn evaluate(&self, request: &Request, cell: Cell, silent: bool) -> Report {
        let output = Output {
            kernel: Arc::clone(&self.kernel),
            request: request.clone(),
            count: cell.count,
            silent,
            allow_stdin: cell.allow_input,
        };
        let (events, receiver) = mpsc::channel(EVENTS);
        let pump = tokio::spawn(output.pump(receiver));
        let outcome = self.call(cell, move |event| {
            // The pump ends only with the kernel.
            let _ = events.blocking_send(event);
        });
        let outcome = outcome.await;
        let result = pump.await.ok().flatten();
        self.kernel.stdin.forget();
        Report { outcome, result }
    }

    /// Runs a cell on the engine; an engine that fails is a cell that fails.
    async fn call(&self, cell: Cell, mut on_event: impl FnMut(Event) + Send + 'static) -> Outcome {
        let backend = Arc::clone(&self.kernel.backend);
        let done = tokio::task::spawn_blocking(move || backend.execute(&cell, &mut on_event)).await;
        let message = match done {
            Ok(Ok(outcome)) => return outcome,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        Outcome::Failed(CellError {
            name: "engine".into(),
            traceback: vec![message.clone()],
            message,
            line: None,
        })
    }

    /// Evaluates expressions beside a cell, each as a small cell of its own that shows nothing.
    async fn user_expressions(&self, expressions: BTreeMap<String, String>, count: u32) -> Value {
        let mut answers = Map::new();
        for (name, code) in expressions {
            let (sender, mut results) = mpsc::unbounded_channel();
            let cell = Cell::new(code, count);
            let outcome = self.call(cell, move |event| match event {
                Event::Result(data) => drop(sender.send(data)),
                Event::Stdout(_) | Event::Stderr(_) | Event::Display { .. } => {}
                Event::ClearOutput { .. } | Event::Input { .. } => {}
            });
            let answer = match outcome.await {
                Outcome::Failed(error) => with_status("error", error_fields(&error)),
                Outcome::Done | Outcome::Page(_) => {
                    let data = results.try_recv().unwrap_or_default();
                    json!({ "status": "ok", "data": data_of(&data), "metadata": {} })
                }
            };
            answers.insert(name, answer);
        }
        answers.into()
    }

    fn abort(&self, job: &Job) {
        self.kernel.iopub.busy(&job.request);
        job.replies.reply(
            &job.request,
            json!({ "status": "aborted", "execution_count": self.count }),
        );
        self.kernel.iopub.idle(&job.request);
    }
}

/// What has been asked before the failure is known is off; what comes after is a new wish.
async fn drain(queue: &mut mpsc::UnboundedReceiver<Job>) -> Vec<Job> {
    let mut jobs = Vec::new();
    let end = Instant::now() + ON_ITS_WAY;
    while let Ok(Some(job)) = timeout_at(end, queue.recv()).await {
        jobs.push(job);
    }
    jobs
}

fn ok_reply(count: u32, payload: Vec<Value>) -> Value {
    json!({ "status": "ok", "execution_count": count, "payload": payload, "user_expressions": {} })
}

fn with_expressions(mut reply: Value, expressions: Value) -> Value {
    reply["user_expressions"] = expressions;
    reply
}

fn failed_reply(error: &CellError, count: u32) -> Value {
    let mut reply = with_status("error", error_fields(error));
    reply["execution_count"] = json!(count);
    reply["payload"] = json!([]);
    reply["user_expressions"] = json!({});
    reply
}

fn with_status(status: &str, mut fields: Value) -> Value {
    fields["status"] = json!(status);
    fields
}

/// Jupyter shows the traceback and nothing else, so it must not be empty.
fn error_fields(error: &CellError) -> Value {
    let message = std::slice::from_ref(&error.message);
    let traceback = if error.traceback.is_empty() {
        message
    } else {
        &error.traceback
    };
    json!({ "ename": error.name, "evalue": error.message, "traceback": traceback })
}

fn page(data: &MimeBundle) -> Value {
    json!({ "source": "page", "data": data_of(data), "start": 0 })
}
