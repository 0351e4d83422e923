use std::io::Write;
use std::process::ExitCode;

use serde_json::{Map, Value as Json, json};

use super::arguments::ConfigArguments;
use super::home::configuration;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::config::{Config, Mistakes, Row, Shown};
use crate::diagnostic::render::escaped;

/// `citadel config`: each value, and where it comes from.
pub(in crate::cli) fn config(arguments: &ConfigArguments) -> Result<ExitCode, Failure> {
    let mut flags = arguments.connection.given();
    flags.extend(arguments.limits.given());
    let config = configuration(&flags, arguments.profile.as_deref())?;
    let text = if arguments.json { document(&config) } else { table(&config) };
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// Says all that is wrong, a line each, with what to do about it.
pub(in crate::cli) fn tell(mistakes: &Mistakes) {
    for mistake in &mistakes.0 {
        complain(&format!("error: {mistake}"));
        if let Some(help) = mistake.fault.help() {
            complain(&format!("  help: {help}"));
        }
    }
}

/// Rows of three columns below the names of their sections.
fn table(config: &Config) -> String {
    let cells = |row: Row<'_>| [escaped(row.name).into_owned(), text(&row.value), row.source.to_string()];
    let temporal: Vec<[String; 3]> = config.temporal_rows().map(cells).collect();
    let engine: Vec<[String; 3]> = config.engine_rows().map(cells).collect();
    let width = |column: usize| {
        let lengths = temporal.iter().chain(&engine).filter_map(|row| row.get(column));
        lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (names, values) = (width(0), width(1));
    let line = |[name, value, source]: &[String; 3]| {
        format!("  {name:names$}  {value:values$}  {}\n", escaped(source))
    };
    let profile = config.profile().map(|it| format!("profile {} ({})\n\n", escaped(&it.value), it.source));
    let section = |rows: &[[String; 3]]| rows.iter().map(line).collect::<String>();
    format!("{}temporal\n{}\nengine\n{}", profile.unwrap_or_default(), section(&temporal), section(&engine))
}

fn text(value: &Shown) -> String {
    match value {
        Shown::Text(text) => escaped(text).into_owned(),
        Shown::Count(count) => count.to_string(),
        Shown::Switch(true) => "on".to_owned(),
        Shown::Switch(false) => "off".to_owned(),
        Shown::Hidden => "(hidden)".to_owned(),
        Shown::Absent => "-".to_owned(),
    }
}

fn document(config: &Config) -> String {
    let (mut workflows, mut engine) = (Map::new(), Json::Null);
    for (at, row) in config.engine_rows().enumerate() {
        if at == 0 {
            engine = object(&row);
        } else {
            workflows.insert(row.name.to_owned(), object(&row));
        }
    }
    let temporal: Map<String, Json> =
        config.temporal_rows().map(|row| (row.name.to_owned(), object(&row))).collect();
    let mut document =
        json!({ "temporal": temporal, "engine": { "default": engine, "workflows": workflows } });
    if let Some(profile) = config.profile() {
        let (value, kind) = (&profile.value, profile.source.kind());
        document["profile"] = json!({ "value": value, "source": kind, "place": profile.source.to_string() });
    }
    format!("{document:#}\n")
}

fn object(row: &Row<'_>) -> Json {
    let value = match &row.value {
        Shown::Text(text) => Json::from(text.as_str()),
        Shown::Count(count) => Json::from(*count),
        Shown::Switch(is_on) => Json::from(*is_on),
        Shown::Hidden => Json::from("(hidden)"),
        Shown::Absent => Json::Null,
    };
    json!({ "value": value, "source": row.source.kind(), "place": row.source.to_string() })
}
