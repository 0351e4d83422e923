/// The candidate that was probably meant: the nearest one, where it is near.
///
/// Near is a third of the letters wrong at most (a swap of two neighbours counts as one), or another case or another
/// separator of the same word.
#[must_use]
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != written)
        .map(|candidate| (distance(written, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(written: &str, candidate: &str) -> usize {
    if folded(written) == folded(candidate) { 0 } else { strsim::osa_distance(written, candidate) }
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_suggested_and_far_ones_not() {
        let fields = ["url", "method", "timeout", "total_timeout", "json"];
        assert_eq!(nearest("methd", fields), Some("method"));
        assert_eq!(nearest("timout", fields), Some("timeout"));
        assert_eq!(nearest("totalTimeout", fields), Some("total_timeout"));
        assert_eq!(nearest("URL", fields), Some("url"));
        assert_eq!(nearest("banana", fields), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
