use crate::value::EcoString;

/// A path without the numbers of iterations: `pages[3].get` is one of `pages.get`.
pub(super) fn general(path: &str) -> EcoString {
    let mut general = EcoString::new();
    let mut is_number = false;
    for character in path.chars() {
        match character {
            '[' => is_number = true,
            ']' => is_number = false,
            _ if is_number => {}
            other => general.push(other),
        }
    }
    general
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn iterations_of_one_node_have_one_general_path() {
        assert_eq!(general("pages[3].pay/each[0].get"), "pages.pay/each.get");
        assert_eq!(general("plain"), "plain");
    }
}
