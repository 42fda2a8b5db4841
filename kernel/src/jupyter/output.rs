//! What a running cell shows, on its way to the page.

use super::dispatch::Kernel;
use super::wire::Request;
use crate::{Event, MimeBundle};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Text written within this time travels in one message.
const BATCH: Duration = Duration::from_millis(4);
/// So much text travels at once.
const BATCH_BYTES: usize = 256 * 1024;

/// A cell's outputs go to its page through this.
pub(super) struct Output {
    pub(super) kernel: Arc<Kernel>,
    pub(super) request: Request,
    pub(super) count: u32,
    pub(super) silent: bool,
    pub(super) allow_stdin: bool,
}

/// Text that waits for more of it.
struct Batch {
    stream: &'static str,
    text: String,
    due: Instant,
}

impl Output {
    /// Passes events on until the cell has no more; returns the text of its result.
    pub(super) async fn pump(self, mut events: mpsc::Receiver<Event>) -> Option<String> {
        let mut result = None;
        let mut batch: Option<Batch> = None;
        loop {
            let due = batch.as_ref().map(|batch| batch.due);
            let event = tokio::select! {
                event = events.recv() => event,
                () = wait_until(due) => { self.flush(&mut batch).await; continue; }
            };
            match event {
                None => break,
                Some(Event::Stdout(text)) => self.write(&mut batch, "stdout", text).await,
                Some(Event::Stderr(text)) => self.write(&mut batch, "stderr", text).await,
                Some(other) => {
                    self.flush(&mut batch).await;
                    if let Event::Result(data) = &other {
                        result = data.get("text/plain").map(str::to_owned);
                    }
                    self.show(other).await;
                }
            }
        }
        self.flush(&mut batch).await;
        result
    }

    async fn write(&self, batch: &mut Option<Batch>, stream: &'static str, text: String) {
        if batch.as_ref().is_some_and(|batch| batch.stream != stream) {
            self.flush(batch).await;
        }
        let open = batch.get_or_insert_with(|| Batch {
            stream,
            text: String::new(),
            due: Instant::now() + BATCH,
        });
        open.text.push_str(&text);
        if open.text.len() >= BATCH_BYTES {
            self.flush(batch).await;
        }
    }

    async fn flush(&self, batch: &mut Option<Batch>) {
        if let Some(Batch { stream, text, .. }) =
            batch.take().filter(|batch| !batch.text.is_empty())
        {
            self.send("stream", json!({ "name": stream, "text": text }))
                .await;
        }
    }

    async fn show(&self, event: Event) {
        match event {
            Event::Stdout(_) | Event::Stderr(_) => {}
            Event::Result(data) => {
                let content = json!({ "execution_count": self.count, "data": data_of(&data), "metadata": {} });
                self.send("execute_result", content).await;
            }
            Event::Display { data, id, update } => {
                let kind = if update {
                    "update_display_data"
                } else {
                    "display_data"
                };
                let transient = id.map_or_else(|| json!({}), |id| json!({ "display_id": id }));
                self.send(
                    kind,
                    json!({ "data": data_of(&data), "metadata": {}, "transient": transient }),
                )
                .await;
            }
            Event::ClearOutput { wait } => self.send("clear_output", json!({ "wait": wait })).await,
            Event::Input { prompt, password } => {
                let Kernel { stdin, backend, .. } = &*self.kernel;
                stdin
                    .ask(&self.request, self.allow_stdin, prompt, password, backend)
                    .await;
            }
        }
    }

    async fn send(&self, kind: &str, content: Value) {
        if !self.silent {
            self.kernel.iopub.output(&self.request, kind, content).await;
        }
    }
}

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// A bundle as the protocol has it: JSON formats as JSON, all others as text (PNG in base64).
pub(super) fn data_of(bundle: &MimeBundle) -> Value {
    bundle
        .iter()
        .map(|(mime, data)| {
            let is_json = mime == "application/json" || mime.ends_with("+json");
            let parsed = is_json.then(|| serde_json::from_str(data).ok()).flatten();
            (mime.to_owned(), parsed.unwrap_or_else(|| Value::from(data)))
        })
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_formats_travel_as_json_and_others_as_text() {
        let bundle = MimeBundle::text("1")
            .with("application/vnd.plotly.v1+json", "{\"a\": 1}")
            .with("image/svg+xml", "<svg/>");
        assert_eq!(
            data_of(&bundle),
            json!({ "text/plain": "1", "application/vnd.plotly.v1+json": { "a": 1 }, "image/svg+xml": "<svg/>" })
        );
    }
}
