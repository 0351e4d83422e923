/// More candidates than these are not looked at: ten thousand unknown names among ten thousand known ones must not
/// take minutes.
const MOST_CANDIDATES: usize = 2_000;

/// A word that is written with more separators than another one is a different word.
const MOST_SEPARATORS: usize = 4;

/// The candidate that was probably meant: the nearest one, where it is near.
///
/// Near is a third of the letters wrong at most (a swap of two neighbours counts as one), whatever their case, or other
/// separators in the same word.
#[must_use]
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter(|candidate| *candidate != written)
        .filter_map(|candidate| Some((distance(written, candidate, allowed)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Whether a name is so near that it is safe to go on as if it had been written: one letter in four is wrong at most.
///
/// Short names that authors choose, such as `a1` and `a2`, differ by as much as a slip would make of them.
#[must_use]
pub fn is_plain(written: &str, meant: &str) -> bool {
    distance(written, meant, written.chars().count() / 4).is_some()
}

/// How far a candidate is, where that is near.
fn distance(written: &str, candidate: &str, allowed: usize) -> Option<usize> {
    // Every letter too many or too few counts, and so few separators: the lengths spare most comparisons.
    let difference = written.len().abs_diff(candidate.len());
    if difference > allowed.max(MOST_SEPARATORS) {
        return None;
    }
    if folded(written).eq(folded(candidate)) {
        return Some(0);
    }
    let distance = strsim::osa_distance(&written.to_lowercase(), &candidate.to_lowercase());
    (distance <= allowed && distance < candidate.chars().count()).then_some(distance)
}

fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::{is_plain, nearest};

    #[test]
    fn near_names_are_suggested_and_far_ones_not() {
        let fields = ["url", "method", "timeout", "total_timeout", "json"];
        assert_eq!(nearest("methd", fields), Some("method"));
        assert_eq!(nearest("timout", fields), Some("timeout"));
        assert_eq!(nearest("totalTimeout", fields), Some("total_timeout"));
        assert_eq!(nearest("URL", fields), Some("url"));
        assert_eq!(nearest("mony", ["Money"]), Some("Money"));
        assert_eq!(nearest("banana", fields), None);
        assert_eq!(nearest("x", ["y"]), None);
    }

    #[test]
    fn short_names_are_not_mistaken_for_each_other() {
        assert!(is_plain("chrge", "charge") && is_plain("sendMail", "send_mail"));
        assert!(!is_plain("a1", "a2") && !is_plain("get", "set"));
    }
}
