//! One product in the output of `slmgr`, from its name to the next.

use super::super::figures::Count;
use super::super::folding::fold;
use super::super::lines::Entry;
use super::super::values::product_name;
use super::super::{Reading, figures};
use super::field::{End, Field};
use super::phrases::status;
use super::subscription::Subscription;
use crate::codes::Code;
use crate::license::{
    Channel, ChannelKind, HostKey, INTERVALS, License, LicenseStatus, MAX_MINUTES, PartialProductKey, Remaining,
    VOLUME_VALIDITY, WINDOWS,
};
use uuid::Uuid;

/// A product as far as it is read.
#[expect(clippy::struct_excessive_bools, reason = "each is something else that a text may or may not say")]
pub(super) struct Product {
    license: License,
    /// Where it begins.
    number: usize,
    /// The channel by the key, which is the word where the description has none.
    key_channel: Option<Channel>,
    is_in_use: bool,
    /// True where the words for a status are unknown.
    is_status_unread: bool,
    /// True where `/xpr` says it, of a product that is in use whatever else is not said.
    is_expiry: bool,
    /// True where it is what `/ato` tried to activate.
    is_attempt: bool,
    /// A subscription beside it.
    subscription: Option<Subscription>,
    /// Where an end is reported, believed or not.
    end_line: Option<usize>,
    /// The lines that were read of it, each once.
    seen: Vec<std::mem::Discriminant<Field>>,
    /// True where one came twice: two outputs are mixed.
    is_mixed: bool,
    /// True where the text ends before it does, perhaps.
    pub(super) may_be_cut: bool,
}

impl Product {
    pub(super) fn new(entry: &Entry<'_, Field>) -> Self {
        let name = entry.is_closed.then(|| product_name(&entry.prose())).flatten();
        let license = License { product: name, ..License::default() };
        let number = entry.number;
        Self { may_be_cut: !entry.is_closed, ..Self::of(license, number) }
    }

    pub(super) fn of_expiry(text: &str, number: usize, status: LicenseStatus, end: End) -> Self {
        let remaining = (end == End::Never).then_some(Remaining::Permanent);
        let license = License { product: product_name(text), status: Some(status), remaining, ..License::default() };
        Self { is_expiry: true, ..Self::of(license, number) }
    }

    pub(super) fn of_attempt(text: &str, sku: Uuid, number: usize) -> Self {
        let license = License { product: product_name(text), sku: Some(sku), ..License::default() };
        Self { is_attempt: true, ..Self::of(license, number) }
    }

    pub(super) const fn is_attempt(&self) -> bool {
        self.is_attempt
    }

    /// What is known of it so far.
    pub(super) fn into_license(self) -> License {
        self.license
    }

    /// Notes a line of which each product has one at most.
    fn see(&mut self, field: Field) {
        let field = match field {
            // Each is the status.
            Field::StatusIs(_) => Field::Status,
            // In a language that is not known others may seem to be these.
            Field::ActivationId | Field::ApplicationId | Field::LastError => return,
            field => field,
        };
        let seen = std::mem::discriminant(&field);
        if self.seen.contains(&seen) {
            self.is_mixed = true;
        } else {
            self.seen.push(seen);
        }
    }

    /// True where what is said of it is of several outputs.
    pub(super) const fn is_mixed(&self) -> bool {
        self.is_mixed
    }

    /// The line on which it begins.
    pub(super) const fn number(&self) -> usize {
        self.number
    }

    /// One of which nothing else was said yet.
    fn of(license: License, number: usize) -> Self {
        Self {
            license,
            number,
            key_channel: None,
            is_in_use: true,
            is_status_unread: false,
            is_expiry: false,
            is_attempt: false,
            subscription: None,
            end_line: None,
            seen: Vec::new(),
            is_mixed: false,
            may_be_cut: false,
        }
    }

    /// Takes in one line.
    pub(super) fn take(&mut self, entry: &Entry<'_, Field>, field: Field, reading: &mut Reading<'_>) {
        self.may_be_cut = false;
        self.see(field);
        let license = &mut self.license;
        match field {
            Field::Description => license.channel = channel(entry),
            Field::ActivationId => license.sku = license.sku.or(figure(entry, reading, figures::guid)),
            Field::ApplicationId => license.application = figure(entry, reading, figures::guid),
            Field::KeyChannel => {
                self.key_channel = entry.is_closed.then(|| Channel::from_key_channel(&entry.prose())).flatten();
            }
            Field::PartialKey => {
                license.partial_product_key = figure(entry, reading, |text, _| PartialProductKey::new(text));
            }
            Field::NotInUse => self.is_in_use = false,
            Field::StatusIs(status) => license.status = Some(status),
            Field::Status => {
                license.status = figure(entry, reading, |text, _| status(text));
                self.is_status_unread = license.status.is_none();
            }
            Field::Reason | Field::LastError if self.is_attempt => license.last_error = error(entry, reading),
            Field::LastError => entry.skip(reading, "no attempt to activate is before this"),
            Field::Reason => license.reason_code = error(entry, reading),
            Field::SubscriptionEdition
            | Field::SubscriptionStatus
            | Field::SubscriptionExpiry
            | Field::SubscriptionType => self.subscription.get_or_insert_default().take(entry, field, reading),
            Field::Remaining => {
                self.end_line = Some(entry.number);
                license.remaining = figure(entry, reading, figures::minutes_and_days).map(Remaining::Minutes);
            }
            Field::SkuRearms => {
                license.remaining_sku_rearms = figure(entry, reading, figures::count).and_then(Count::number);
            }
            Field::AppRearms => {
                license.remaining_app_rearms = figure(entry, reading, figures::count).and_then(Count::number);
            }
            Field::ByDomain => license.activated_by_domain = Some(true),
            Field::ConfiguredHost => license.configured_host = host(entry, reading),
            Field::DiscoveredHost => license.discovered_host = host(entry, reading),
            Field::ActivationInterval => license.activation_interval = interval(entry, reading),
            Field::RenewalInterval => license.renewal_interval = interval(entry, reading),
            _ => {}
        }
    }

    /// Its key, as that of a KMS host; `None` where the application is not known.
    pub(super) fn host_key(&self) -> Option<HostKey> {
        HostKey::of(&self.license)
    }

    /// The license of a subscription to another edition, which is beside this one.
    pub(super) fn take_step_up(&mut self) -> Option<License> {
        self.subscription.take_if(|it| !it.is_of(&self.license))?.into_license()
    }

    /// The license, unless it is one of the many that Windows knows and the machine does not use. Where `is_foreign`, the
    /// words for its status may be there and are not known.
    pub(super) fn finish(self, is_foreign: bool, reading: &mut Reading<'_>) -> Option<License> {
        let Self { mut license, number, is_in_use, end_line, .. } = self;
        // A reason is below that status alone.
        if (self.is_status_unread || is_foreign) && license.status.is_none() && license.reason_code.is_some() {
            license.status = Some(LicenseStatus::Notification);
        }
        license.channel = license.channel.or(self.key_channel);
        if license.discovered_host.is_some() || license.configured_host.is_some() {
            license.activated_by_domain.get_or_insert(false);
        }
        let name = license.product.as_deref().unwrap_or_default();
        if license.application.is_none() && fold(name).starts_with("windows") {
            license.application = Some(WINDOWS);
        }
        if self.is_attempt {
            // One that went well shows no status.
            return license.last_error.is_some().then_some(license);
        }
        let is_unused = license.partial_product_key.is_none() && license.status == Some(LicenseStatus::Unlicensed);
        if !is_in_use || (is_unused && !self.is_expiry) {
            reading.noise(1);
            return None;
        }
        if license.status.is_none() && is_foreign && license.channel.is_some() {
            let why = "the status of this license is not read in this language, and stays unknown";
            reading.skip(format_args!("line {number}"), why, name);
        } else if license.status.is_none() && license.partial_product_key.is_none() && license.remaining.is_none() {
            reading.skip(format_args!("line {number}"), "the status of this license is not reported", name);
            return None;
        }
        let may_be_permanent = end_line.is_none() && !self.may_be_cut && !self.is_expiry && self.subscription.is_none();
        let place = format!("line {}", end_line.unwrap_or(number));
        settle_remaining(&mut license, may_be_permanent, place, reading);
        if let Some(subscription) = self.subscription {
            subscription.settle(&mut license);
        }
        Some(license)
    }
}

/// Checks the minutes against what a license of this channel can have. Licensed without minutes is permanent where
/// `may_be_permanent` and the channel does not end by itself.
pub(in crate::formats) fn settle_remaining(
    license: &mut License,
    may_be_permanent: bool,
    place: impl std::fmt::Display,
    reading: &mut Reading<'_>,
) {
    let kind = license.channel.as_ref().map(Channel::kind);
    let is_licensed = license.status == Some(LicenseStatus::Licensed);
    let most = if kind == Some(ChannelKind::KmsClient) { VOLUME_VALIDITY } else { MAX_MINUTES };
    match license.remaining {
        Some(Remaining::Minutes(minutes)) if minutes > most => {
            reading.skip(place, "no license of this kind holds so long", &format!("{minutes} minutes"));
            license.remaining = None;
            return;
        }
        // WMI has no other way to say that nothing ends.
        Some(Remaining::Minutes(0)) if is_licensed => license.remaining = None,
        Some(_) => return,
        None => {}
    }
    let ends = license.channel.as_ref().is_none_or(Channel::ends);
    if may_be_permanent && is_licensed && !ends {
        license.remaining = Some(Remaining::Permanent);
    }
}

/// A figure; counted as skipped where something is there and is none.
pub(in crate::formats) fn figure<T, K>(
    entry: &Entry<'_, K>,
    reading: &mut Reading<'_>,
    parse: impl Fn(&str, bool) -> Option<T>,
) -> Option<T> {
    let figure = entry.read(reading, parse);
    if figure.is_none() {
        let why =
            if entry.is_closed { "this is not what belongs here" } else { "the text may end in the middle of this" };
        entry.skip(reading, why);
    }
    figure
}

/// A host. One on several lines is whole only with its port.
pub(in crate::formats) fn host<K>(entry: &Entry<'_, K>, reading: &mut Reading<'_>) -> Option<crate::host::HostPort> {
    if entry.is_one_line() {
        figure(entry, reading, figures::host)
    } else {
        figure(entry, reading, figures::host_with_port)
    }
}

/// Minutes between attempts or renewals, as far as they can be set.
pub(in crate::formats) fn interval<K>(entry: &Entry<'_, K>, reading: &mut Reading<'_>) -> Option<u32> {
    figure(entry, reading, |text, is_closed| figures::minutes(text, is_closed).filter(|it| INTERVALS.contains(it)))
}

/// The channel at the end of a description. The word after it shows that it is whole, unless the line is.
pub(in crate::formats) fn channel<K>(entry: &Entry<'_, K>) -> Option<Channel> {
    let text = entry.prose();
    let has_end = text.trim_end().ends_with("channel");
    if !has_end && !entry.is_closed {
        return None;
    }
    // The blank between the two may have got lost, or one may have come between two halves of a word.
    let (start, last) = text.rsplit_once(',')?;
    let word: String = match last.trim_end().strip_suffix("channel") {
        Some(word) => word.split_whitespace().collect(),
        None => last.to_owned(),
    };
    Channel::from_description(&format!("{start}, {word} channel"))
}

/// An error code that is one: zero is success.
pub(in crate::formats) fn error<K>(entry: &Entry<'_, K>, reading: &mut Reading<'_>) -> Option<Code> {
    figure(entry, reading, figures::code).filter(|code| code.0 != 0)
}
