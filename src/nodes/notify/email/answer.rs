use std::time::Duration;

use crate::nodes::NodeError;
use crate::nodes::notify::failure::answered;

/// The first pause after a server that asks to come again. Each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

/// How often the pause is doubled.
const MOST_DOUBLINGS: u32 = 4;

/// What a mail server says to a command (RFC 5321, section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) code: u16,
    /// Its lines without the code, with line ends between them.
    pub(super) text: String,
}

impl Answer {
    /// From its lines; none where they are no answer of SMTP.
    pub(super) fn read(lines: &[String]) -> Option<Self> {
        let code = lines.first()?.get(..3)?;
        let is_same = |line: &String| line.get(..3) == Some(code);
        if !code.bytes().all(|byte| byte.is_ascii_digit()) || !lines.iter().all(is_same) {
            return None;
        }
        let texts: Vec<&str> = lines.iter().map(|line| line.get(4..).unwrap_or_default()).collect();
        let code = code.parse().ok().filter(|code| (200..600).contains(code))?;
        Some(Self { code, text: texts.join("\n") })
    }

    /// Whether a line has none behind it.
    pub(super) fn ends_with(line: &str) -> bool {
        line.as_bytes().get(3) != Some(&b'-')
    }

    /// Whether it grants what was asked: a command is answered with 2xx, one that wants more said with 3xx.
    pub(super) fn is(&self, class: u16) -> bool {
        self.code / 100 == class
    }

    /// Whether the server says no for good.
    pub(super) fn is_final(&self) -> bool {
        self.is(5)
    }

    /// The error that it is, as the answer to `what`. Whoever says no does not have the mail.
    pub(super) fn error(&self, to: &str, what: &str, attempt: u32) -> NodeError {
        let (code, text) = (self.code, self.text.as_str());
        let message = format!("{to} answered {code} to {what}");
        let error = match () {
            () if self.is_final() => answered("Rejected", message, code, text),
            () if self.is(4) => {
                let error = answered("DeliveryFailed", message, code, text);
                NodeError { retry_after: Some(pause(attempt)), ..error }
            }
            () => answered("DeliveryFailed", format!("{message}, which is no answer to it"), code, text),
        };
        error.before_effect()
    }
}

/// Minutes, and more of them each time: a server that keeps strangers waiting takes no mail before.
fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE * (1 << attempt.saturating_sub(1).min(MOST_DOUBLINGS))
}

#[cfg(test)]
mod tests {
    use super::{Answer, pause};

    fn read(lines: &[&str]) -> Option<Answer> {
        Answer::read(&lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn an_answer_is_its_code_and_its_lines() {
        let answer = read(&["250-mail.example.com", "250-STARTTLS", "250 OK"]).expect("an answer");
        assert_eq!((answer.code, answer.text.as_str()), (250, "mail.example.com\nSTARTTLS\nOK"));
        assert_eq!(read(&["354"]).map(|answer| answer.code), Some(354));
        for nonsense in [&[][..], &["HTTP/1.1 200 OK"], &["25"], &["250-a", "251 b"], &["999 a"], &["-12 a"]]
        {
            assert_eq!(read(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn no_for_now_is_asked_again_after_minutes() {
        let minutes = [1, 2, 3, 5, 50].map(|attempt| pause(attempt).as_secs() / 60);
        assert_eq!(minutes, [1, 2, 4, 16, 16]);
        let no = |code| Answer { code, text: "no".to_owned() }.error("mail", "RCPT", 1);
        assert_eq!((no(451).name.as_str(), no(451).retry_after.is_some()), ("DeliveryFailed", true));
        assert_eq!((no(550).name.as_str(), no(550).retry_after), ("Rejected", None));
        assert!(no(451).before_effect && no(550).before_effect);
    }
}
