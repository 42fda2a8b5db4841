//! Files that are whole or not there.

use crate::Error;
use crate::error::IoContext as _;
use std::io::Write as _;
use std::path::Path;

/// Writes a file beside its place, then moves it there: a reader sees the old content or the new one.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Error> {
    let refused = || format!("{} cannot be written", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).context(refused)?;
    file.write_all(content).context(refused)?;
    file.persist(path)
        .map(|_| ())
        .map_err(|error| error.error)
        .context(refused)
}
