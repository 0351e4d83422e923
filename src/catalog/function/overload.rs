use crate::types::Type;

/// One way to call a function or to use an operator.
#[derive(Debug, Clone)]
pub struct Overload {
    /// As it is shown: `string.contains(string): bool`.
    pub text: &'static str,
    /// Whether the first parameter stands before a dot.
    pub is_method: bool,
    /// What it takes, the receiver of a method first. Type parameters are counted from 0.
    pub parameters: Vec<Type>,
    /// What it gives.
    pub result: Type,
}

/// The letters that stand for type parameters in the texts of the tables.
const LETTERS: [&str; 2] = ["T", "V"];

impl Overload {
    /// How many type parameters an overload may have.
    pub const TYPE_PARAMETERS: u32 = LETTERS.len() as u32;

    /// Reads `text`, in which `call` stands between the receiver and the parameters.
    pub(super) fn of_call(call: &str, text: &'static str) -> Option<Self> {
        let (before, after) = text.split_once(&format!("{call}("))?;
        let (arguments, result) = after.rsplit_once("): ")?;
        let receiver = before.strip_suffix('.');
        let arguments = split(arguments).into_iter().filter(|argument| !argument.is_empty());
        Some(Self {
            text,
            is_method: receiver.is_some(),
            parameters: receiver.into_iter().chain(arguments).map(parse).collect::<Option<_>>()?,
            result: parse(result)?,
        })
    }

    /// Reads `text`, in which `symbol` stands before or between the operands.
    pub(super) fn of_operator(symbol: &str, text: &'static str) -> Option<Self> {
        let (operands, result) = text.rsplit_once(": ")?;
        let operands = match operands.split_once(&format!(" {symbol} ")) {
            Some((left, right)) => vec![left, right],
            None => vec![operands.strip_prefix(symbol)?],
        };
        let parameters = operands.into_iter().map(parse).collect::<Option<_>>()?;
        Some(Self { text, is_method: false, parameters, result: parse(result)? })
    }
}

fn parse(text: &str) -> Option<Type> {
    let text = text.trim();
    if let Some(inner) = text.strip_suffix('?') {
        return parse(inner).map(Type::optional);
    }
    if let Some(inner) = text.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
        return parse(inner).map(Type::list);
    }
    if let Some(inner) = text.strip_prefix("map<").and_then(|rest| rest.strip_suffix('>')) {
        let [key, value] = split(inner)[..] else { return None };
        return Some(Type::map(parse(key)?, parse(value)?));
    }
    if let Some(letter) = LETTERS.iter().position(|letter| *letter == text) {
        return u32::try_from(letter).ok().map(Type::Parameter);
    }
    match text {
        "json" => Some(Type::Json),
        "type" => Some(Type::Kind(Type::Parameter(0).into())),
        simple => Type::parse_cel(simple).ok(),
    }
}

/// At the commas outside all angle brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|letter| {
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .map(str::trim)
    .collect()
}
