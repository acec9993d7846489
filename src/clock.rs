//! Time: what single sources measured, and what they agree on.

use std::time::Duration;

/// The difference between client and KMS host beyond which Windows refuses activation.
pub const TOLERANCE: Duration = Duration::from_secs(4 * 60 * 60);

/// The difference from which a path is reported as degraded: activation still works, and will not for long.
pub const WARNING: Duration = Duration::from_secs(60 * 60);

/// One measurement of another clock against ours, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The other clock minus ours: positive where ours is behind.
    pub offset: f64,
    /// The true offset lies within this distance of `offset`. Never negative.
    pub error: f64,
}

/// The true time as several sources agree on it, against our clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reference {
    /// True time minus ours, and its bound.
    pub sample: Sample,
    /// How many sources agree.
    pub agreeing: usize,
    /// How many were heard.
    pub heard: usize,
}

impl Reference {
    /// How far our clock is from true time, in either direction, at the least.
    pub fn distance(&self) -> Duration {
        let distance = (self.sample.offset.abs() - self.sample.error).max(0.0);
        Duration::try_from_secs_f64(distance).unwrap_or(Duration::MAX)
    }
}

/// What more than half of the sources agree on: the span of time that lies within the bounds of most of them (the
/// idea of Marzullo's algorithm and of RFC 5905, section 11.2.1). `None` where there is no majority or no source.
pub fn agree(samples: &[Sample]) -> Option<Reference> {
    // Each source is a span of offsets. Walk over the ends of all spans; at equal offsets a span begins before
    // another ends, since spans that touch agree.
    let mut ends: Vec<(f64, isize)> =
        samples.iter().flat_map(|s| [(s.offset - s.error, 1), (s.offset + s.error, -1)]).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));

    let mut depth = 0;
    let depths: Vec<isize> = ends
        .iter()
        .map(|(_, step)| {
            depth += step;
            depth
        })
        .collect();
    let most = depths.iter().copied().max()?;
    let agreeing = usize::try_from(most).unwrap_or_default();
    if agreeing * 2 <= samples.len() {
        return None;
    }
    // Where several stretches are equally agreed on, the truth is somewhere from the first to the last of them.
    let mut low = None;
    let mut high = 0.0;
    let mut before = 0;
    for ((at, _), depth) in ends.iter().zip(depths) {
        if depth == most {
            low.get_or_insert(*at);
        }
        if before == most {
            high = *at;
        }
        before = depth;
    }
    let low = low?;
    let sample = Sample { offset: f64::midpoint(low, high), error: (high - low) / 2.0 };
    Some(Reference { sample, agreeing, heard: samples.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(samples: &[(f64, f64)]) -> Option<(f64, f64, usize)> {
        let samples: Vec<_> = samples.iter().map(|&(offset, error)| Sample { offset, error }).collect();
        agree(&samples).map(|reference| (reference.sample.offset, reference.sample.error, reference.agreeing))
    }

    #[test]
    fn a_majority_is_needed() {
        assert_eq!(agreed(&[]), None);
        assert_eq!(agreed(&[(2.0, 0.5)]), Some((2.0, 0.5, 1)));
        assert_eq!(agreed(&[(0.0, 0.5), (14700.0, 0.5)]), None);
        assert_eq!(agreed(&[(0.0, 1.0), (1.0, 1.0), (14700.0, 1.0)]), Some((0.5, 0.5, 2)));
        assert_eq!(agreed(&[(0.0, 1.0), (14700.0, 1.0), (0.0, 1.0), (14700.0, 1.0)]), None);
    }

    #[test]
    fn sources_whose_bounds_touch_agree() {
        assert_eq!(agreed(&[(0.0, 1.0), (2.0, 1.0)]), Some((1.0, 0.0, 2)));
    }

    #[test]
    fn the_bound_covers_every_stretch_that_is_equally_agreed_on() {
        // The middle source agrees with each of the others, which do not agree with one another.
        assert_eq!(agreed(&[(0.0, 2.0), (3.0, 2.0), (6.0, 2.0)]), Some((3.0, 2.0, 2)));
    }

    #[test]
    fn distance_is_what_is_certain() {
        let reference = agree(&[Sample { offset: -14700.0, error: 0.5 }]).unwrap();
        assert_eq!(reference.distance(), Duration::from_millis(14_699_500));
        let unsure = agree(&[Sample { offset: 1.0, error: 2.0 }]).unwrap();
        assert_eq!(unsure.distance(), Duration::ZERO);
    }
}
