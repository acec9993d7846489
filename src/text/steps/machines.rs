//! What to do about machines that fail on a path that works.

use super::{BY_PHONE, BY_PROXY};
use crate::codes::Code;
use crate::knowledge::{self, Language};
use crate::observation::{Reason, Stage};
use crate::text::machines::{example, telling};
use crate::verdict::subject::{Example, Failing, WrongKey};
use crate::verdict::{Coverage, Problem};

/// How many steps are taken over from what is known of a code.
const STEPS: usize = 4;

/// For machines that fail, by the codes they report.
pub(super) fn failing(problem: &Problem, failing: &Failing, coverage: &Coverage) -> Vec<String> {
    let (code, example) = telling(failing);
    match (problem.reason, coverage) {
        (Reason::Elsewhere, Coverage::Online { .. }) => elsewhere_online(problem.stage, example),
        (Reason::Elsewhere, _) => elsewhere(problem.stage, example, failing),
        _ => not_activated(code, example),
    }
}

/// What shows what these machines see.
const FROM_THERE: &str = "Run `gracewatch check` in the network of these machines: it shows what they see";

/// For machines whose failure is at a stage that passes from here, on the path to a KMS host.
fn elsewhere(stage: Stage, example: &str, failing: &Failing) -> Vec<String> {
    let asked = format!(
        "On {example}: `slmgr /dlv` shows the KMS host it asks; a name that was set by hand is removed with `slmgr /ckms`"
    );
    match stage {
        Stage::Srv => vec![
            format!("On {example}: `nslookup -type=srv _vlmcs._tcp` shows what its own nameservers answer"),
            format!(
                "On {example}: `ipconfig /all` shows its nameservers and domain; compare them with those asked here"
            ),
            FROM_THERE.to_owned(),
        ],
        Stage::Clock => {
            let is_unknown = !failing.is_host_clock_known;
            let host = is_unknown.then(|| "On the KMS host: the same, where its clock is wrong".to_owned());
            let own = [
                format!("On {example}: `w32tm /query /status` shows its time source; then `w32tm /resync /rediscover`"),
                format!("Where {example} is a virtual machine, see that its hypervisor has the right time"),
            ];
            own.into_iter().chain(host).chain([format!("Then, on {example}: `slmgr /ato`")]).collect()
        }
        Stage::Host | Stage::Count => vec![asked, FROM_THERE.to_owned()],
        _ => {
            let works = failing.working_host.as_ref();
            let test = works.map(|at| format!("On {example}: `Test-NetConnection {} -Port {}`", at.host, at.port));
            let open =
                "Open TCP 1688 from the networks of these machines to the KMS host, in the firewalls between and \
                        on the host"
                    .to_owned();
            test.into_iter().chain([asked, open, FROM_THERE.to_owned()]).collect()
        }
    }
}

/// The same on the path to Microsoft's endpoints.
fn elsewhere_online(stage: Stage, example: &str) -> Vec<String> {
    let [first, second] = match stage {
        Stage::Tls => [
            format!("On {example}: `w32tm /query /status` shows whether its clock is right; then `w32tm /resync`"),
            format!(
                "On {example}: `netsh winhttp show proxy` shows the proxy that activation uses there, which may inspect TLS"
            ),
        ],
        _ => [
            format!("On {example}: `netsh winhttp show proxy` shows the proxy that activation uses there"),
            format!("On {example}: `Test-NetConnection activation.sls.microsoft.com -Port 443`"),
        ],
    };
    [first, second].into_iter().chain([FROM_THERE, BY_PHONE, BY_PROXY].map(str::to_owned)).collect()
}

/// For machines whose failure is their own: what is known of the code that most of them report.
fn not_activated(code: Option<Code>, example: &str) -> Vec<String> {
    let Some(code) = code else {
        return vec![
            format!("On {example}: `slmgr /ato` tries again, and shows the code if it fails"),
            format!(
                "On {example}: `Get-WinEvent -FilterHashtable @{{LogName='Application'; Id=12288,12289,8198}} -MaxEvents \
                 5` shows the last attempts; `gracewatch explain CODE` says what a code means"
            ),
            format!(
                "On {example}: `Restart-Service sppsvc`, and see that its scheduled tasks under \
                     `SoftwareProtectionPlatform` are enabled"
            ),
        ];
    };
    let known = knowledge::explain(code, Language::ENGLISH);
    let mut steps = vec![format!("See what {code} means: `gracewatch explain {code}`; {example} reports it")];
    steps.extend(known.steps.iter().take(STEPS).map(ToString::to_string));
    steps
}

/// For machines that KMS hosts count as one.
pub(super) fn shared_ids(of: &Example) -> Vec<String> {
    let example = example(of);
    vec![
        format!(
            "On {example} and the others, all but one for each ID: `slmgr /rearm`, and restart; `slmgr /dlv` shows \
                 the new client machine ID (CMID)"
        ),
        "Before the next image is taken of a machine: `sysprep /generalize`".to_owned(),
    ]
}

/// For machines whose keys no KMS host activates.
pub(super) fn not_volume(of: &Example) -> Vec<String> {
    let example = example(of);
    vec![
        format!(
            "On {example}: activate by phone, `slui 4`, or `slmgr /dti` for the installation ID and `slmgr /atp \
             CONFIRMATION-ID` for the answer"
        ),
        "Where they should be KMS clients: `slmgr /ipk KEY` with the key that Microsoft publishes for their edition, then \
         `slmgr /ato`"
            .to_owned(),
        BY_PROXY.to_owned(),
    ]
}

/// For machines with the key of another edition.
pub(super) fn wrong_key(key: &WrongKey) -> Vec<String> {
    let example = example(&key.example);
    vec![
        format!(
            "On {example}: `slmgr /ipk KEY` with the key that Microsoft publishes for the edition that is installed, then \
             `slmgr /ato`"
        ),
        format!(
            "Where it should be {} in place of {}: on a server `dism /online /get-targeteditions`, then `dism /online \
             /set-edition:EDITION /productkey:KEY /accepteula`; on a client `changepk.exe /productkey KEY`",
            key.edition, key.product
        ),
    ]
}

/// For machines whose evaluation ends.
pub(super) fn evaluation(of: &Example) -> Vec<String> {
    let example = example(of);
    vec![
        format!(
            "On {example}, to win time: `slmgr /dlv` shows how often it can be rearmed; `slmgr /rearm`, and restart"
        ),
        "A server becomes a full one by `dism /online /get-targeteditions`, then `dism /online /set-edition:EDITION \
         /productkey:KEY /accepteula`; a domain controller cannot, so move its roles to another first"
            .to_owned(),
        "A client edition that is an evaluation cannot be turned into a full one: save its data and install it anew"
            .to_owned(),
    ]
}
