use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// What a program writes to one of its two outputs.
#[derive(Debug)]
pub(super) struct Output<T> {
    pipe: Option<T>,
    pub(super) bytes: Vec<u8>,
}

/// What is still to be written to its standard input.
#[derive(Debug)]
pub(super) struct Input {
    pipe: Option<ChildStdin>,
    bytes: Vec<u8>,
    written: usize,
}

/// The three pipes to a program.
#[derive(Debug)]
pub(super) struct Pipes {
    pub(super) stdin: Input,
    pub(super) stdout: Output<ChildStdout>,
    pub(super) stderr: Output<ChildStderr>,
}

impl Pipes {
    /// Those of a program, for which some bytes are.
    pub(super) fn of(child: &mut Child, bytes: Vec<u8>) -> io::Result<Self> {
        Ok(Self {
            stdin: Input { pipe: unblocked(child.stdin.take())?, bytes, written: 0 },
            stdout: Output { pipe: unblocked(child.stdout.take())?, bytes: Vec::new() },
            stderr: Output { pipe: unblocked(child.stderr.take())?, bytes: Vec::new() },
        })
    }

    /// Whether nobody has an output open any more.
    pub(super) fn are_closed(&self) -> bool {
        self.stdout.pipe.is_none() && self.stderr.pipe.is_none()
    }

    /// How much has come, in bytes.
    pub(super) fn size(&self) -> usize {
        self.stdout.bytes.len() + self.stderr.bytes.len()
    }

    /// Moves what can be moved without waiting, and of what comes at most some bytes more than `most` in all; whether
    /// anything came.
    pub(super) fn turn(&mut self, most: usize) -> bool {
        let before = self.size();
        self.stdin.turn();
        let room = (most + 1).saturating_sub(self.size());
        self.stdout.turn(room);
        let room = (most + 1).saturating_sub(self.size());
        self.stderr.turn(room);
        self.size() > before
    }
}

impl Input {
    /// What to wait for in order to write on; none where all is written.
    pub(super) fn waits_for(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    fn turn(&mut self) {
        while let Some(pipe) = &mut self.pipe {
            match pipe.write(self.bytes.get(self.written..).unwrap_or_default()) {
                Ok(0) => self.pipe = None,
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A program need not read it.
                Err(_) => self.pipe = None,
            }
        }
    }
}

impl<T: Read + AsFd> Output<T> {
    /// What to wait for in order to read on; none where nothing will come.
    pub(super) fn waits_for(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    fn turn(&mut self, room: usize) {
        let mut room = room;
        let mut part = [0; 1 << 14];
        while let Some(pipe) = self.pipe.as_mut().filter(|_| room > 0) {
            let most = part.len().min(room);
            match pipe.read(part.get_mut(..most).unwrap_or_default()) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    self.bytes.extend(part.iter().take(count));
                    room -= count;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.pipe = None,
            }
        }
    }
}

fn unblocked<T: AsFd>(pipe: Option<T>) -> io::Result<Option<T>> {
    if let Some(pipe) = &pipe {
        fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?;
    }
    Ok(pipe)
}
