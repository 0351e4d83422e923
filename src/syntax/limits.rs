//! Limits that hold before anything recurses.

/// How deep brackets may nest.
pub(super) const MAX_NESTING: usize = 128;

/// How deep interpolated texts may nest.
pub(super) const MAX_INTERPOLATIONS: usize = 4;

/// What nests too deep, and where the first that does opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooDeep {
    Brackets(usize),
    Interpolations(usize),
}

/// What is open at a place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Bracket,
    /// The `<` of a type. A comparison looks the same, so a line end forgets it.
    Angle,
    Interpolation,
    Text {
        quote: &'static str,
        raw: bool,
    },
}

/// Looks once over the text, with no memory but for what is open. Brackets in texts and comments don't count.
pub(super) fn too_deep(text: &str) -> Option<TooDeep> {
    let mut scan = Scan { text, at: 0, open: Vec::new(), interpolations: 0 };
    while scan.at < text.len() {
        scan.step();
        if scan.interpolations > MAX_INTERPOLATIONS {
            return Some(TooDeep::Interpolations(scan.at - 1));
        }
        if scan.open.len() > MAX_NESTING {
            return Some(TooDeep::Brackets(scan.at - 1));
        }
    }
    None
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Open>,
    interpolations: usize,
}

impl Scan<'_> {
    fn step(&mut self) {
        match self.open.last() {
            Some(Open::Text { quote, raw }) => self.step_in_text(quote, *raw),
            _ => self.step_in_code(),
        }
    }

    fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn step_in_text(&mut self, quote: &'static str, raw: bool) {
        let interpolates = !raw && quote.starts_with('"');
        let rest = self.rest();
        if rest.starts_with(b"\\") {
            self.at += 2;
        } else if interpolates && rest.starts_with(b"$${") {
            self.at += 3;
        } else if interpolates && rest.starts_with(b"${") {
            self.at += 2;
            self.interpolations += 1;
            self.open.push(Open::Interpolation);
        } else if rest.starts_with(quote.as_bytes()) {
            self.at += quote.len();
            self.open.pop();
        } else {
            if quote.len() == 1 && rest.starts_with(b"\n") {
                self.leave_unclosed_text();
            }
            self.at += 1;
        }
    }

    /// A text that its line doesn't close: it is a mistake, and whatever it interpolated is over too.
    fn leave_unclosed_text(&mut self) {
        while let Some(Open::Text { .. } | Open::Interpolation) = self.open.last() {
            if self.open.pop() == Some(Open::Interpolation) {
                self.interpolations -= 1;
            }
        }
    }

    fn step_in_code(&mut self) {
        let rest = self.rest();
        if rest.starts_with(b"//") {
            self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            return;
        }
        if rest.starts_with(b"/*") {
            let inside = rest[2..].windows(2).position(|pair| pair == b"*/");
            self.at += inside.map_or(rest.len(), |at| at + 4);
            return;
        }
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        if let Some(quote) = quotes.into_iter().find(|quote| rest.starts_with(quote.as_bytes())) {
            let raw = self.at > 0 && matches!(self.text.as_bytes()[self.at - 1], b'r' | b'R' | b'b' | b'B');
            self.at += quote.len();
            self.open.push(Open::Text { quote, raw });
            return;
        }
        self.bracket(rest[0]);
        self.at += 1;
    }

    fn bracket(&mut self, byte: u8) {
        match byte {
            b'(' | b'[' | b'{' => self.open.push(Open::Bracket),
            b'<' if self.at > 0 && self.text.as_bytes()[self.at - 1].is_ascii_alphanumeric() => {
                self.open.push(Open::Angle);
            }
            b'>' if self.open.last() == Some(&Open::Angle) => drop(self.open.pop()),
            b'\n' => self.forget_angles(),
            b')' | b']' | b'}' => {
                self.forget_angles();
                if self.open.pop() == Some(Open::Interpolation) {
                    self.interpolations -= 1;
                }
            }
            _ => {}
        }
    }

    fn forget_angles(&mut self) {
        while self.open.last() == Some(&Open::Angle) {
            self.open.pop();
        }
    }
}
