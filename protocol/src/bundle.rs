use base64::Engine as _;

/// One thing to show, in as many formats as its maker has: a page picks the richest one it knows.
///
/// Text formats are kept as they are, binary ones (PNG) as base64, as notebooks store them.
///
/// ```
/// use mlcourse_protocol::MimeBundle;
/// let table = MimeBundle::text("1 2").with("text/html", "<table><tr><td>1<td>2</table>");
/// assert_eq!(table.get("text/plain"), Some("1 2"));
/// assert_eq!(table.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MimeBundle {
    entries: Vec<(String, String)>,
}

impl MimeBundle {
    /// A bundle with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A bundle of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with("text/plain", text)
    }

    /// The bundle with one more format; a format that is there already is replaced.
    #[must_use]
    pub fn with(mut self, mime: impl Into<String>, data: impl Into<String>) -> Self {
        let mime = mime.into();
        self.entries.retain(|(known, _)| *known != mime);
        self.entries.push((mime, data.into()));
        self
    }

    /// The bundle with a binary format, stored as base64.
    #[must_use]
    pub fn with_bytes(self, mime: impl Into<String>, data: &[u8]) -> Self {
        self.with(mime, base64::engine::general_purpose::STANDARD.encode(data))
    }

    /// The content in one format.
    pub fn get(&self, mime: &str) -> Option<&str> {
        self.entries
            .iter()
            .find(|(known, _)| known == mime)
            .map(|(_, data)| data.as_str())
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Formats and contents, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(mime, data)| (mime.as_str(), data.as_str()))
    }
}

impl FromIterator<(String, String)> for MimeBundle {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
        }
    }
}
