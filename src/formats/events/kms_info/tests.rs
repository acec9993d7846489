use super::*;

const CMID: &str = "08c3bda0-c556-4b61-9e4e-7bf6d4df80be";
const SKU: &str = "2de67392-b7a7-462a-b1ca-108dd189f588";

type Absurdities = Vec<(String, String)>;

fn host(text: &str) -> (Option<HostRecord>, Absurdities) {
    let mut absurd = Vec::new();
    (HostRecord::read(text, &mut |why, what| absurd.push((why.to_owned(), what.to_owned()))), absurd)
}

fn request(text: &str) -> (Option<Request>, Absurdities) {
    let mut absurd = Vec::new();
    (Request::read(text, &mut |why, what| absurd.push((why.to_owned(), what.to_owned()))), absurd)
}

fn response(text: &str) -> (Option<Response>, Absurdities) {
    let mut absurd = Vec::new();
    (Response::read(text, &mut |why, what| absurd.push((why.to_owned(), what.to_owned()))), absurd)
}

fn state() -> ClientState {
    ClientState {
        client_time: Some("2026-11-24T09:00:00Z".parse().unwrap()),
        code: 0,
        sku: SKU.parse().unwrap(),
        client_machine_id: Some(CMID.parse().unwrap()),
        status: Some(LicenseStatus::Licensed),
        minutes: Some(249_120),
        required_count: Some(25),
    }
}

#[test]
fn a_host_record_is_read_however_it_is_laid_out() {
    let expected = HostRecord { state: state(), client: "ws0417.corp.example".parse().unwrap() };
    for text in [
        format!("0x0,25,WS0417.corp.example,{CMID},2026/11/24 9:00,0,1,249120,{SKU}"),
        // Each string of its own, behind one that says nothing of interest.
        format!(",0x0,25,WS0417.corp.example,{CMID},2026/11/24 09:00,0,1,249120,{SKU},"),
        format!("KMS,0x0,25,WS0417.corp.example,{CMID},2026/11/24 09:00,0,1,249120,{SKU},"),
        format!("0x00000000, 25, WS0417.corp.example, {CMID}, 2026/11/24 09:00, 0, 1, 249120, {SKU},"),
        format!("0, 25, WS0417.corp.example,\r\n{CMID},\r\n2026/11/24\r\n09:00, 0, 1, 249120,\r\n{SKU}\r\n"),
        format!(
            "A request, they say, was answered.\r\n\r\nInfo:\r\n0x0,25,WS0417.corp.example,{CMID},2026/11/24 9:00,0,1,249120,{SKU}\r\nThat was it."
        ),
        format!("\u{60c5}\u{5831}:0x0,25,ws0417.CORP.example,{CMID},2026/11/24 9:00,1,1,249120,{{{SKU}}}"),
        format!("0x0,25,WS0417.corp.example,{},2026/11/24 9:00,0,1,249120,{}", CMID.to_uppercase(), SKU.to_uppercase()),
        format!("0x0,25,WS0417.corp.example,08c3bda0-c556-4b61-\r\n9e4e-7bf6d4df80be,2026/11/24 9:00,0,1,249120,{SKU}"),
    ] {
        assert_eq!(host(&text), (Some(expected.clone()), vec![]), "{text}");
    }
}

#[test]
fn what_is_no_host_record_is_none() {
    for text in [
        String::new(),
        ",,,,,,,,,,,".to_owned(),
        format!("0x0,25,,{CMID},2026/11/24 9:00,0,1,249120,{SKU}"),
        format!("0x0,25,two words,{CMID},2026/11/24 9:00,0,1,249120,{SKU}"),
        format!("0x0,25,WS0417,{CMID},2026/11/24 9:00,0,1,249120"),
        format!("0x0,25,WS0417,{CMID},2026/11/24 9:00,0,1,249120,{}", &SKU[..35]),
        format!("0x0,25,WS0417,none,never,0,1,249120,{SKU}"),
        format!("0xZ,25,WS0417,{CMID},2026/11/24 9:00,0,1,249120,{SKU}"),
        format!("0x123456789,25,WS0417,{CMID},2026/11/24 9:00,0,1,249120,{SKU}"),
        format!("25,WS0417,{CMID},2026/11/24 9:00,0,1,249120,{SKU}"),
        format!("{}0x0,25,WS0417,{CMID},2026/11/24 9:00,0,1,249120,{SKU}", "x,".repeat(10_000)),
    ] {
        assert_eq!(host(&text), (None, vec![]), "{text}");
    }
}

#[test]
fn what_cannot_be_is_not_known_and_is_reported() {
    let cases = [
        ("25", "1", "-5", Some(LicenseStatus::Licensed), None, Some(25), 1),
        ("25", "1", "259200", Some(LicenseStatus::Licensed), Some(259_200), Some(25), 0),
        ("25", "1", "259201", Some(LicenseStatus::Licensed), None, Some(25), 1),
        ("25", "1", "99999999999999999999", Some(LicenseStatus::Licensed), None, Some(25), 1),
        ("25", "1", "0x10", Some(LicenseStatus::Licensed), None, Some(25), 1),
        ("25", "1", "", Some(LicenseStatus::Licensed), None, Some(25), 0),
        ("25", "7", "5", None, Some(5), Some(25), 1),
        ("25", "-1", "5", None, Some(5), Some(25), 1),
        ("25", "licensed", "5", None, Some(5), Some(25), 1),
        ("", "2", "5", Some(LicenseStatus::OobGrace), Some(5), None, 0),
        ("-1", "2", "5", Some(LicenseStatus::OobGrace), Some(5), None, 1),
        ("4294967295", "2", "5", Some(LicenseStatus::OobGrace), Some(5), None, 1),
        ("1001", "9", "x", None, None, None, 3),
    ];
    for (count, status, minutes, expected_status, expected_minutes, expected_count, absurdities) in cases {
        let text = format!("0x0,{count},WS0417,{CMID},2026/11/24 9:00,0,{status},{minutes},{SKU}");
        let (record, absurd) = host(&text);
        let state = record.unwrap().state;
        assert_eq!(
            (state.status, state.minutes, state.required_count, absurd.len()),
            (expected_status, expected_minutes, expected_count, absurdities),
            "{text}"
        );
    }
    // What has no shape of its own may be anything.
    let (record, absurd) = host(&format!("0x0,25,WS0417,no GUID,2026/11/24 9:00,0,1,5,{SKU}"));
    assert_eq!((record.unwrap().state.client_machine_id, absurd.len()), (None, 0));
    let (record, absurd) = host(&format!("0x0,25,WS0417,{CMID},1/14/2006 2:30,0,1,5,{SKU}"));
    assert_eq!((record.unwrap().state.client_time, absurd.len()), (None, 0));
}

#[test]
fn a_request_is_read_with_its_server() {
    let cases = [
        ("kms01.corp.example:1688", Some("kms01.corp.example:1688"), 0),
        (" KMS01:1689", Some("kms01:1689"), 0),
        ("192.0.2.10:1688", Some("192.0.2.10:1688"), 0),
        ("[2001:db8::1]:1688", Some("[2001:db8::1]:1688"), 0),
        ("kms01", Some("kms01:1688"), 0),
        ("", None, 0),
        (":0", None, 0),
        ("kms01:0", None, 0),
        ("kms01:70000", None, 1),
        ("kms 01:1688", None, 1),
    ];
    for (server, expected, absurdities) in cases {
        let text = format!("0xC004F074, 0x00000000, {server}, {CMID}, 2026/11/24 09:00, 1, 1, 249120, {SKU}, 25");
        let (request, absurd) = request(&text);
        let request = request.unwrap();
        assert_eq!(request.state, ClientState { code: 0xC004_F074, ..state() });
        assert_eq!(request.server.map(|server| server.to_string()).as_deref(), expected, "{server}");
        assert_eq!(absurd.len(), absurdities, "{server}");
    }
}

#[test]
fn a_request_may_lack_the_count_it_needs() {
    for end in ["", ",", ", ", ",\r\n"] {
        let (request, absurd) = request(&format!("0x0,0x0,kms01:1688,{CMID},2026/11/24 09:00,1,1,249120,{SKU}{end}"));
        assert_eq!(request.unwrap().state, ClientState { required_count: None, ..state() });
        assert_eq!(absurd, vec![]);
    }
}

#[test]
fn a_response_is_read() {
    let expected = Response {
        client_time: Some("2026-11-24T09:00:00Z".parse().unwrap()),
        code: 0,
        flags: 8,
        is_activated: true,
        count: Some(50),
        activation_interval: Some(120),
        renewal_interval: Some(10_080),
    };
    for text in [
        "0x0, 0x8, 1, 0, 50, 120, 10080, 2026/11/24 09:00",
        "0x0,0x00000008,1,0,50,120,10080,2026/11/24 9:00,",
        "It was processed.\r\nInfo:\r\n0x0,0x8,1,0,50,120,10080,2026/11/24 9:00\r\n",
    ] {
        assert_eq!(response(text), (Some(expected.clone()), vec![]), "{text}");
    }
    for text in ["0x0,0x8,1,0,50,120,10080", "0x0,0x8,1,0,50,120,10080,", "0x0,0x8,1,0,50,120,10080,1/14/2026 2:30"] {
        assert_eq!(response(text), (Some(Response { client_time: None, ..expected.clone() }), vec![]), "{text}");
    }
}

#[test]
fn what_is_no_response_is_none() {
    for text in
        ["", "0x0,0x8,1,0,50,120", "0x0,0x8,7,0,50,120,10080", "0x0,0x8,1,0,x,120,10080", "x,0x8,1,0,50,120,10080"]
    {
        assert_eq!(response(text), (None, vec![]), "{text}");
    }
}

#[test]
fn absurd_counts_and_intervals_of_a_response_are_reported() {
    let (read, absurd) = response("0xC004F038,0x4000008,0,0,-1,14,43201,2026/11/24 9:00");
    let read = read.unwrap();
    assert_eq!((read.count, read.activation_interval, read.renewal_interval), (None, None, None));
    assert_eq!(absurd.len(), 3);
}

#[test]
fn ten_million_characters_are_no_trouble() {
    for unit in [",", "0x0,", "0", "0x0,0x8,1,0,", " "] {
        let text = unit.repeat(10_000_000 / unit.len());
        assert_eq!((host(&text).0, request(&text).0), (None, None));
        assert_eq!(response(&text).0, None);
    }
}
