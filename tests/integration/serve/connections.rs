//! How many connections there are at once, how long each may take, and that neither keeps a scrape or a probe waiting.

use std::fs;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::process;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::program::gracewatch;
use crate::support::raw::Connection;
use crate::support::request;
use crate::support::scrape::Scrape;
use crate::support::status::{Kept, TOKEN};

/// The program with so many file descriptors at the most.
fn limited(descriptors: u32) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"")]).arg(gracewatch().get_program());
    command
}

/// What is scraped over this connection; `None` where it is not answered.
fn scrape(connection: &mut Connection) -> Option<Scrape> {
    connection.get("/metrics");
    let answer = connection.answer().filter(|answer| answer.status == 200)?;
    Some(Scrape::parse(String::from_utf8(answer.body).expect("a page is text")))
}

/// A request that is under way for as long as its body does not come.
fn half_a_post(connection: &mut Connection) {
    connection.send(&format!(
        "POST /api/v1/status HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100\r\n\r\n{{"
    ));
}

#[test]
fn idle_connections_keep_neither_scrapes_nor_probes_waiting() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_with(limited(256), &(config::hosts(&[host.address()]) + EACH_SECOND));
    daemon.wait_until_ready();
    let idle: Vec<_> = (0..300).map(|_| Connection::open(daemon.address())).collect();
    // The last of them may have just come: whoever has, gets a moment to ask.
    process::wait_until("the scrape is not answered", || scrape(&mut Connection::open(daemon.address())).is_some());
    daemon.wait_for_rounds("rpc", 3);
    let after = daemon.scrape();
    assert_eq!(after.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0), "{}", daemon.log());
    assert!(after.sum("gracewatch_probes_total", &[("result", "local_error")]) < 1.0, "{}", daemon.log());
    assert_eq!(after.value("gracewatch_http_connections_limit", &[]), Some(48.0));
    let open = after.value("gracewatch_http_connections", &[]);
    assert!(open <= Some(48.0), "{open:?} connections");
    assert_eq!(after.value("gracewatch_http_accept_failures_total", &[]), Some(0.0));
    let descriptors = fs::read_dir(format!("/proc/{}/fd", daemon.process_id())).expect("it runs").count();
    assert!(descriptors < 200, "{descriptors} descriptors");
    let left = idle.iter().filter(|connection| connection.is_open()).count();
    assert!(left < 48, "{left} of them are open");
}

#[test]
fn one_beyond_the_bound_gets_an_answer_where_all_are_at_work() {
    let kept = Kept::new();
    let daemon = Daemon::start(&(kept.configuration() + "web: {connections: 8}\n"));
    let mut scraper = Connection::open(daemon.address());
    assert!(scrape(&mut scraper).is_some());
    let mut busy: Vec<_> = (0..7).map(|_| Connection::open(daemon.address())).collect();
    busy.iter_mut().for_each(half_a_post);
    // The scraper is idle, and gives way. From then on nobody does.
    let mut last = None;
    process::wait_until("the last place is not taken", || {
        let mut more = Connection::open(daemon.address());
        half_a_post(&mut more);
        let answer = more.answer_at_once();
        if answer.is_none() {
            last = Some(more);
        }
        answer.is_none() && last.is_some()
    });
    let mut beyond = Connection::open(daemon.address());
    beyond.get("/metrics");
    let answer = beyond.answer().expect("it is answered");
    assert_eq!((answer.status, answer.field("connection")), (503, Some("close")));
    assert_eq!(answer.field("retry-after"), Some("5"));
    drop(busy);
    process::wait_until("those that are gone keep their places", || {
        scrape(&mut Connection::open(daemon.address())).is_some_and(|scrape| {
            scrape.value("gracewatch_http_connections_rejected_total", &[("bound", "all")]) >= Some(1.0)
        })
    });
}

#[test]
#[ignore = "needs iproute2"]
fn one_address_has_a_quarter_and_loopback_is_not_bound_by_that() {
    let network = Namespace::new();
    let (near, far) = (Ipv4Addr::new(10, 16, 90, 1), Ipv4Addr::new(10, 16, 90, 2));
    network.add_address(IpAddr::V4(near));
    network.add_address(IpAddr::V4(far));
    let host = "127.0.0.1:9".parse::<SocketAddr>().expect("an address");
    let configuration = config::hosts(&[host]) + "web: {connections: 64}\n";
    let daemon = Daemon::start_in_at(&network, "0.0.0.0:0", &configuration);
    let port = daemon.address().port();
    let connect = |address: Ipv4Addr| {
        let address = SocketAddr::from((address, port));
        Place::within(&network, address).run(|| Connection::new(TcpStream::connect(address).expect("it listens")))
    };
    // A connection to one's own address comes from that address.
    let mut from_near: Vec<_> = (0..16).map(|_| connect(near)).collect();
    let mut one_more = connect(near);
    one_more.get("/-/healthy");
    let answer = one_more.answer().expect("all have just come, so none gives way");
    assert_eq!(answer.status, 503);
    let mut other = connect(far);
    other.get("/-/healthy");
    assert_eq!(other.answer().expect("another address has its own").status, 200);
    let mut here: Vec<_> = (0..20).map(|_| connect(Ipv4Addr::LOCALHOST)).collect();
    for connection in &mut here {
        connection.get("/-/healthy");
        assert_eq!(connection.answer().expect("loopback has all").status, 200);
    }
    // The idle ones of the address give way to others of it, and no one else's.
    process::wait_until("the idle ones stay", || {
        let mut again = connect(near);
        again.get("/-/healthy");
        again.answer().is_some_and(|answer| answer.status == 200)
    });
    process::wait_until("none of the address gave way", || from_near.iter().any(|connection| !connection.is_open()));
    assert!(from_near.iter_mut().any(|connection| {
        connection.get("/-/healthy");
        connection.answer().is_some()
    }));
    other.get("/-/healthy");
    assert_eq!(other.answer().expect("it stays").status, 200);
    let scrape = Scrape::parse(daemon.get("/metrics").body);
    let rejected = scrape.value("gracewatch_http_connections_rejected_total", &[("bound", "address")]);
    assert!(rejected >= Some(1.0), "{rejected:?}");
}

#[test]
fn who_takes_too_long_is_closed_and_nobody_waits_for_it() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + EACH_SECOND));
    let address = daemon.address();
    let patience = Duration::from_secs(40);
    let closed = |prepare: fn(&mut Connection)| {
        move || {
            let mut connection = Connection::open(address);
            prepare(&mut connection);
            connection.wait_until_closed(patience).as_secs()
        }
    };
    let silent = thread::spawn(closed(|_| {}));
    let half = thread::spawn(closed(|connection| connection.send("GET /metrics HTTP/1.1\r\nHost: gr")));
    // So many answers that the buffers of both ends are full, and not one is read.
    let unread = thread::spawn(move || {
        let mut connection = Connection::open(address);
        connection.send(&"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2000));
        thread::sleep(Duration::from_secs(25));
        let mut rest = Vec::new();
        let stream = connection.into_stream();
        stream.set_read_timeout(Some(patience)).expect("it can be set");
        // Closed with what was never read.
        let _ = (&stream).read_to_end(&mut rest);
        rest.windows(12).filter(|bytes| *bytes == b"HTTP/1.1 200").count()
    });
    process::wait_until("nobody is closed", || silent.is_finished() || daemon.get("/-/healthy").status != 200);
    for (what, thread) in [("silent", silent), ("half a head", half)] {
        let elapsed = thread.join().expect("it ends");
        assert!((9..=13).contains(&elapsed), "{what}: {elapsed} s");
    }
    let answered = unread.join().expect("it ends");
    assert!(answered < 2000, "all {answered} were written");
    let scrape = daemon.scrape();
    let timeouts = |kind| scrape.value("gracewatch_http_timeouts_total", &[("kind", kind)]);
    assert_eq!((timeouts("head"), timeouts("answer")), (Some(2.0), Some(1.0)), "{}", daemon.log());
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
}

/// By HTTP/2 a reader that opens no window asks for page after page, and reads none of them.
#[test]
fn pages_that_nobody_reads_are_bounded_in_memory() {
    let hosts: Vec<_> = (20_000..24_000).map(|port| format!("127.0.0.1:{port}")).collect();
    let daemon = Daemon::start_ready(&config::hosts(&hosts));
    let length = daemon.get("/metrics").body.len();
    let before = daemon.peak_memory();
    let client = || {
        let client = request::client().http2_prior_knowledge().http2_initial_stream_window_size(1);
        client.http2_initial_connection_window_size(1 << 20).build().expect("a client can be built")
    };
    let url = format!("http://{}/metrics", daemon.address());
    let clients: Vec<_> = (0..(192 << 20) / length / 8).map(|_| client()).collect();
    let asks = clients.iter().flat_map(|client| (0..8).map(|_| client.get(&url).send()));
    let unread: Vec<_> = asks.map(|answer| answer.expect("whoever asks is answered")).collect();
    let grown = daemon.peak_memory() - before;
    assert!(grown < 128 << 20, "{} MiB for {} pages of {length} bytes", grown >> 20, unread.len());

    // Whoever reads has a page all the same, and it shows the bound.
    let scrape = daemon.scrape();
    let value = |name| scrape.value(name, &[]).expect("it is there");
    assert!(value("gracewatch_http_pages_bytes") <= value("gracewatch_http_pages_limit_bytes"), "{}", scrape.text);
    assert!(value("gracewatch_http_pages_bytes") > 0.0);
    drop((unread, clients));
    daemon.scrape_until("what nobody reads any more stays", |scrape| {
        scrape.value("gracewatch_http_pages_bytes", &[]) == Some(0.0)
    });
}
