use super::Reports;
use crate::ast::{Expect, File};
use crate::check::checker::{Checker, Site};
use crate::check::scope::Place;

impl<'a> Checker<'a> {
    /// Each expectation is a condition over the reports of the run and its nodes.
    pub(super) fn expectations(&mut self, file: &'a File, expect: &'a Expect, reports: &Reports) {
        let site = Site { file, place: Place::Reports(reports), given: &[] };
        for condition in &expect.conditions {
            self.condition(&site, *condition);
        }
    }
}
