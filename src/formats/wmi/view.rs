//! What an agent adds to an envelope: what the machine sees of its own path, and who reports.

use crate::formats::object::{Object, Value};
use crate::host::KMS_PORT;
use crate::license::{MAX_SEEN, Network, Seen, View, parse_kms_host};
use crate::observation::{Reason, Stage};
use uuid::Uuid;

/// What the machine sees of its own path; `None` where nothing is said of that, or nothing that is known here.
pub(super) fn read(object: &Object<'_>) -> Option<View> {
    let view = object.get("view")?.object()?;
    let network = view.get("network").and_then(Value::text).and_then(|text| Network::read(&text));
    let mut seen = Vec::new();
    view.get("seen")?.each(|value| {
        if seen.len() < MAX_SEEN {
            seen.extend(value.object().and_then(|object| read_one(&object)));
        }
    });
    (!seen.is_empty()).then_some(View { network, seen })
}

/// One host. What fails for a reason that is not known here is left out.
fn read_one(object: &Object<'_>) -> Option<Seen> {
    let text = |name: &str| object.get(name).and_then(Value::text);
    let host = match text("host") {
        Some(text) => Some(parse_kms_host(&text, KMS_PORT)?),
        None => None,
    };
    let failed = match (text("stage"), text("reason")) {
        (Some(stage), Some(reason)) => Some((Stage::of(&stage)?, Reason::of(&reason)?)),
        _ => None,
    };
    (host.is_some() || failed.is_some()).then_some(Seen { host, failed })
}

/// Who reports.
pub(super) fn agent(object: &Object<'_>) -> Option<Uuid> {
    object.get("agent")?.object()?.get("id")?.text()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::formats::{self, Reading};
    use crate::license::Report;
    use serde_json::{Value, json};

    fn report(view: &Value) -> Report {
        let text = json!({
            "machine": "ws1", "products": [{"PartialProductKey": "VDYBN", "LicenseStatus": 1}], "view": view,
            "agent": {"id": "a1c8e0a7-0fb9-44a5-9d8c-2f4c6f1d5a01"},
        });
        let mut reports = Vec::new();
        formats::read(text.to_string().as_bytes(), &mut Reading::new(&mut |report| reports.push(report))).unwrap();
        reports.pop().unwrap()
    }

    #[test]
    fn a_view_is_read_and_what_is_not_known_of_it_is_left_out() {
        let read = report(&json!({"network": "10.2.3.0/24", "seen": [
            {"host": "kms01.corp.example:1688", "stage": "tcp", "reason": "timed_out"},
            {"host": "kms02.corp.example:1688", "stage": null, "reason": null},
            {"host": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "stage": null, "reason": null},
            {"host": null, "stage": "srv", "reason": "nxdomain"},
            {"host": "kms03.corp.example", "stage": "warp", "reason": "tired"},
            {}, 7,
        ]}));
        assert!(read.agent.is_some());
        let view = read.view.unwrap();
        assert_eq!(view.network.unwrap().to_string(), "10.2.3.0/24");
        let shown = |host: &crate::license::Seen| {
            let failed = host.failed.map_or("ok", |(stage, _)| stage.as_str());
            format!("{} {failed}", host.host.as_ref().map_or_else(String::new, ToString::to_string))
        };
        let shown: Vec<_> = view.seen.iter().map(shown).collect();
        assert_eq!(shown, ["kms01.corp.example:1688 tcp", "kms02.corp.example:1688 ok", " srv"]);
        for none in [json!(null), json!([]), json!({"seen": []}), json!({"seen": [{}]})] {
            assert_eq!(report(&none).view, None, "{none}");
        }
    }

    #[test]
    fn a_view_is_bounded() {
        let many: Vec<_> = (0..99).map(|number| json!({"host": format!("kms{number}.corp.example")})).collect();
        assert_eq!(report(&json!({ "seen": many })).view.unwrap().seen.len(), crate::license::MAX_SEEN);
    }
}
