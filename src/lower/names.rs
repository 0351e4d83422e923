use std::collections::BTreeMap;

use crate::check::program::{ConstantIx, SecretIx, SettingIx};
use crate::plan::expr::{Op, Variable};

use super::expr::Compiled;
use super::once::Once;

/// The names from outside a workflow that its expressions read, each in the order in which it is first read.
#[derive(Default)]
pub(super) struct Names {
    pub(super) settings: Once<SettingIx, SettingIx>,
    pub(super) secrets: Once<SecretIx, SecretIx>,
    pub(super) constants: Once<ConstantIx, (ConstantIx, Compiled)>,
}

impl Names {
    /// The place of a setting.
    pub(super) fn setting(&mut self, setting: SettingIx) -> u32 {
        self.settings.place(setting, || setting) as u32
    }

    /// The place of a secret.
    pub(super) fn secret(&mut self, secret: SecretIx) -> u32 {
        self.secrets.place(secret, || secret) as u32
    }

    /// The place of a constant, which comes after those of the constants that it reads. `compile` gives its value.
    pub(super) fn constant(&mut self, constant: ConstantIx, compile: impl Fn(ConstantIx) -> Compiled) -> u32 {
        let mut waiting: BTreeMap<ConstantIx, Compiled> = BTreeMap::new();
        let mut open = vec![constant];
        while let Some(next) = open.last().copied() {
            if self.constants.find(&next).is_some() {
                open.pop();
                continue;
            }
            let met_before = waiting.remove(&next);
            let is_last_try = met_before.is_some();
            let value = met_before.unwrap_or_else(|| compile(next));
            let unmet: Vec<_> = reads(&value).filter(|read| self.constants.find(read).is_none()).collect();
            if unmet.is_empty() || is_last_try {
                let value = self.resolved(value);
                self.constants.place(next, || (next, value));
            } else {
                waiting.insert(next, value);
                open.extend(unmet);
            }
        }
        self.constants.find(&constant).map_or(u32::MAX, |place| place as u32)
    }

    /// The value of a constant that reads only constants that have a place.
    fn resolved(&self, mut value: Compiled) -> Compiled {
        value.code.rename(|variable| match variable {
            Variable::Constant(read) => Variable::Constant(
                self.constants.find(&(read as usize)).map_or(u32::MAX, |place| place as u32),
            ),
            other => other,
        });
        value
    }
}

/// The constants that a value reads.
fn reads(value: &Compiled) -> impl Iterator<Item = ConstantIx> + '_ {
    value.code.ops().iter().filter_map(|op| match op {
        Op::Variable(Variable::Constant(constant)) => Some(*constant as usize),
        _ => None,
    })
}
