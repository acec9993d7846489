//! What was probably meant by a name that is not known.

/// The known name that was probably meant: the nearest one, which has two thirds of the letters in any case.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let rank = |name: &'a str| (strsim::damerau_levenshtein(&given, &name.to_lowercase()), name);
    let (distance, name) = known.into_iter().map(rank).min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= name.len().max(3)).then_some(name)
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
    }
}
