//! What a figure may be at most, or has to be at least. All are printed; one that breaks its bound fails the run at its end.

/// The figures with a bound.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    broken: Vec<String>,
}

impl Bounds {
    /// A figure that is better where it is lower.
    pub(crate) fn at_most(&mut self, name: &str, value: f64, unit: &str, bound: f64) {
        self.check(name, value, unit, &format!("at most {bound}"), value <= bound);
    }

    /// A figure that is better where it is higher.
    pub(crate) fn at_least(&mut self, name: &str, value: f64, unit: &str, bound: f64) {
        self.check(name, value, unit, &format!("at least {bound}"), value >= bound);
    }

    fn check(&mut self, name: &str, value: f64, unit: &str, bound: &str, holds: bool) {
        let line = format!("{name:<44}{value:10.2} {unit:<3} ({bound})");
        println!("{line}{}", if holds { "" } else { "   BROKEN" });
        if !holds {
            self.broken.push(line);
        }
    }

    /// Fails where a bound is broken.
    pub(crate) fn finish(self) {
        assert!(self.broken.is_empty(), "bounds are broken:\n{}", self.broken.join("\n"));
    }
}
