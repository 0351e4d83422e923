use std::time::Duration;

use super::address;
use super::key::Key;
use super::mistake::{Fault, Mistakes};
use super::problem::Problem;
use super::setting::Setting;
use super::take;
use super::temporal::Temporal;

/// Everything that is wrong with values that are there.
pub(super) fn all(temporal: &Temporal) -> Mistakes {
    let mut mistakes = Mistakes::default();
    texts(temporal, &mut mistakes);
    amounts(temporal, &mut mistakes);
    tls(temporal, &mut mistakes);
    mistakes
}

fn texts(temporal: &Temporal, mistakes: &mut Mistakes) {
    let name = |setting: &Setting<String>| take::name(&setting.value).map(drop);
    let checked = [
        (Key::Address, &temporal.address, address::check(&temporal.address.value)),
        (Key::Namespace, &temporal.namespace, name(&temporal.namespace)),
        (Key::TaskQueue, &temporal.task_queue, name(&temporal.task_queue)),
    ];
    for (key, setting, checked) in checked {
        if let Err(problem) = checked {
            mistakes.add(&setting.source, Fault::Value { key, problem });
        }
    }
}

fn amounts(temporal: &Temporal, mistakes: &mut Mistakes) {
    let times = [
        (Key::WorkflowTimeout, &temporal.workflow_timeout),
        (Key::ActivityTimeout, &temporal.activity_timeout),
        (Key::HeartbeatTimeout, &temporal.heartbeat_timeout),
    ];
    for (key, setting) in times.into_iter().filter(|(_, setting)| setting.value == Duration::ZERO) {
        mistakes.add(&setting.source, Fault::Value { key, problem: Problem::NoTime("0s".to_owned()) });
    }
    let counts = [
        (Key::RetryAttempts, &temporal.retry_attempts),
        (Key::MaxConcurrentTasks, &temporal.max_concurrent_tasks),
    ];
    for (key, setting) in counts.into_iter().filter(|(_, setting)| setting.value == 0) {
        mistakes.add(&setting.source, Fault::Value { key, problem: Problem::Count("0".to_owned()) });
    }
}

fn tls(temporal: &Temporal, mistakes: &mut Mistakes) {
    let (cert, key) = (&temporal.tls_cert_file, &temporal.tls_key_file);
    let halves =
        [(Key::TlsCertFile, cert, Key::TlsKeyFile, key), (Key::TlsKeyFile, key, Key::TlsCertFile, cert)];
    for (given, setting, missing, other) in halves {
        if setting.value.is_some() && other.value.is_none() {
            mistakes.add(&setting.source, Fault::Half { given, missing });
        }
    }
    if temporal.tls.value == Some(false) {
        for (key, _) in temporal.asks_for_tls() {
            mistakes.add(&temporal.tls.source, Fault::WithoutTls { key });
        }
    }
}
