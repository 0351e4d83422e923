use super::live;
use super::run::Watcher;
use crate::driver::Observers;
use crate::driver::story::Seen;
use crate::engine::machine::Event;

/// Passes on to those who watch a worker what its runs do; nobody is passed nothing.
pub(super) fn watcher(observers: &Observers) -> Option<Watcher> {
    if observers.is_empty() {
        return None;
    }
    let observers = observers.clone();
    Some(Box::new(move |_, _| {
        let observer: live::Observer = Box::new(move |run, at, seen| match seen {
            Seen::Event(Event::Started(_)) => observers.each(|observer| observer.began(run)),
            Seen::Notice(notice) => observers.each(|observer| observer.notice(run, at, notice)),
            Seen::Ended(outcome) => observers.each(|observer| observer.ended(run, at, outcome)),
            Seen::Event(_) | Seen::Attempts(..) | Seen::Waits(..) | Seen::Command(_) => {}
        });
        observer
    }))
}
