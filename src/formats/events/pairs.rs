//! What is as `Name=value` in the events of the scheduler of the licensing service: 8198 and 8230.

use super::kms_info::{Absurd, guid, hresult, is_failure};
use super::time::{GraceEnd, grace_end};
use crate::license::{Channel, ChannelKind, LicenseStatus, MAX_MINUTES, PartialProductKey, Remaining, VOLUME_VALIDITY};
use jiff::Timestamp;
use uuid::Uuid;

/// Event 8198: an attempt to activate without being asked failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt {
    /// The license.
    pub(super) sku: Uuid,
    /// What it is a license of.
    pub(super) application: Option<Uuid>,
    /// The HRESULT of a failure.
    pub(super) code: u32,
}

/// Event 8230: what the scheduler knows of the KMS host license of Windows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Schedule {
    /// The license.
    pub(super) sku: Uuid,
    /// What it is a license of.
    pub(super) application: Option<Uuid>,
    /// Its state.
    pub(super) status: Option<LicenseStatus>,
    pub(super) grace_end: Option<GraceEnd>,
    /// Why it has this state.
    pub(super) reason: Option<u32>,
    /// How it is activated.
    pub(super) channel: Option<Channel>,
    /// The end of its key.
    pub(super) partial_product_key: Option<PartialProductKey>,
}

impl Attempt {
    /// Reads event 8198; `None` where the text names no license or no failure.
    pub(super) fn read(text: &str) -> Option<Self> {
        let pairs = Pairs(text);
        Some(Self {
            sku: guid(pairs.get("SkuId")?)?,
            application: pairs.get("AppId").and_then(guid),
            code: pairs.get("hr").and_then(hresult).filter(|code| is_failure(*code))?,
        })
    }
}

impl Schedule {
    /// Reads event 8230; `None` where the text names no license.
    pub(super) fn read(text: &str, absurd: &mut Absurd<'_>) -> Option<Self> {
        let pairs = Pairs(text);
        let sku = guid(pairs.get("SkuId")?)?;
        let end = pairs.get("GraceEndDate").filter(|end| !end.is_empty());
        let grace_end = end.and_then(|end| {
            let read = grace_end(end);
            if read.is_none() {
                absurd("no end of a grace period", end);
            }
            read
        });
        Some(Self {
            sku,
            application: pairs.get("AppId").and_then(guid),
            status: pairs.get("LicenseState").and_then(status),
            // Where the date cannot be read, the license is not one that has none.
            grace_end: if end.is_none() { Some(GraceEnd::Never) } else { grace_end },
            reason: pairs.get("LastConsumptionReason").and_then(hresult),
            channel: pairs.get("ProductKeyType").and_then(Channel::from_key_channel),
            partial_product_key: pairs.get("PartialProductKey").and_then(PartialProductKey::new),
        })
    }

    /// How long the license holds as of the event.
    ///
    /// # Errors
    /// The minutes, where they are more than such a license can have.
    pub(super) fn remaining(&self, time: Option<Timestamp>) -> Result<Option<Remaining>, i64> {
        if self.status.is_some_and(LicenseStatus::is_lost) {
            return Ok(None);
        }
        match self.grace_end {
            Some(GraceEnd::Never) => Ok(self.is_permanent().then_some(Remaining::Permanent)),
            Some(GraceEnd::At(end)) => {
                let Some(minutes) = time.map(|time| end.duration_since(time).as_mins()) else { return Ok(None) };
                let is_by_volume = self.kind() == Some(ChannelKind::KmsClient);
                let most = if is_by_volume { VOLUME_VALIDITY } else { MAX_MINUTES };
                // The event comes a moment after what it reports.
                match u32::try_from(minutes) {
                    Ok(minutes @ 1..) if minutes <= most + 1 => Ok(Some(Remaining::Minutes(minutes.min(most)))),
                    Ok(1..) => Err(minutes),
                    // It is over, or so far off that it is no number of minutes.
                    _ if minutes > 0 => Err(minutes),
                    _ => Ok(None),
                }
            }
            None => Ok(None),
        }
    }

    /// When the evaluation ends, where it is one that is activated: until then its end is that of a grace period.
    pub(super) fn evaluation_end(&self) -> Option<Timestamp> {
        let is_running = self.kind() == Some(ChannelKind::Evaluation) && self.status == Some(LicenseStatus::Licensed);
        match self.grace_end {
            Some(GraceEnd::At(end)) if is_running => Some(end),
            _ => None,
        }
    }

    /// True for what is licensed by a key that needs no renewal and has no end.
    fn is_permanent(&self) -> bool {
        let is_without_end = self.channel.as_ref().is_some_and(|channel| !channel.ends());
        self.status == Some(LicenseStatus::Licensed) && is_without_end
    }

    fn kind(&self) -> Option<ChannelKind> {
        self.channel.as_ref().map(Channel::kind)
    }
}

/// A status by the name the licensing service has for it. The grace period is not named.
fn status(name: &str) -> Option<LicenseStatus> {
    match name.strip_prefix("SL_LICENSING_STATUS_")? {
        "UNLICENSED" => Some(LicenseStatus::Unlicensed),
        "LICENSED" => Some(LicenseStatus::Licensed),
        "NOTIFICATION" => Some(LicenseStatus::Notification),
        _ => None,
    }
}

/// Text with `Name=value` in it, divided by semicolons, spaces or line breaks.
struct Pairs<'t>(&'t str);

impl<'t> Pairs<'t> {
    /// The first value of this name, in any case.
    fn get(&self, name: &str) -> Option<&'t str> {
        self.0.match_indices('=').find_map(|(position, _)| {
            let (before, after) = (self.0.get(..position)?, self.0.get(position + 1..)?);
            let start = before.len().checked_sub(name.len())?;
            let is_name = before.get(start..)?.eq_ignore_ascii_case(name)
                && !before.get(..start)?.ends_with(|char: char| char.is_ascii_alphanumeric());
            if !is_name {
                return None;
            }
            // Only now, since this may look at all of the rest.
            let end = after.find(|char: char| char.is_whitespace() || ";,\"".contains(char)).unwrap_or(after.len());
            after.get(..end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::effort::assert_takes_no_time;
    use crate::license::WINDOWS;

    const EVALUATION: &str = "Security-SPP-Action-StateData (REG_SZ) =AppId=55c92734-d682-4d71-983e-d6ec3f16059f;\
        GraceEndDate=2026/12/24:12:00:30;LastConsumptionReason=0x4004fc04;LastNotificationId=Cleanup;\
        LicenseState=SL_LICENSING_STATUS_LICENSED;PartialProductKey=ABCD9;ProductKeyType=Retail:TB:Eval;\
        SkuId=3f4c0546-36c6-46a8-a37f-be13cdd0cf25;ruleId=379cccfb-d4e0-48fe-b0f2-0136097be147;\
        uxDifferentiator=TIMEBASED_EVAL";

    fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn read(text: &str) -> (Schedule, u32) {
        let mut absurd = 0;
        let schedule = Schedule::read(text, &mut |_, _| absurd += 1).unwrap();
        (schedule, absurd)
    }

    #[test]
    fn many_signs_of_equality_take_no_time() {
        assert_takes_no_time(|| {
            assert_eq!(Pairs(&"=".repeat(1_000_000)).get("SkuId"), None);
        });
    }

    #[test]
    fn the_state_of_an_evaluation_is_read() {
        let (schedule, absurd) = read(EVALUATION);
        assert_eq!(absurd, 0);
        assert_eq!(schedule.application, Some(WINDOWS));
        assert_eq!(schedule.sku.to_string(), "3f4c0546-36c6-46a8-a37f-be13cdd0cf25");
        assert_eq!(schedule.status, Some(LicenseStatus::Licensed));
        assert_eq!(schedule.reason, Some(0x4004_FC04));
        assert_eq!(schedule.channel.as_ref().unwrap().as_str(), "TIMEBASED_EVAL");
        assert_eq!(schedule.partial_product_key.unwrap().as_str(), "ABCD9");
        assert_eq!(schedule.remaining(Some(noon())), Ok(Some(Remaining::Minutes(43_200))));
        assert_eq!(schedule.remaining(None), Ok(None));
        assert_eq!(schedule.evaluation_end().unwrap().to_string(), "2026-12-24T12:00:30Z");
    }

    #[test]
    fn how_long_a_license_holds_depends_on_its_kind_and_status() {
        let of = |channel: &str, state: &str, end: &str| {
            let text = EVALUATION
                .replace("Retail:TB:Eval", channel)
                .replace("STATUS_LICENSED", state)
                .replace("2026/12/24:12:00:30", end);
            let (schedule, absurd) = read(&text);
            (schedule.remaining(Some(noon())), absurd)
        };
        let cases = [
            (("Volume:GVLK", "STATUS_LICENSED", "2027/05/23:12:00:59"), (Ok(Some(Remaining::Minutes(259_200))), 0)),
            // A little more than 180 days is the moment between the state and the event.
            (("Volume:GVLK", "STATUS_LICENSED", "2027/05/23:12:01:00"), (Ok(Some(Remaining::Minutes(259_200))), 0)),
            (("Volume:GVLK", "STATUS_LICENSED", "2027/05/23:12:02:00"), (Err(259_202), 0)),
            (("Volume:GVLK", "STATUS_LICENSED", "1601/01/01:00:00:00"), (Ok(None), 0)),
            (("Volume:GVLK", "STATUS_LICENSED", "2026/11/24:12:00:59"), (Ok(None), 0)),
            (("Volume:GVLK", "STATUS_LICENSED", "2025/11/24:12:00:59"), (Ok(None), 0)),
            (("Volume:GVLK", "STATUS_NOTIFICATION", "2026/12/24:12:00:00"), (Ok(None), 0)),
            (("Volume:GVLK", "STATUS_UNLICENSED", "2026/12/24:12:00:00"), (Ok(None), 0)),
            (("Retail", "STATUS_IN_GRACE_PERIOD", "2026/11/25:12:00:00"), (Ok(Some(Remaining::Minutes(1440))), 0)),
            (("Retail", "STATUS_LICENSED", "1601/01/01:00:00:00"), (Ok(Some(Remaining::Permanent)), 0)),
            (("Retail", "STATUS_LICENSED", ""), (Ok(Some(Remaining::Permanent)), 0)),
            (("Volume:MAK", "STATUS_LICENSED", ""), (Ok(Some(Remaining::Permanent)), 0)),
            (("Retail", "STATUS_IN_GRACE_PERIOD", ""), (Ok(None), 0)),
            (("Retail:TB:Sub", "STATUS_LICENSED", ""), (Ok(None), 0)),
            (("Retail:TB:Eval", "STATUS_LICENSED", ""), (Ok(None), 0)),
            (("", "STATUS_LICENSED", ""), (Ok(None), 0)),
            (("Retail", "STATUS_LICENSED", "someday"), (Ok(None), 1)),
            (("Retail", "STATUS_LICENSED", "9998/01/01:00:00:00"), (Err(4_192_395_120), 0)),
        ];
        for ((channel, state, end), (remaining, absurd)) in cases {
            let (found, found_absurd) = of(channel, state, end);
            assert_eq!((found, found_absurd), (remaining, absurd), "{channel} {state} {end}");
        }
    }

    #[test]
    fn a_failed_attempt_is_read_from_one_text_or_two() {
        let arguments = "RuleId=31e71c49-8da7-4a2f-ad92-45d98a1c79ba;Action=AutoActivate;\
            AppId=55c92734-d682-4d71-983e-d6ec3f16059f;SkuId=c1a197b6-ba5e-4394-b9bf-b659a6c1b873;\
            NotificationInterval=1440;Trigger=UserLogon;SessionId=1";
        for between in [",", "\r\nCommand-line arguments:\r\n", " Command-line arguments: "] {
            let attempt = Attempt::read(&format!("It failed:\r\nhr=0x80072EE7{between}{arguments}")).unwrap();
            assert_eq!(attempt.code, 0x8007_2EE7);
            assert_eq!(attempt.application, Some(WINDOWS));
            assert_eq!(attempt.sku.to_string(), "c1a197b6-ba5e-4394-b9bf-b659a6c1b873");
        }
        for code in ["", "hr=", "hr=0x0", "hr=x", "thr=0x80072EE7"] {
            assert_eq!(Attempt::read(&format!("{code};{arguments}")), None, "{code}");
        }
        assert_eq!(Attempt::read("hr=0x80072EE7"), None);
    }
}
