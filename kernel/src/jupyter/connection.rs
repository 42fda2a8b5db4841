//! The connection file and the five sockets that it describes.

use super::iopub::IopubConnection;
use super::publisher::Publisher;
use crate::{Error, Lang};
use jupyter_protocol::connection_info::{ConnectionInfo, Transport};
use jupyter_zmq_client::{
    Connection, KernelControlConnection, KernelHeartbeatConnection, KernelShellConnection,
    KernelStdinConnection, RuntimeError, create_kernel_control_connection,
    create_kernel_heartbeat_connection, create_kernel_shell_connection,
    create_kernel_stdin_connection,
};
use rustix::fs::Mode;
use serde_json::{Map, Value};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// The only way of signing that Jupyter uses in practice.
const SIGNATURE_SCHEME: &str = "hmac-sha256";

/// The sockets of a kernel, bound.
pub(super) struct Sockets {
    pub(super) shell: KernelShellConnection,
    pub(super) control: KernelControlConnection,
    pub(super) stdin: KernelStdinConnection,
    pub(super) iopub: IopubConnection,
    pub(super) heartbeat: KernelHeartbeatConnection,
}

/// Reads a connection file.
pub(super) fn read(path: &Path, lang: Lang) -> Result<ConnectionInfo, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
        context: lang.pick(
            format!(
                "the connection file {} cannot be read (Jupyter writes it; give its path)",
                path.display()
            ),
            format!(
                "le fichier de connexion {} est illisible (Jupyter l'écrit ; donnez son chemin)",
                path.display()
            ),
        ),
        source,
    })?;
    let fields = Fields {
        path,
        lang,
        map: parse(&text, path, lang)?,
    };
    let scheme = fields.text("signature_scheme")?;
    if scheme != SIGNATURE_SCHEME {
        return Err(fields.refuse(
            "signature_scheme",
            &format!("\"{scheme}\""),
            &format!("\"{SIGNATURE_SCHEME}\""),
        ));
    }
    let transport = fields.transport()?;
    let info = ConnectionInfo {
        ip: host(fields.text("ip")?, &transport),
        transport,
        shell_port: fields.port("shell_port")?,
        iopub_port: fields.port("iopub_port")?,
        stdin_port: fields.port("stdin_port")?,
        control_port: fields.port("control_port")?,
        hb_port: fields.port("hb_port")?,
        key: fields.text("key")?.to_owned(),
        signature_scheme: scheme.to_owned(),
        kernel_name: None,
    };
    if info.key.is_empty() {
        super::log(lang.pick(
            "the connection file's key is empty: whoever reaches the ports can run code",
            "la clé du fichier de connexion est vide : quiconque atteint les ports peut exécuter du code",
        ));
    }
    Ok(info)
}

fn parse(text: &str, path: &Path, lang: Lang) -> Result<Map<String, Value>, Error> {
    let found = match serde_json::from_str(text) {
        Ok(Value::Object(map)) => return Ok(map),
        Ok(other) => kind_of(&other).to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Error::Message(lang.pick(
        format!(
            "the connection file {} should hold a JSON object, found: {found}. Let Jupyter write it, or start the \
             kernel with `jupyter console --kernel mlcourse`",
            path.display()
        ),
        format!(
            "le fichier de connexion {} devrait contenir un objet JSON, trouvé : {found}. Laissez Jupyter l'écrire, ou \
             lancez le noyau par `jupyter console --kernel mlcourse`",
            path.display()
        ),
    )))
}

/// A host as zeromq wants it.
fn host(ip: &str, transport: &Transport) -> String {
    match transport {
        Transport::TCP if ip == "*" => "0.0.0.0".to_owned(),
        Transport::TCP if ip.contains(':') && !ip.starts_with('[') => format!("[{ip}]"),
        _ => ip.to_owned(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The file's keys, and who complains about them.
struct Fields<'a> {
    path: &'a Path,
    lang: Lang,
    map: Map<String, Value>,
}

impl Fields<'_> {
    fn text(&self, key: &str) -> Result<&str, Error> {
        match self.map.get(key) {
            Some(Value::String(text)) => Ok(text),
            other => Err(self.refuse(key, &shown(other), self.lang.pick("a string", "une chaîne"))),
        }
    }

    fn port(&self, key: &str) -> Result<u16, Error> {
        let value = self.map.get(key);
        value
            .and_then(Value::as_u64)
            .and_then(|port| u16::try_from(port).ok())
            .ok_or_else(|| {
                self.refuse(
                    key,
                    &shown(value),
                    self.lang
                        .pick("a port from 0 to 65535", "un port de 0 à 65535"),
                )
            })
    }

    fn transport(&self) -> Result<Transport, Error> {
        match self.text("transport")? {
            "tcp" => Ok(Transport::TCP),
            "ipc" => Ok(Transport::IPC),
            other => Err(self.refuse("transport", &format!("\"{other}\""), "\"tcp\", \"ipc\"")),
        }
    }

    fn refuse(&self, key: &str, found: &str, expected: &str) -> Error {
        let path = self.path.display();
        Error::Message(self.lang.pick(
            format!(
                "the connection file {path} cannot be used: `{key}` should be {expected}, found {found}. Let Jupyter \
                 write the file, or correct this key"
            ),
            format!(
                "le fichier de connexion {path} est inutilisable : `{key}` devrait être {expected}, trouvé {found}. \
                 Laissez Jupyter écrire le fichier, ou corrigez cette clé"
            ),
        ))
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(
        || "nothing".to_owned(),
        |value| format!("{} ({value})", kind_of(value)),
    )
}

/// Opens the sockets.
pub(super) async fn bind(info: &ConnectionInfo, path: &Path, lang: Lang) -> Result<Sockets, Error> {
    if info.transport == Transport::IPC {
        remove_stale(info);
    }
    // Sockets in files are for their owner alone, from the moment they exist; user code gets the usual mask back.
    let mask = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let bound = bind_all(info).await;
    rustix::process::umask(mask);
    bound.map_err(|(channel, port, error)| {
        let (path, error) = (path.display(), cause(&error));
        Error::Message(lang.pick(
            format!(
                "the kernel cannot open its {channel} socket (`{channel}_port` is {port} in {path}): {error}. If \
                 another program uses it, start the kernel again: Jupyter picks free ports"
            ),
            format!(
                "le noyau ne peut pas ouvrir sa prise {channel} (`{channel}_port` vaut {port} dans {path}) : {error}. \
                 Si un autre programme l'utilise, relancez le noyau : Jupyter choisit des ports libres"
            ),
        ))
    })
}

async fn bind_all(info: &ConnectionInfo) -> Result<Sockets, (&'static str, u16, RuntimeError)> {
    let session = uuid::Uuid::new_v4().to_string();
    let heartbeat = create_kernel_heartbeat_connection(info)
        .await
        .map_err(|error| ("hb", info.hb_port, error))?;
    let shell = create_kernel_shell_connection(info, &session)
        .await
        .map_err(|error| ("shell", info.shell_port, error))?;
    let control = create_kernel_control_connection(info, &session)
        .await
        .map_err(|error| ("control", info.control_port, error))?;
    let stdin = create_kernel_stdin_connection(info, &session)
        .await
        .map_err(|error| ("stdin", info.stdin_port, error))?;
    let publisher = Publisher::bind(info)
        .await
        .map_err(|error| ("iopub", info.iopub_port, error.into()))?;
    let iopub = Connection {
        socket: publisher,
        mac: shell.mac.clone(),
        session_id: session,
    };
    Ok(Sockets {
        shell,
        control,
        stdin,
        iopub,
        heartbeat,
    })
}

fn cause(error: &RuntimeError) -> String {
    match error {
        RuntimeError::ZmqError(zeromq::ZmqError::Network(io)) => io.to_string(),
        other => other.to_string(),
    }
}

fn socket_files(info: &ConnectionInfo) -> impl Iterator<Item = PathBuf> {
    [
        info.shell_port,
        info.iopub_port,
        info.stdin_port,
        info.control_port,
        info.hb_port,
    ]
    .into_iter()
    .map(|port| PathBuf::from(format!("{}-{port}", info.ip)))
}

/// Removes socket files that nobody listens to any more: a killed kernel leaves them, and a restart reuses the names.
fn remove_stale(info: &ConnectionInfo) {
    for file in socket_files(info) {
        let is_socket =
            std::fs::symlink_metadata(&file).is_ok_and(|meta| meta.file_type().is_socket());
        if is_socket && UnixStream::connect(&file).is_err() {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Removes the socket files of a kernel that ends.
pub(super) fn remove_sockets(info: &ConnectionInfo) {
    if info.transport == Transport::IPC {
        for file in socket_files(info) {
            let _ = std::fs::remove_file(file);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_json(value: &Value) -> Result<ConnectionInfo, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), value.to_string()).unwrap();
        read(file.path(), Lang::En).map_err(|error| {
            let message = error.to_string();
            assert!(
                message.contains(&file.path().display().to_string()),
                "{message}"
            );
            message
        })
    }

    fn good() -> Value {
        json!({
            "ip": "127.0.0.1", "transport": "tcp", "key": "k", "signature_scheme": "hmac-sha256",
            "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5, "jupyter_session": "x",
        })
    }

    #[test]
    fn a_good_file_is_read() {
        assert_eq!(read_json(&good()).unwrap().control_port, 4);
    }

    #[test]
    fn a_missing_key_is_named_with_what_was_expected() {
        for key in [
            "key",
            "ip",
            "transport",
            "signature_scheme",
            "shell_port",
            "hb_port",
        ] {
            let mut file = good();
            file.as_object_mut().unwrap().remove(key);
            let message = read_json(&file).unwrap_err();
            assert!(
                message.contains(&format!("`{key}`")) && message.contains("found nothing"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_is_shown() {
        let mut file = good();
        file["shell_port"] = json!("1");
        let message = read_json(&file).unwrap_err();
        assert!(
            message.contains("`shell_port` should be a port")
                && message.contains("a string (\"1\")"),
            "{message}"
        );
        file["shell_port"] = json!(70000);
        assert!(read_json(&file).unwrap_err().contains("70000"));
    }

    #[test]
    fn another_signature_scheme_is_refused() {
        let mut file = good();
        file["signature_scheme"] = json!("hmac-md5");
        let message = read_json(&file).unwrap_err();
        assert!(
            message.contains("hmac-md5") && message.contains("hmac-sha256"),
            "{message}"
        );
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        assert!(read_json(&json!([])).unwrap_err().contains("JSON object"));
        assert!(
            read("/nowhere/kernel.json".as_ref(), Lang::En)
                .unwrap_err()
                .to_string()
                .contains("/nowhere")
        );
    }
}
