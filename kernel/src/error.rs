/// What can go wrong around a session. A cell that fails is not among it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or a process refused.
    #[error("{context}: {source}")]
    Io {
        /// What was tried.
        context: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else, in words for the user.
    #[error("{0}")]
    Message(String),
}

/// Says what was tried when the system refuses.
pub(crate) trait IoContext<T> {
    /// The error with what was tried.
    fn context(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io {
            context: what(),
            source,
        })
    }
}
