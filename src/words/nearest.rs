//! What was probably meant by a name that is not known.

/// The known name that was probably meant: the nearest one, which has two thirds of the letters in any case.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let is_near = |distance: usize, name: &str| distance * 3 <= name.len().max(3);
    // Two names differ by at least as many letters as one is longer; a letter has four bytes at most.
    let can_be_near = |name: &&str| is_near((given.len() / 4).saturating_sub(name.len()), name);
    let rank = |name: &'a str| (strsim::damerau_levenshtein(&given, &name.to_lowercase()), name);
    let (distance, name) = known.into_iter().filter(can_be_near).map(rank).min_by_key(|(distance, _)| *distance)?;
    is_near(distance, name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_meant_and_what_is_far_is_not() {
        let known = ["corp", "microsoft", "branch"];
        assert_eq!(nearest("Corpp", known), Some("corp"));
        assert_eq!(nearest("micorsoft", known), Some("microsoft"));
        assert_eq!(nearest("elsewhere", known), None);
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest(&"é".repeat(8), ["ééééééé"]), Some("ééééééé"));
        assert_eq!(nearest(&"corp".repeat(1_000_000), known), None);
    }
}
