//! The endpoints and proxies that online paths are tested against do what they are for. They are asked by hand and by
//! `openssl` here, so that what asks them in the program is tested against something other than itself.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::servers::apache::{Apache, Credentials};
use crate::servers::certificates::{self, Authority, Certificate, Validity};
use crate::servers::dante::Dante;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::kdc::Kdc;
use crate::servers::microsocks::Microsocks;
use crate::servers::nginx::{Answer, Nginx, Tls};
use crate::servers::place::Place;
use crate::servers::scripted::{End, Scripted};
use crate::servers::squid::Squid;
use crate::servers::tinyproxy::Tinyproxy;
use crate::servers::{port, program};

/// How long any one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name of the endpoint in all of these.
const NAME: &str = "activation.example";

/// `user:secret` and `user:wrong`, as Basic writes them.
const RIGHT: &str = "dXNlcjpzZWNyZXQ=";
const WRONG: &str = "dXNlcjp3cm9uZw==";

const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it accepts connections");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    stream
}

/// Reads exactly so many bytes.
fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).expect("it answers in full");
    bytes
}

/// Reads up to the empty line that ends the headers, and not one byte more.
fn read_headers(stream: &mut TcpStream) -> String {
    let mut headers = Vec::new();
    while !headers.ends_with(b"\r\n\r\n") {
        headers.extend(read(stream, 1));
    }
    String::from_utf8(headers).expect("headers are text")
}

/// Asks a proxy for a tunnel, with Basic credentials if there are any, and returns the headers of its answer.
fn ask_for_tunnel(proxy: SocketAddr, target: &str, credentials: Option<&str>) -> (TcpStream, String) {
    let mut stream = connect(proxy);
    let credentials = credentials.map_or_else(String::new, |it| format!("Proxy-Authorization: Basic {it}\r\n"));
    // Sent at once, or a scripted proxy would take the first part for all.
    let question = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{credentials}\r\n");
    stream.write_all(question.as_bytes()).expect("it listens");
    let headers = read_headers(&mut stream);
    (stream, headers)
}

/// Insists that a proxy answers CONNECT like this.
fn assert_answers_tunnel(proxy: SocketAddr, target: &str, credentials: Option<&str>, status: &str) {
    let (_stream, headers) = ask_for_tunnel(proxy, target, credentials);
    assert!(headers.starts_with(status), "instead of {status}: {headers}");
}

/// Insists that the server at the end of a tunnel answers in plain HTTP.
fn assert_leads_to_page(mut tunnel: TcpStream) {
    tunnel.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("it listens");
    let headers = read_headers(&mut tunnel);
    assert!(headers.starts_with("HTTP/1.1 200 "), "{headers}");
}

/// Fetches a page over TLS: the whole answer, or what there was to complain about.
fn fetch_over_tls(target: &str, root: &Path, arguments: &[&str]) -> Result<String, String> {
    ask_over_tls(target, root, arguments, "GET / HTTP/1.0\r\n\r\n")
}

/// Asks anything over TLS with `openssl s_client`.
fn ask_over_tls(target: &str, root: &Path, arguments: &[&str], question: &str) -> Result<String, String> {
    let mut child = Command::new(program::find("openssl", "openssl"))
        .args(["s_client", "-quiet", "-verify_return_error", "-servername", NAME, "-verify_hostname", NAME])
        .args(["-connect", target, "-CAfile"])
        .arg(root)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl can be run");
    // One that has ended over the handshake listens no more.
    let _ = child.stdin.take().expect("its input is ours").write_all(question.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let [answer, complaint] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if answer.is_empty() { Err(complaint) } else { Ok(answer) }
}

/// Insists that there is no page to be had, and why.
fn assert_is_refused(server: &Nginx, root: &Path, complaint: &str) {
    let result = fetch_over_tls(&server.address().to_string(), root, &[]);
    let found = result.expect_err("it is refused");
    assert!(found.contains(complaint), "instead of {complaint:?}: {found}");
}

fn endpoint(certificate: &Certificate) -> Nginx {
    Nginx::tls(certificate, Answer::Page(200, "activated"))
}

#[test]
#[ignore = "needs openssl, libfaketime"]
fn certificates_are_valid_when_they_should_be() {
    let authority = Authority::new("Gracewatch Test Root");
    let ends_within = |validity, days: u32| {
        let leaf = authority.issue(&[NAME], validity).leaf;
        let mut command = Command::new(program::find("openssl", "openssl"));
        command.args(["x509", "-noout", "-checkend", &(days * 86_400).to_string(), "-in"]).arg(leaf);
        !command.stdout(Stdio::null()).status().expect("openssl can be run").success()
    };
    assert!(ends_within(Validity::Expired, 0));
    assert!(!ends_within(Validity::EndingIn(20), 19));
    assert!(ends_within(Validity::EndingIn(20), 21));
    assert!(!ends_within(Validity::Good, 300));
    assert!(!ends_within(Validity::NotYet, 28));
}

#[test]
#[ignore = "needs openssl, libfaketime"]
fn certificates_name_whom_they_are_for_and_from() {
    let authority = Authority::new("Gracewatch Test Root");
    let leaf = authority.issue(&[NAME, "127.0.0.1"], Validity::Good).leaf;
    let text = certificates::describe(&leaf, &["-issuer", "-subject", "-ext", "subjectAltName"]);
    assert!(
        text.contains("issuer=CN = Gracewatch Test Root Intermediate\nsubject=CN = activation.example\n"),
        "{text}"
    );
    assert!(text.contains("DNS:activation.example, IP Address:127.0.0.1"), "{text}");
    let text = certificates::describe(&authority.intermediate(), &["-issuer"]);
    assert_eq!(text, "issuer=CN = Gracewatch Test Root\n");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn nginx_shows_the_certificate_it_was_given() {
    let authority = Authority::new("Gracewatch Test Root");
    let root = authority.root();
    let good = authority.issue(&[NAME], Validity::Good);
    let server = endpoint(&good);
    let page = fetch_over_tls(&server.address().to_string(), &root, &[]).expect("the certificate is good");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with("activated"), "{page}");

    let issue = |name, validity| endpoint(&authority.issue(&[name], validity));
    assert_is_refused(&issue(NAME, Validity::Expired), &root, "certificate has expired");
    assert_is_refused(&issue(NAME, Validity::NotYet), &root, "certificate is not yet valid");
    assert_is_refused(&issue("portal.example", Validity::Good), &root, "hostname mismatch");
    assert_is_refused(&endpoint(&good.without_intermediate()), &root, "unable to get local issuer");
    assert_is_refused(&endpoint(&Certificate::self_signed(&[NAME])), &root, "self-signed certificate");
    let expired = Authority::with_intermediate("Gracewatch Test Root", Validity::Expired);
    let server = endpoint(&expired.issue(&[NAME], Validity::Good));
    assert_is_refused(&server, &expired.root(), "depth=1 CN = Gracewatch Test Root Intermediate");
}

#[test]
#[ignore = "needs nginx, openssl, libfaketime"]
fn nginx_speaks_the_versions_it_is_set_to() {
    let authority = Authority::new("Gracewatch Test Root");
    let certificate = authority.issue(&[NAME], Validity::Good);
    let weak = ["-cipher", "DEFAULT:@SECLEVEL=0"];
    let versions = [("TLSv1", "-tls1"), ("TLSv1.1", "-tls1_1"), ("TLSv1.2", "-tls1_2"), ("TLSv1.3", "-tls1_3")];
    for (protocols, _) in versions {
        let tls = Tls { certificate: &certificate, protocols };
        let server = Nginx::tls_at(&Place::loopback(), tls, Answer::Page(200, "activated"));
        for (version, option) in versions {
            let arguments = [&weak[..], &[option]].concat();
            let page = fetch_over_tls(&server.address().to_string(), &authority.root(), &arguments);
            assert_eq!(page.is_ok(), version == protocols, "{version} with {protocols}: {page:?}");
        }
    }
}

#[test]
#[ignore = "needs nginx"]
fn nginx_gives_the_answer_it_is_set_to() {
    let page = "<a href=\"\\login\">Log in</a>";
    for (answer, expected) in [
        (Answer::Page(200, page), ["HTTP/1.1 200 OK\r\n", "Content-Type: text/html\r\n", page]),
        (Answer::Page(503, "busy"), ["HTTP/1.1 503 Service", "Content-Length: 4\r\n", "\r\n\r\nbusy"]),
        (
            Answer::Redirect("http://portal.example/"),
            ["HTTP/1.1 302 Moved", "Location: http://portal.example/\r\n", "302 Found"],
        ),
    ] {
        let server = Nginx::answering(answer);
        let mut stream = connect(server.address());
        stream.write_all(b"GET /anything HTTP/1.0\r\n\r\n").expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        for part in expected {
            assert!(answer.contains(part), "no {part:?} in {answer}");
        }
    }
}

#[test]
#[ignore = "needs squid, nginx"]
fn squid_forwards() {
    let (proxy, origin) = (Squid::open(), Nginx::answering(Answer::Page(200, "a page")));
    let (tunnel, headers) = ask_for_tunnel(proxy.address(), &origin.address().to_string(), None);
    assert!(headers.starts_with("HTTP/1.1 200 Connection established\r\n"), "{headers}");
    assert_leads_to_page(tunnel);
    assert_answers_tunnel(proxy.address(), &port::refusing().to_string(), None, "HTTP/1.1 503 ");
    assert_answers_tunnel(proxy.address(), "unknown.example:443", None, "HTTP/1.1 500 ");
}

#[test]
#[ignore = "needs squid, openssl, nginx"]
fn squid_lets_through_whoever_has_the_password() {
    let (proxy, origin) = (Squid::basic("user", "secret"), Nginx::answering(Answer::Page(200, "a page")));
    let target = origin.address().to_string();
    for credentials in [None, Some(WRONG)] {
        let (_stream, headers) = ask_for_tunnel(proxy.address(), &target, credentials);
        assert!(headers.starts_with("HTTP/1.1 407 "), "{headers}");
        assert_eq!(schemes(&headers), ["Basic"]);
    }
    assert_answers_tunnel(proxy.address(), &target, Some(RIGHT), "HTTP/1.1 200 ");
}

/// The names of the authentication schemes a proxy offers.
fn schemes(headers: &str) -> Vec<&str> {
    let offers = headers.lines().filter_map(|line| line.strip_prefix("Proxy-Authenticate: "));
    offers.map(|offer| offer.split(' ').next().unwrap_or_default()).collect()
}

#[test]
#[ignore = "needs squid"]
fn squid_offers_what_windows_networks_offer() {
    let proxy = Squid::negotiate_and_ntlm();
    for credentials in [None, Some(RIGHT)] {
        let (_stream, headers) = ask_for_tunnel(proxy.address(), "127.0.0.1:443", credentials);
        assert!(headers.starts_with("HTTP/1.1 407 "), "{headers}");
        assert_eq!(schemes(&headers), ["Negotiate", "NTLM", "Basic"]);
    }
}

#[test]
#[ignore = "needs squid, nginx"]
fn squid_denies_tunnels_and_forwards_the_rest() {
    let (proxy, origin) = (Squid::denying_connect(), Nginx::answering(Answer::Page(200, "a page")));
    let target = origin.address().to_string();
    assert_answers_tunnel(proxy.address(), &target, None, "HTTP/1.1 403 ");
    let mut stream = connect(proxy.address());
    write!(stream, "GET http://{target}/ HTTP/1.1\r\nHost: {target}\r\n\r\n").expect("it listens");
    let headers = read_headers(&mut stream);
    assert!(headers.starts_with("HTTP/1.1 200 "), "{headers}");
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn squid_is_spoken_to_over_tls() {
    let authority = Authority::new("Gracewatch Test Root");
    let proxy = Squid::tls(&authority.issue_by_root(&[NAME], Validity::Good));
    let origin = Nginx::answering(Answer::Page(200, "a page"));
    let question = format!("GET http://{}/ HTTP/1.0\r\n\r\n", origin.address());
    let answer = ask_over_tls(&proxy.address().to_string(), &authority.root(), &[], &question);
    assert!(answer.as_ref().is_ok_and(|answer| answer.ends_with("a page")), "{answer:?}");
}

#[test]
#[ignore = "needs squid, nginx, openssl, libfaketime"]
fn a_hop_intercepts_what_goes_through_the_proxy() {
    let (right, wrong) = (Authority::new("Gracewatch Test Root"), Authority::new("Intercepting Proxy CA"));
    let endpoint = endpoint(&right.issue(&[NAME], Validity::Good));
    let interceptor = Nginx::tls_at(
        // Another address and the same port, so that the name alone decides who is asked.
        &Place::at(SocketAddr::new(IpAddr::from([127, 0, 0, 2]), endpoint.address().port())),
        Tls { certificate: &wrong.issue(&[NAME], Validity::Good), protocols: "TLSv1.2 TLSv1.3" },
        Answer::Page(200, "intercepted"),
    );
    let target = format!("{NAME}:{}", endpoint.address().port());
    for (host, root, page) in [(endpoint, right.root(), "activated"), (interceptor, wrong.root(), "intercepted")] {
        let proxy = Squid::with_hosts(&[(NAME, &host.address().ip().to_string())]);
        let answer = fetch_over_tls(&target, &root, &["-proxy", &proxy.address().to_string()]);
        assert!(answer.as_ref().is_ok_and(|answer| answer.ends_with(page)), "{answer:?}");
        let other = if page == "activated" { wrong.root() } else { right.root() };
        let answer = fetch_over_tls(&target, &other, &["-proxy", &proxy.address().to_string()]);
        let complaint = answer.expect_err("the issuer is another");
        assert!(complaint.contains("unable to get local issuer certificate"), "{complaint}");
    }
}

#[test]
#[ignore = "needs tinyproxy-bin, nginx"]
fn tinyproxy_distinguishes_wrong_credentials_from_missing_ones() {
    let (proxy, origin) = (Tinyproxy::basic("user", "secret"), Nginx::answering(Answer::Page(200, "a page")));
    let target = origin.address().to_string();
    assert_answers_tunnel(proxy.address(), &target, None, "HTTP/1.0 407 ");
    assert_answers_tunnel(proxy.address(), &target, Some(WRONG), "HTTP/1.0 401 ");
    let (tunnel, headers) = ask_for_tunnel(proxy.address(), &target, Some(RIGHT));
    assert!(headers.starts_with("HTTP/1.0 200 "), "{headers}");
    assert_leads_to_page(tunnel);
}

#[test]
#[ignore = "needs tinyproxy-bin, nginx"]
fn tinyproxy_forwards() {
    let origin = Nginx::answering(Answer::Page(200, "a page"));
    let proxy = Tinyproxy::start_at(&Place::loopback(), None, &[(NAME, "127.0.0.1")]);
    let (tunnel, headers) = ask_for_tunnel(proxy.address(), &format!("{NAME}:{}", origin.address().port()), None);
    assert!(headers.starts_with("HTTP/1.0 200 "), "{headers}");
    assert_leads_to_page(tunnel);
    assert_answers_tunnel(proxy.address(), &port::refusing().to_string(), None, "HTTP/1.1 500 ");
    assert_answers_tunnel(proxy.address(), "unknown.example:443", None, "HTTP/1.1 500 ");
}

/// Fetches a page through a proxy with `curl`, which knows Kerberos and NTLM: the status the proxy answers CONNECT with
/// and the page.
fn fetch_with_curl(proxy: &Apache, origin: &Nginx, configure: impl FnOnce(&mut Command)) -> String {
    let mut command = Command::new(program::find("curl", "curl"));
    command.args(["--silent", "--proxytunnel", "--write-out", "%{http_connect}", "--proxy"]);
    command.arg(format!("http://localhost:{}", proxy.address().port()));
    command.arg(format!("http://{}/", origin.address()));
    configure(&mut command);
    let output = command.output().expect("curl can be run");
    String::from_utf8(output.stdout).expect("a page is text")
}

#[test]
#[ignore = "needs apache2-bin, libapache2-mod-auth-gssapi, krb5-kdc, krb5-admin-server, krb5-user, curl, nginx"]
fn apache_lets_through_whoever_has_a_ticket() {
    let kdc = Kdc::with_user("user", "secret");
    let (proxy, origin) = (Apache::checking(Credentials::Kerberos(&kdc)), Nginx::answering(Answer::Page(200, "page")));
    let (_stream, headers) = ask_for_tunnel(proxy.address(), &origin.address().to_string(), None);
    assert!(headers.starts_with("HTTP/1.1 407 "), "{headers}");
    assert_eq!(schemes(&headers), ["Negotiate"]);

    let tickets = TemporaryDirectory::new("tickets");
    let with_tickets = |command: &mut Command| {
        command.env("KRB5_CONFIG", kdc.client_configuration()).env("KRB5CCNAME", tickets.path().join("cache"));
    };
    let fetch = || {
        fetch_with_curl(&proxy, &origin, |command| {
            with_tickets(command);
            command.args(["--proxy-negotiate", "--proxy-user", ":"]);
        })
    };
    assert_eq!(fetch(), "407");
    let mut login = Command::new(program::find("kinit", "krb5-user"));
    with_tickets(&mut login);
    let mut login = login.arg("user").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("kinit can be run");
    login
        .stdin
        .take()
        .expect("its input is ours")
        .write_all(
            b"secret
",
        )
        .expect("it listens");
    assert!(login.wait().expect("it ends").success());
    assert_eq!(fetch(), "page200");
}

#[test]
#[ignore = "needs apache2-bin, libapache2-mod-auth-gssapi, gss-ntlmssp, curl, nginx"]
fn apache_lets_through_whoever_has_the_password_in_ntlm() {
    let proxy = Apache::checking(Credentials::Ntlm { user: "user", password: "secret" });
    let origin = Nginx::answering(Answer::Page(200, "page"));
    let (_stream, headers) = ask_for_tunnel(proxy.address(), &origin.address().to_string(), None);
    assert!(headers.starts_with("HTTP/1.1 407 "), "{headers}");
    assert_eq!(schemes(&headers), ["Negotiate", "NTLM"]);
    let users = TemporaryDirectory::new("users");
    for (password, expected) in [("wrong", "407"), ("secret", "page200")] {
        let file = users.write(password, format!("GRACEWATCH:user:{password}\n"));
        // The NTLM that is curl's own begins with a message too short for this proxy; that of its GSSAPI does not.
        let answer = fetch_with_curl(&proxy, &origin, |command| {
            command.env("NTLM_USER_FILE", &file).args(["--proxy-negotiate", "--proxy-user", ":"]);
        });
        assert_eq!(answer, expected);
    }
}

/// Offers one method and returns the method the proxy chose.
fn greet(stream: &mut TcpStream, method: u8) -> u8 {
    stream.write_all(&[5, 1, method]).expect("it listens");
    let answer = read(stream, 2);
    assert_eq!(answer[0], 5, "{answer:?}");
    answer[1]
}

/// Asks for a connection to a name or an IPv4 address and returns the reply (RFC 1928, section 6).
fn ask_for_connection(stream: &mut TcpStream, host: &str, port: u16) -> u8 {
    let mut request = vec![5, 1, 0];
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        request.extend([&[1][..], &ip.octets()].concat());
    } else {
        let length = u8::try_from(host.len()).expect("names are short");
        request.extend([&[3, length], host.as_bytes()].concat());
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).expect("it listens");
    let answer = read(stream, 4);
    assert_eq!([answer[0], answer[2]], [5, 0], "{answer:?}");
    // An address, here of IPv4 or a name, and a port.
    let length = match answer[3] {
        1 => 4,
        3 => usize::from(read(stream, 1)[0]),
        other => panic!("an address of kind {other}"),
    };
    read(stream, length + 2);
    answer[1]
}

/// What an open SOCKS proxy replies to a request for a connection, and the tunnel if it is one.
fn reply_to(proxy: SocketAddr, host: &str, port: u16) -> (u8, TcpStream) {
    let mut stream = connect(proxy);
    assert_eq!(greet(&mut stream, NO_AUTHENTICATION), NO_AUTHENTICATION);
    (ask_for_connection(&mut stream, host, port), stream)
}

#[test]
#[ignore = "needs microsocks, nginx"]
fn microsocks_forwards() {
    let origin = Nginx::answering(Answer::Page(200, "a page"));
    let proxy = Microsocks::with_hosts(&[(NAME, "127.0.0.1")]);
    for host in ["127.0.0.1", NAME] {
        let (reply, tunnel) = reply_to(proxy.address(), host, origin.address().port());
        assert_eq!(reply, 0);
        assert_leads_to_page(tunnel);
    }
    assert_eq!(reply_to(proxy.address(), "127.0.0.1", port::refusing().port()).0, 5);
    assert_eq!(reply_to(proxy.address(), "unknown.example", 443).0, 1);
}

#[test]
#[ignore = "needs microsocks, nginx"]
fn microsocks_lets_through_whoever_has_the_password() {
    let (proxy, origin) = (Microsocks::with_password("user", "secret"), Nginx::answering(Answer::Page(200, "a page")));
    assert_eq!(greet(&mut connect(proxy.address()), NO_AUTHENTICATION), 0xff);
    for (password, status) in [("wrong", 2), ("secret", 0)] {
        let mut stream = connect(proxy.address());
        assert_eq!(greet(&mut stream, PASSWORD), PASSWORD);
        let length = u8::try_from(password.len()).expect("passwords are short");
        stream.write_all(&[&b"\x01\x04user"[..], &[length], password.as_bytes()].concat()).expect("it listens");
        assert_eq!(read(&mut stream, 2), [1, status]);
        if status == 0 {
            assert_eq!(ask_for_connection(&mut stream, "127.0.0.1", origin.address().port()), 0);
            assert_leads_to_page(stream);
        }
    }
}

#[test]
#[ignore = "needs dante-server, nginx"]
fn dante_forwards_all_but_what_it_has_a_rule_against() {
    let origin = Nginx::answering(Answer::Page(200, "a page"));
    let port = origin.address().port();
    for (proxy, reply) in [(Dante::open(), 0), (Dante::blocking(origin.address()), 2)] {
        let (found, tunnel) = reply_to(proxy.address(), "127.0.0.1", port);
        assert_eq!(found, reply);
        if reply == 0 {
            assert_leads_to_page(tunnel);
        }
        assert_eq!(reply_to(proxy.address(), "127.0.0.1", port::refusing().port()).0, 5);
        assert_eq!(reply_to(proxy.address(), "unknown.example", 443).0, 4);
    }
}

#[test]
fn a_scripted_proxy_answers_when_asked_and_ends_as_it_should() {
    for (end, rest) in [(End::Close, Ok(0)), (End::Reset, Err(ErrorKind::ConnectionReset))] {
        let proxy = Scripted::answering(&[b"HTTP/1.1 200 \r\n\r\nglued", b"once more"], end);
        let (mut tunnel, headers) = ask_for_tunnel(proxy.address(), NAME, None);
        assert_eq!(headers, "HTTP/1.1 200 \r\n\r\n");
        assert_eq!(read(&mut tunnel, 5), b"glued");
        tunnel.write_all(b"again").expect("it listens");
        assert_eq!(read(&mut tunnel, 9), b"once more");
        if end == End::Reset {
            tunnel.write_all(b"and again").expect("it listens");
        }
        assert_eq!(tunnel.read(&mut [0]).map_err(|error| error.kind()), rest);
    }
}

#[test]
fn a_scripted_proxy_that_keeps_silent_stays() {
    let proxy = Scripted::answering(&[b"HTTP/1.1 200 \r\n\r\n"], End::Silence);
    let (mut tunnel, _) = ask_for_tunnel(proxy.address(), NAME, None);
    tunnel.write_all(b"a handshake").expect("it listens");
    tunnel.set_read_timeout(Some(Duration::from_millis(50))).expect("a time limit can be set");
    let error = tunnel.read(&mut [0]).expect_err("nothing comes");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}
