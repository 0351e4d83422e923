/// A place at which a test may have the process end as if its power had been cut: `CITADEL_CRASH=name:3` ends it at
/// the third time that it comes by. Builds for users have none of this.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WANTED: LazyLock<Option<(String, u32)>> = LazyLock::new(|| {
        let wanted = std::env::var("CITADEL_CRASH").ok()?;
        let (name, time) = wanted.split_once(':')?;
        Some((name.to_owned(), time.parse().ok()?))
    });
    static TIMES: AtomicU32 = AtomicU32::new(0);
    let Some((wanted, time)) = WANTED.as_ref() else { return };
    if wanted == name && TIMES.fetch_add(1, Ordering::SeqCst) + 1 == *time {
        // Nothing is flushed, closed or said.
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn point(_: &str) {}
