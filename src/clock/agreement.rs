//! What several sources agree on: the intersection algorithm of NTP (RFC 5905, sections 11.2.1 and A.5.5.1).
//!
//! The specification also wants the middles of the agreeing spans to lie where they overlap. As in its reference
//! implementation, that is left out here: bounds that truly hold, as ours do, need not be centred on the truth, and two
//! honest sources would often be taken for liars.

use super::Offset;

/// The span that holds what more than half of the sources say, as few of them as possible taken to be wrong. While no
/// more are, the truth lies in it. `None` where there is no majority or no source.
///
/// Those whose own spans overlap the result are truechimers, the others falsetickers.
pub fn agree(sources: &[Offset]) -> Option<Offset> {
    let mut lows: Vec<f64> = sources.iter().map(|source| source.low()).collect();
    let mut highs: Vec<f64> = sources.iter().map(|source| source.high()).collect();
    lows.sort_by(f64::total_cmp);
    highs.sort_by(f64::total_cmp);
    // From above it is the same as from below, with all signs turned.
    let [mirrored_lows, mirrored_highs] =
        [&highs, &lows].map(|ends| ends.iter().rev().map(|end| -end).collect::<Vec<f64>>());
    (0..sources.len().div_ceil(2)).find_map(|wrong| {
        let needed = sources.len() - wrong;
        let low = first_covered(&lows, &highs, needed)?;
        let high = -first_covered(&mirrored_lows, &mirrored_highs, needed)?;
        Some(Offset::between(low, high))
    })
}

/// The lowest point that lies in at least `needed` of the spans which begin at `lows` and end at `highs`, both sorted.
/// Spans that touch have a point in common.
fn first_covered(lows: &[f64], highs: &[f64], needed: usize) -> Option<f64> {
    let begun = (1..).zip(lows);
    let mut covered = begun.map(|(begun, low)| (low, begun - highs.iter().take_while(|high| *high < low).count()));
    covered.find(|(_, depth)| *depth >= needed).map(|(low, _)| *low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agreed(sources: &[(f64, f64)]) -> Option<(f64, f64)> {
        let sources: Vec<_> = sources.iter().map(|&(seconds, bound)| Offset { seconds, bound }).collect();
        agree(&sources).map(|offset| (offset.seconds, offset.bound))
    }

    #[test]
    fn a_majority_is_needed() {
        assert_eq!(agreed(&[]), None);
        assert_eq!(agreed(&[(2.0, 0.5)]), Some((2.0, 0.5)));
        assert_eq!(agreed(&[(0.0, 0.5), (14700.0, 0.5)]), None);
        assert_eq!(agreed(&[(0.0, 1.0), (1.0, 1.0), (14700.0, 1.0)]), Some((0.5, 0.5)));
        assert_eq!(agreed(&[(0.0, 1.0), (14700.0, 1.0), (0.0, 1.0), (14700.0, 1.0)]), None);
    }

    #[test]
    fn sources_whose_bounds_touch_agree() {
        assert_eq!(agreed(&[(0.0, 1.0), (2.0, 1.0)]), Some((1.0, 0.0)));
    }

    /// Measured: two servers that are right and a liar. Neither of the middles lies where the first two overlap.
    #[test]
    fn middles_need_not_lie_where_spans_overlap() {
        let sources = [(-14_699.999_977_1, 49.6e-6), (-14_700.000_044_7, 64.1e-6), (-54.0e-6, 113.1e-6)];
        let (seconds, bound) = agreed(&sources).unwrap();
        assert!((seconds + 14_700.0).abs() <= bound && bound < 50e-6, "{seconds} ± {bound}");
    }

    #[test]
    fn a_source_that_is_unsure_takes_nothing_away_from_one_that_is_sure() {
        assert_eq!(agreed(&[(0.25, 0.5), (0.0, 10.0)]), Some((0.25, 0.5)));
    }

    #[test]
    fn where_two_pairs_agree_and_not_with_one_another_the_span_holds_both() {
        assert_eq!(agreed(&[(0.0, 2.0), (3.0, 2.0), (6.0, 2.0)]), Some((3.0, 2.0)));
    }

    proptest! {
        /// As many sources as may be wrong say whatever they like, the others something that holds the truth.
        #[test]
        fn the_truth_is_within_the_bound_while_fewer_than_half_lie_far_away(
            truth in -1e6..1e6,
            right in proptest::collection::vec((0.001..10.0, -1.0..1.0), 1..8),
            lies in proptest::collection::vec((1e7..1e9, 0.0..10.0), 0..7),
        ) {
            let mut sources: Vec<_> = right
                .iter()
                .map(|&(bound, lean): &(f64, f64)| Offset { seconds: truth + bound * lean * 0.999, bound })
                .collect();
            let liars = lies.iter().take(sources.len() - 1);
            sources.extend(liars.map(|&(seconds, bound)| Offset { seconds, bound }));
            let agreed = agree(&sources).unwrap();
            prop_assert!(agreed.low() - 1e-9 <= truth && truth <= agreed.high() + 1e-9, "{agreed:?} of {sources:?}");
        }

        #[test]
        fn whatever_is_said_is_read_without_panic(
            said in proptest::collection::vec((any::<f64>(), 0.0..f64::MAX), 0..12),
        ) {
            let sources: Vec<_> = said.iter().map(|&(seconds, bound): &(f64, f64)| Offset { seconds, bound }).collect();
            let _ = agree(&sources);
        }
    }
}
