use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Where the spans of a run belong: they have names that are worked out from the run alone, so that each process that
/// drives the run, or makes an attempt of one of its nodes, names them alike, and none is told twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The trace, by its 16 bytes.
    pub trace: [u8; 16],
    /// The span that the run belongs to; none where nobody traced its start.
    pub parent: Option<[u8; 8]>,
    /// Whether the trace is recorded.
    pub is_sampled: bool,
}

/// The path that stands for the run itself.
const RUN: &str = "";

impl Lineage {
    /// Of a run that was started under a `traceparent` (W3C Trace Context); of any other text, a trace of its own that
    /// the text stands for.
    #[must_use]
    pub fn of(text: &str) -> Self {
        parse(text).unwrap_or_else(|| Self { trace: digest(&[text]), parent: None, is_sampled: true })
    }

    /// The span of the run itself.
    #[must_use]
    pub fn run(&self, run: &str) -> [u8; 8] {
        self.span(run, RUN)
    }

    /// The span of a node by its path.
    #[must_use]
    pub fn span(&self, run: &str, path: &str) -> [u8; 8] {
        let mut trace = String::new();
        write_hex(&mut trace, &self.trace);
        digest(&[&trace, run, path])
    }

    /// The span that a node's belongs to: the loop's whose body it is in, else the run's.
    #[must_use]
    pub fn above(&self, run: &str, path: &str) -> [u8; 8] {
        let around = path.rsplit_once("].").and_then(|(around, _)| around.rsplit_once('['));
        self.span(run, around.map_or(RUN, |(around, _)| around))
    }

    /// The `traceparent` of what a node starts.
    #[must_use]
    pub fn below(&self, run: &str, path: &str) -> String {
        self.traceparent(self.span(run, path))
    }

    /// The `traceparent` of what belongs to a span of this trace.
    #[must_use]
    pub fn traceparent(&self, span: [u8; 8]) -> String {
        let mut text = "00-".to_owned();
        write_hex(&mut text, &self.trace);
        text.push('-');
        write_hex(&mut text, &span);
        text.push_str(if self.is_sampled { "-01" } else { "-00" });
        text
    }
}

/// `00-<32 hexadecimal digits>-<16>-<2>`, none of them all zeros; later versions may have more behind.
fn parse(text: &str) -> Option<Lineage> {
    let mut parts = text.trim().splitn(5, '-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_known = version == "00" && parts.next().is_none();
    let is_later = version != "00" && version != "ff" && hex::<1>(version).is_some();
    let (trace, parent, [flags]) = (hex::<16>(trace)?, hex::<8>(parent)?, hex::<1>(flags)?);
    let is_right = (is_known || is_later) && trace != [0; 16] && parent != [0; 8];
    is_right.then_some(Lineage { trace, parent: Some(parent), is_sampled: flags & 1 == 1 })
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != N * 2 || !text.bytes().all(is_hex) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn write_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
    }
}

/// The first bytes of a digest over parts that no other parts give; never all zeros, which would name nothing.
fn digest<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; N];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(byte, from)| *byte = from);
    bytes[N - 1] |= 1;
    bytes
}

#[cfg(test)]
mod tests {
    use super::Lineage;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        let lineage = Lineage::of(PARENT);
        assert!(lineage.is_sampled);
        assert_eq!(lineage.traceparent(lineage.parent.expect("it has one")), PARENT);
        assert!(!Lineage::of(&PARENT.replace("-01", "-00")).is_sampled);
        let later = format!("{}-more", PARENT.replacen("00", "cc", 1));
        assert_eq!(Lineage::of(&later).trace, lineage.trace);
    }

    #[test]
    fn any_other_text_is_a_trace_of_its_own() {
        let wrong = [
            "",
            "run-1",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b71692033313-01",
        ];
        for text in wrong {
            assert_eq!(Lineage::of(text).parent, None, "{text}");
        }
        assert_eq!(Lineage::of("run-1"), Lineage::of("run-1"));
        assert_ne!(Lineage::of("run-1"), Lineage::of("run-2"));
    }

    #[test]
    fn a_node_of_a_body_belongs_to_its_loop_and_all_else_to_the_run() {
        let lineage = Lineage::of("run-1");
        assert_eq!(lineage.above("run-1", "a"), lineage.run("run-1"));
        assert_eq!(lineage.above("run-1", "each[3].a"), lineage.span("run-1", "each"));
        assert_eq!(lineage.above("run-1", "each[3].in[0].a"), lineage.span("run-1", "each[3].in"));
        assert_ne!(lineage.span("run-1", "a"), lineage.span("run-2", "a"));
    }
}
