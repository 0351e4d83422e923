use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::answer::Answer;

/// The longest line of an answer, in bytes; RFC 5321 allows 512.
const MAX_LINE: usize = 4 << 10;

/// The longest answer, in bytes.
const MAX_ANSWER: usize = 64 << 10;

/// What a conversation goes over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A line to a mail server: commands out, answers in.
pub(super) struct Line {
    stream: Box<dyn Stream>,
    /// What came and isn't read yet.
    unread: Vec<u8>,
}

/// Why no answer came.
#[derive(Debug)]
pub(super) enum Fault {
    /// The line is broken.
    Broken(io::Error),
    /// The server closed it.
    Closed,
    /// What came is too long.
    TooLong,
    /// What came is no answer of SMTP.
    Nonsense,
}

impl Line {
    pub(super) fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), unread: Vec::new() }
    }

    /// Sends some bytes.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.stream.write_all(bytes).await.map_err(Fault::Broken)?;
        self.stream.flush().await.map_err(Fault::Broken)
    }

    /// The next answer, of which never more is kept than the longest may have.
    pub(super) async fn answer(&mut self) -> Result<Answer, Fault> {
        let (mut lines, mut length) = (Vec::new(), 0);
        loop {
            let line = self.line().await?;
            length += line.len();
            if length > MAX_ANSWER || lines.len() * 4 > MAX_ANSWER {
                return Err(Fault::TooLong);
            }
            let is_last = Answer::ends_with(&line);
            lines.push(line);
            if is_last {
                return Answer::read(&lines).ok_or(Fault::Nonsense);
            }
        }
    }

    /// The bare stream, to be encrypted. Nothing may have come that wasn't asked for: whoever sits between could have
    /// put it there, to be taken for the server's own words later.
    pub(super) fn into_quiet(self) -> Option<Box<dyn Stream>> {
        self.unread.is_empty().then_some(self.stream)
    }

    async fn line(&mut self) -> Result<String, Fault> {
        let mut seen = 0;
        loop {
            if let Some(end) = self.unread.iter().skip(seen).position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=seen + end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            seen = self.unread.len();
            if seen > MAX_LINE {
                return Err(Fault::TooLong);
            }
            let mut chunk = [0; 1 << 10];
            match self.stream.read(&mut chunk).await.map_err(Fault::Broken)? {
                0 => return Err(Fault::Closed),
                count => self.unread.extend(chunk.iter().take(count)),
            }
        }
    }
}
