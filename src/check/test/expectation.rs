use super::Reports;
use crate::ast::{Expect, File};
use crate::check::checker::{Checker, Site};
use crate::check::scope::Place;
use crate::check::typed::ExprId;

impl<'a> Checker<'a> {
    /// Each expectation is a condition over the reports of the run and its nodes.
    pub(super) fn expectations(
        &mut self,
        file: &'a File,
        expect: &'a Expect,
        reports: &Reports,
    ) -> Vec<ExprId> {
        let site = Site { file, place: Place::Reports(reports), given: &[] };
        expect.conditions.iter().filter_map(|condition| self.condition(&site, *condition)).collect()
    }
}
