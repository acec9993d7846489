//! Reports as machines make them, as large a fleet of them as a test wants.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The SKU of Windows Server 2022 Standard, which needs a host that counts 5 clients.
pub const SERVER: &str = "9bd77860-9b31-4b7b-96ad-2564017315bf";

/// The SKU of Windows 10 Professional, which needs one that counts 25.
pub const CLIENT: &str = "2de67392-b7a7-462a-b1ca-108dd189f588";

/// The application that is Windows.
pub const WINDOWS: &str = "55c92734-d682-4d71-983e-d6ec3f16059f";

/// For how long a KMS client is activated, in minutes.
pub const FULL: i64 = 259_200;

/// What a KMS client says of itself through WMI.
#[derive(Debug, Clone)]
pub struct Client {
    pub machine: String,
    pub reported_at: Timestamp,
    pub sku: &'static str,
    pub application: &'static str,
    pub product: String,
    pub license_status: u8,
    pub minutes: i64,
    pub required_count: u32,
    pub kms_host: String,
}

impl Client {
    /// A server that was renewed a day before it reported, just now.
    pub fn new(machine: &str) -> Self {
        Self {
            machine: machine.to_owned(),
            reported_at: now(),
            sku: SERVER,
            application: WINDOWS,
            product: "Windows(R), ServerStandard edition".to_owned(),
            license_status: 1,
            minutes: FULL - 1440,
            required_count: 5,
            kms_host: "kms01.corp.example".to_owned(),
        }
    }

    /// A client of Windows, which needs a host that counts 25.
    pub fn windows(machine: &str) -> Self {
        let product = "Windows(R), Professional edition".to_owned();
        Self { sku: CLIENT, product, required_count: 25, ..Self::new(machine) }
    }

    /// A machine with Office, which needs a host that counts 5 for that.
    pub fn office(machine: &str) -> Self {
        let product = "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition".to_owned();
        let sku = "fbdb3e18-a8ef-4fb3-9183-dffd60bd0984";
        Self { sku, application: OFFICE, product, ..Self::new(machine) }
    }

    /// The envelope in which a collector sends it.
    pub fn json(&self) -> Value {
        json!({
            "machine": self.machine,
            "reported_at": self.reported_at.to_string(),
            "complete": true,
            "products": [{
                "ID": self.sku,
                "ApplicationID": self.application,
                "Name": self.product,
                "Description": "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
                "PartialProductKey": "VDYBN",
                "LicenseStatus": self.license_status,
                "GracePeriodRemaining": self.minutes,
                "DiscoveredKeyManagementServiceMachineName": self.kms_host,
                "DiscoveredKeyManagementServiceMachinePort": 1688,
                "RequiredClientCount": self.required_count,
                "VLActivationInterval": 120,
                "VLRenewalInterval": 10080,
            }],
        })
    }

    /// The same as text.
    pub fn text(&self) -> String {
        self.json().to_string()
    }
}

/// The application that is Office 2013 and later.
pub const OFFICE: &str = "0ff1ce15-a989-479d-af46-f275c6370663";

/// What a KMS host says of itself through WMI. Its license is in this status, and it counts so many clients.
pub fn kms_host(machine: &str, reported_at: Timestamp, license_status: u8, count: u32) -> String {
    kms_host_json(machine, reported_at, license_status, count).to_string()
}

/// The same of one that counts so many for Windows, and so many for Office.
pub fn kms_host_of_both(machine: &str, reported_at: Timestamp, windows: u32, office: u32) -> String {
    let mut host = kms_host_json(machine, reported_at, 1, windows);
    add_office_key(&mut host, office);
    host["products"][1]["RequiredClientCount"] = json!(25);
    host.to_string()
}

/// Adds a key for Office, which is in force, to what a KMS host says: it counts so many.
pub fn add_office_key(host: &mut Value, count: u32) {
    let key = json!({
        "ID": "47f3b983-7c53-4d45-abc6-bcd91e2dd90a",
        "ApplicationID": OFFICE,
        "Name": "Office 21, Office21KMSHostVL_KMS_Host edition",
        "Description": "Office 21, VOLUME_KMS channel",
        "PartialProductKey": "0FF1C",
        "LicenseStatus": 1,
        "GracePeriodRemaining": 0,
        "IsKeyManagementServiceMachine": 1,
        "KeyManagementServiceCurrentCount": count,
        "RequiredClientCount": 5,
    });
    // What Windows counts is of its own key then.
    let windows = host["service"]["KeyManagementServiceCurrentCount"].clone();
    let products = host["products"].as_array_mut().expect("it lists its products");
    products[0]["IsKeyManagementServiceMachine"] = json!(1);
    products[0]["KeyManagementServiceCurrentCount"] = windows;
    products.insert(0, key);
}

/// What a KMS host says that has two keys for Office: one is in force, and one of another version in this status.
pub fn kms_host_of_two_offices(machine: &str, reported_at: Timestamp, old_status: u8) -> String {
    let mut host = kms_host_json(machine, reported_at, 1, 50);
    add_office_key(&mut host, 50);
    let mut old = host["products"][0].clone();
    old["ID"] = json!("98ebfe73-2084-4c97-932c-c0cd1643bea7");
    old["Name"] = json!("Office 16, Office16KMSHostVL_KMS_Host edition");
    old["LicenseStatus"] = json!(old_status);
    host["products"].as_array_mut().expect("it lists its products").push(old);
    host.to_string()
}

/// The same as JSON, with the key of Windows alone.
pub fn kms_host_json(machine: &str, reported_at: Timestamp, license_status: u8, count: u32) -> Value {
    json!({
        "machine": machine,
        "reported_at": reported_at.to_string(),
        "complete": true,
        "service": {
            "Version": "10.0.20348.1",
            "IsKeyManagementServiceMachine": 1,
            "KeyManagementServiceCurrentCount": count,
            "KeyManagementServiceListeningPort": 1688,
        },
        "products": [{
            "ID": "8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66",
            "ApplicationID": WINDOWS,
            "Name": "Windows(R), ServerDatacenter edition",
            "Description": "Windows(R) Operating System, VOLUME_KMS_WS22 channel",
            "PartialProductKey": "H0ST5",
            "LicenseStatus": license_status,
            "GracePeriodRemaining": 0,
        }],
    })
}

/// An event of a KMS host about itself, as `wevtutil` writes it, with these data.
pub fn host_event(number: u16, host: &str, at: Timestamp, data: &[&str]) -> String {
    let data = data.iter().map(|data| format!("<Data>{data}</Data>")).collect::<Vec<_>>().concat();
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider \
         Name='Microsoft-Windows-Security-SPP' EventSourceName='Software Protection Platform Service'/>\
         <EventID Qualifiers='49152'>{number}</EventID><TimeCreated SystemTime='{}'/>\
         <Channel>Application</Channel><Computer>{host}</Computer></System><EventData>{data}</EventData></Event>",
        at.strftime("%Y-%m-%dT%H:%M:%S.5000000Z"),
    )
}

/// Reports one behind the other, a line each.
pub fn lines<'a>(clients: impl IntoIterator<Item = &'a Client>) -> String {
    clients.into_iter().map(|client| client.text() + "\n").collect()
}

/// Now, in whole seconds, which is what is kept.
pub fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).expect("now is in range")
}

/// So many minutes before now.
pub fn minutes_ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}
