use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::engine::Engine;
use super::error::Error;
use super::file::{Level, Profile, ProjectFile, Spotted, Written};
use super::key::{Form, Key};
use super::problem::Problem;
use super::source::Source;
use super::take;
use crate::diagnostic::nearest;
use crate::source::LineIndex;

/// The sections that exist.
const SECTIONS: &[&str] =
    &["approvals", "breakers", "engine", "journal", "levels", "profile", "secrets", "temporal", "workflows"];

/// What a profile has beside settings.
const TEMPORAL: &str = "temporal";

type Name<'t> = Spanned<std::borrow::Cow<'t, str>>;

/// Reads a `citadel.toml` as far as it can be read.
pub(super) fn read(path: &Path, lines: LineIndex, text: &str) -> ProjectFile {
    let file = ProjectFile { path: path.to_owned(), ..ProjectFile::default() };
    let mut reader = Reader { lines, file };
    match DeTable::parse(text) {
        Ok(table) => reader.sections(table.get_ref()),
        Err(error) => {
            let reason = error.message().replace('\n', ", ");
            reader.report(error.span().unwrap_or_default(), Error::Syntax { reason });
        }
    }
    reader.file.mistakes.sort_by_key(|spotted| (spotted.place.start, spotted.place.end));
    reader.file
}

struct Reader {
    lines: LineIndex,
    file: ProjectFile,
}

impl Reader {
    fn sections(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let word = name.get_ref().as_ref();
            if !SECTIONS.contains(&word) {
                let suggestion = nearest(word, SECTIONS.iter().copied());
                let name_text = word.to_owned();
                self.report(
                    name.span(),
                    Error::UnknownSection { name: name_text, suggestion, known: SECTIONS },
                );
            } else if let Some(section) = self.section(name, value, word) {
                self.read_section(word, section);
            }
        }
    }

    fn read_section(&mut self, name: &str, section: &DeTable<'_>) {
        match name {
            "breakers" => self.breakers(section),
            "levels" => self.levels(section),
            "profile" => self.profiles(section),
            "approvals" => self.approvals(section),
            "journal" => self.journal(section),
            "secrets" => self.secrets(section),
            "engine" => self.file.engine = self.engine("engine", "default", section),
            "workflows" => self.workflows(section),
            _ => self.file.temporal = self.temporal(TEMPORAL, section),
        }
    }

    fn levels(&mut self, section: &DeTable<'_>) {
        for (code, value) in section {
            let level = value.get_ref().as_str().map(str::to_owned);
            self.file.levels.push(Level {
                code: (code.get_ref().to_string(), code.span()),
                level: (level, value.span()),
            });
        }
    }

    fn profiles(&mut self, section: &DeTable<'_>) {
        for (name, value) in section {
            let path = format!("profile.{}", name.get_ref());
            let Some(fields) = self.section(name, value, &path) else { continue };
            let mut profile = Profile::default();
            for (field, value) in fields {
                match value.get_ref() {
                    DeValue::Table(table) if field.get_ref().as_ref() == TEMPORAL => {
                        profile.temporal = self.temporal(&format!("{path}.{TEMPORAL}"), table);
                    }
                    value => drop(profile.settings.insert(field.get_ref().to_string(), json(value))),
                }
            }
            self.file.profiles.insert(name.get_ref().to_string(), profile);
        }
    }

    fn journal(&mut self, section: &DeTable<'_>) {
        let Some(value) = self.only("journal", "retention", section) else { return };
        match value.get_ref().as_str().map_or(Err(Problem::Kind(Form::Time)), take::age) {
            Ok(time) => self.file.retention = Some(time),
            Err(problem) => self.report_value(value.span(), "retention", problem),
        }
    }

    fn secrets(&mut self, section: &DeTable<'_>) {
        let Some(value) = self.only("secrets", "age_identity", section) else { return };
        match value.get_ref().as_str().filter(|path| !path.is_empty()) {
            Some(path) => self.file.age_identity = Some(self.file.folder().join(path)),
            None => self.report_value(value.span(), "age_identity", Problem::Kind(Form::Path)),
        }
    }

    fn approvals(&mut self, section: &DeTable<'_>) {
        let Some(value) = self.only("approvals", "link", section) else { return };
        match value.get_ref().as_str().map_or(Err(Problem::NoText), take::link) {
            Ok(link) => self.file.approval_link = Some(link),
            Err(problem) => self.report_value(value.span(), "link", problem),
        }
    }

    fn breakers(&mut self, section: &DeTable<'_>) {
        let Some(value) = self.only("breakers", "store", section) else { return };
        match value.get_ref().as_str().map_or(Err(Problem::NoText), take::store) {
            Ok(store) => self.file.breaker_store = Some(store),
            Err(problem) => self.report_value(value.span(), "store", problem),
        }
    }

    fn workflows(&mut self, section: &DeTable<'_>) {
        for (name, value) in section {
            let path = format!("workflows.{}", name.get_ref());
            let Some(fields) = self.section(name, value, &path) else { continue };
            if let Some(engine) = self.engine(&path, "engine", fields) {
                self.file.engines.insert(name.get_ref().to_string(), engine);
            }
        }
    }

    /// The engine that the only key of a section names.
    fn engine(&mut self, path: &str, key: &'static str, section: &DeTable<'_>) -> Option<(Engine, Source)> {
        let value = self.only(path, key, section)?;
        match value.get_ref().as_str().map_or(Err(Problem::NoText), Engine::parse) {
            Ok(engine) => Some((engine, self.source(value.span()))),
            Err(problem) => {
                self.report_value(value.span(), key, problem);
                None
            }
        }
    }

    fn temporal(&mut self, path: &str, section: &DeTable<'_>) -> BTreeMap<Key, Written> {
        let mut values = BTreeMap::new();
        for (name, value) in section {
            let Some(key) = Key::of_name(name.get_ref()) else {
                self.report_key(path, name, Key::ALL.map(Key::name).to_vec());
                continue;
            };
            let written = text(key.form(), value.get_ref());
            match written.and_then(|text| take::check(key, &text).map(|()| text)) {
                Ok(text) => {
                    values.insert(key, Written { text, source: self.source(value.span()) });
                }
                Err(problem) => self.report_value(value.span(), key.name(), problem),
            }
        }
        values
    }

    /// The value of the only key that a section has.
    fn only<'t, 'i>(
        &mut self,
        path: &str,
        key: &'static str,
        section: &'t DeTable<'i>,
    ) -> Option<&'t Spanned<DeValue<'i>>> {
        let mut found = None;
        for (name, value) in section {
            if name.get_ref().as_ref() == key {
                found = Some(value);
            } else {
                self.report_key(path, name, vec![key]);
            }
        }
        found
    }

    fn section<'t, 'i>(
        &mut self,
        name: &Name<'i>,
        value: &'t Spanned<DeValue<'i>>,
        path: &str,
    ) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let error = Error::SectionExpected { name: name.get_ref().to_string(), example: path.to_owned() };
            self.report(name.span(), error);
        }
        table
    }

    fn report_key(&mut self, section: &str, name: &Name<'_>, known: Vec<&'static str>) {
        let suggestion = nearest(name.get_ref(), known.iter().copied());
        let (section, written) = (section.to_owned(), name.get_ref().to_string());
        self.report(name.span(), Error::UnknownKey { section, name: written, suggestion, known });
    }

    fn report_value(&mut self, place: Range<usize>, name: &str, problem: Problem) {
        self.report(place, Error::Value { name: name.to_owned(), problem });
    }

    fn report(&mut self, place: Range<usize>, error: Error) {
        let source = self.source(place.clone());
        self.file.mistakes.push(Spotted { place, source, error });
    }

    fn source(&self, place: Range<usize>) -> Source {
        let line = self.lines.line(u32::try_from(place.start).unwrap_or(u32::MAX));
        Source::File { path: self.file.path.clone(), line }
    }
}

/// A value of `[temporal]` as a variable would write it.
fn text(form: Form, value: &DeValue<'_>) -> Result<String, Problem> {
    match (form, value) {
        (Form::Count, DeValue::Integer(number)) => Ok(number.to_string()),
        (Form::Switch, DeValue::Boolean(yes)) => Ok(yes.to_string()),
        (Form::Count | Form::Switch, _) => Err(Problem::Kind(form)),
        (_, DeValue::String(text)) => Ok(text.to_string()),
        _ => Err(Problem::Kind(form)),
    }
}

/// What a value of TOML is in JSON; a date is its text.
fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => integer(number.as_str(), number.radix()),
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Boolean(yes) => Json::Bool(*yes),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(fields) => fields
            .iter()
            .map(|(name, field)| (name.get_ref().to_string(), json(field.get_ref())))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// TOML has no numbers beyond 64 bits; one that is written all the same stays a text, which no setting of numbers takes.
fn integer(digits: &str, radix: u32) -> Json {
    i64::from_str_radix(digits, radix).map_or_else(|_| digits.into(), Json::from)
}
