use crate::MimeBundle;
use std::io::{self, Read, Write};

/// What went wrong in a cell while it ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellFailure {
    /// The kind of failure, a short word: `panic`, `error`.
    pub kind: String,
    /// The message, without a position.
    pub message: String,
    /// The source file the compiler recorded, empty when unknown.
    pub file: String,
    /// The line in that file, from 1; 0 when unknown.
    pub line: u32,
    /// The column in that line, from 1; 0 when unknown.
    pub column: u32,
    /// The call stack, empty when there is none.
    pub backtrace: String,
}

/// A frame from the cell to its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromCell {
    /// Something to show under the cell, now.
    Display {
        /// What to show.
        data: MimeBundle,
        /// The name under which it can be updated.
        id: Option<String>,
        /// Whether to replace what this name shows already.
        update: bool,
    },
    /// The value of the cell's last expression.
    Result(MimeBundle),
    /// The cell's output so far goes away, at once or when the next output comes.
    ClearOutput {
        /// Wait for the next output.
        wait: bool,
    },
    /// A question to the reader.
    Input {
        /// The question.
        prompt: String,
        /// Whether the answer is secret.
        password: bool,
    },
    /// The cell failed while it ran.
    Failure(CellFailure),
}

/// A frame from the host to the cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToCell {
    /// The frame was taken; go on.
    Done,
    /// What the reader typed.
    Input(String),
    /// Nobody is there to answer; the text says why.
    NoInput(String),
}

/// The largest frame that is read: a page would not show more.
const MAX_FRAME: u32 = 1 << 30;

/// Writes one frame: a length and that many bytes.
pub fn write_frame(out: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len())
        .ok()
        .filter(|length| *length <= MAX_FRAME)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("an output of {} bytes is too large to show", body.len()),
            )
        })?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(body)?;
    out.flush()
}

/// Reads one frame; `None` at the end of the stream.
pub fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(malformed("a frame is longer than allowed"));
    }
    let mut body = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut body)?;
    if body.len() != length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(body))
}

impl FromCell {
    /// The frame's bytes, for [`write_frame`].
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Fields::default();
        match self {
            Self::Display { data, id, update } => {
                out.tag(1);
                out.bundle(data);
                out.flag(id.is_some());
                out.text(id.as_deref().unwrap_or_default());
                out.flag(*update);
            }
            Self::Result(data) => {
                out.tag(2);
                out.bundle(data);
            }
            Self::ClearOutput { wait } => {
                out.tag(3);
                out.flag(*wait);
            }
            Self::Input { prompt, password } => {
                out.tag(4);
                out.text(prompt);
                out.flag(*password);
            }
            Self::Failure(failure) => {
                out.tag(5);
                out.text(&failure.kind);
                out.text(&failure.message);
                out.text(&failure.file);
                out.number(failure.line);
                out.number(failure.column);
                out.text(&failure.backtrace);
            }
        }
        out.0
    }

    /// The frame that [`Self::encode`] wrote.
    pub fn decode(body: &[u8]) -> io::Result<Self> {
        let mut input = Reader(body);
        let frame = match input.tag()? {
            1 => {
                let data = input.bundle()?;
                let named = input.flag()?;
                let id = input.text()?;
                Self::Display {
                    data,
                    id: named.then_some(id),
                    update: input.flag()?,
                }
            }
            2 => Self::Result(input.bundle()?),
            3 => Self::ClearOutput {
                wait: input.flag()?,
            },
            4 => Self::Input {
                prompt: input.text()?,
                password: input.flag()?,
            },
            5 => Self::Failure(CellFailure {
                kind: input.text()?,
                message: input.text()?,
                file: input.text()?,
                line: input.number()?,
                column: input.number()?,
                backtrace: input.text()?,
            }),
            _ => return Err(malformed("an unknown frame from the cell")),
        };
        input.end()?;
        Ok(frame)
    }
}

impl ToCell {
    /// The frame's bytes, for [`write_frame`].
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Fields::default();
        match self {
            Self::Done => out.tag(1),
            Self::Input(text) => {
                out.tag(2);
                out.text(text);
            }
            Self::NoInput(why) => {
                out.tag(3);
                out.text(why);
            }
        }
        out.0
    }

    /// The frame that [`Self::encode`] wrote.
    pub fn decode(body: &[u8]) -> io::Result<Self> {
        let mut input = Reader(body);
        let frame = match input.tag()? {
            1 => Self::Done,
            2 => Self::Input(input.text()?),
            3 => Self::NoInput(input.text()?),
            _ => return Err(malformed("an unknown frame from the host")),
        };
        input.end()?;
        Ok(frame)
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn tag(&mut self, tag: u8) {
        self.0.push(tag);
    }

    fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        // A longer text makes the whole frame too long, which `write_frame` reports.
        self.number(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.0.extend_from_slice(text.as_bytes());
    }

    fn bundle(&mut self, bundle: &MimeBundle) {
        self.number(bundle.iter().count() as u32);
        for (mime, data) in bundle.iter() {
            self.text(mime);
            self.text(data);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, count: usize) -> io::Result<&[u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| malformed("a frame ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn tag(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn flag(&mut self) -> io::Result<bool> {
        Ok(self.tag()? != 0)
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(bytes))
    }

    fn text(&mut self) -> io::Result<String> {
        let length = self.number()? as usize;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn bundle(&mut self) -> io::Result<MimeBundle> {
        let count = self.number()?;
        (0..count)
            .map(|_| Ok((self.text()?, self.text()?)))
            .collect()
    }

    fn end(&self) -> io::Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(malformed("a frame goes on after its last field"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_survives_the_journey() {
        let frames = [
            FromCell::Display {
                data: MimeBundle::text("é").with("image/png", "AAAA"),
                id: None,
                update: false,
            },
            FromCell::Display {
                data: MimeBundle::new(),
                id: Some(String::new()),
                update: true,
            },
            FromCell::Result(MimeBundle::text("42")),
            FromCell::ClearOutput { wait: true },
            FromCell::Input {
                prompt: "âge ?".into(),
                password: true,
            },
            FromCell::Failure(CellFailure {
                kind: "panic".into(),
                line: 7,
                column: 3,
                ..Default::default()
            }),
        ];
        for frame in frames {
            assert_eq!(FromCell::decode(&frame.encode()).expect("decodes"), frame);
        }
        for frame in [
            ToCell::Done,
            ToCell::Input("x\ny".into()),
            ToCell::NoInput("nobody".into()),
        ] {
            assert_eq!(ToCell::decode(&frame.encode()).expect("decodes"), frame);
        }
    }

    #[test]
    fn a_cut_or_lengthened_frame_is_refused() {
        let whole = FromCell::Result(MimeBundle::text("42")).encode();
        for end in 0..whole.len() {
            assert!(
                FromCell::decode(&whole[..end]).is_err(),
                "accepted {end} bytes"
            );
        }
        let mut longer = whole;
        longer.push(0);
        assert!(FromCell::decode(&longer).is_err());
    }

    #[test]
    fn a_stream_ends_between_frames_and_nowhere_else() {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, b"abc").expect("writes");
        let mut whole = bytes.as_slice();
        assert_eq!(
            read_frame(&mut whole).expect("reads").as_deref(),
            Some(b"abc".as_slice())
        );
        assert_eq!(read_frame(&mut whole).expect("reads"), None);
        let mut cut = &bytes[..bytes.len() - 1];
        assert!(read_frame(&mut cut).is_err());
    }
}
