//! A list of machines as a sheet, made while it is read: however many machines there are, a few hundred are in memory
//! at once, beside the names of all where these are not what it is sorted by. Few sheets are made at once.

use super::fault::Fault;
use crate::catalogue::message;
use crate::counters::HttpCounters;
use crate::fleet::{Dependencies, Expected, Fleet, Inventory, Machine, MachineQuery, MachineSort};
use crate::intake::keeper::Keeper;
use crate::license::MachineName;
use crate::report::expected::{MissingJson, named};
use crate::report::machines::MachineJson;
use crate::report::sheet;
use crate::web::Sources;
use crate::web::answers::counted;
use crate::web::rejected::Rejected;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

/// The parameter by which a sheet is asked for.
pub(super) const FORMAT: &str = "format";

/// How many machines are made at once, and how many of these parts may wait to be read.
const AT_ONCE: usize = 500;
const WAITING: usize = 2;

/// How many sheets are under way at once, and how long one may take.
const SHEETS: usize = 8;
const LONGEST: Duration = Duration::from_mins(10);

/// What a sheet begins with, so that Excel takes it for UTF-8.
const MARK: &str = "\u{feff}";

/// The sheets under way.
#[derive(Debug, Clone)]
pub(super) struct Sheets(Arc<Semaphore>);

impl Default for Sheets {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SHEETS)))
    }
}

/// Parts that are made as they are read.
struct Parts {
    receiver: mpsc::Receiver<Bytes>,
    /// Whether all parts were made.
    is_whole: Arc<AtomicBool>,
    /// It counts until its last part is read, or nobody reads it any more.
    _sheet: Arc<OwnedSemaphorePermit>,
}

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let part = ready!(self.receiver.poll_recv(context));
        // An end like any other would let what is cut off pass for the whole.
        let is_cut_off = part.is_none() && !self.is_whole.load(Ordering::Acquire);
        Poll::Ready(if is_cut_off {
            Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the sheet took too long to be read")))
        } else {
            part.map(|part| Ok(Frame::data(part)))
        })
    }
}

/// Which machines a sheet has yet to show.
enum Left {
    /// Those after this one, by their names.
    After(Option<MachineName>),
    /// These, the last at the beginning.
    Named(Names),
}

/// Names that count for what they take.
struct Names {
    names: Vec<MachineName>,
    _held: Held,
}

/// What the list of a sheet takes, as it is counted.
struct Held {
    bytes: usize,
    counters: HttpCounters,
}

impl Held {
    fn of<T>(list: &Vec<T>, counters: &HttpCounters) -> Self {
        let bytes = list.capacity() * size_of::<T>();
        counters.answer_held(bytes);
        Self { bytes, counters: counters.clone() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counters.answer_gone(self.bytes);
    }
}

/// Where the parts of a sheet go, which count until they are read.
#[derive(Debug, Clone)]
struct Sender {
    parts: mpsc::Sender<Bytes>,
    counters: HttpCounters,
}

/// Nobody reads a sheet any more.
struct Unread;

impl Sender {
    async fn send(&self, part: impl Into<Bytes>) -> Result<(), Unread> {
        let part = part.into();
        // An empty one would be taken for the end.
        if part.is_empty() {
            return Ok(());
        }
        self.parts.send(counted(part, &self.counters)).await.map_err(|_| Unread)
    }
}

/// The sheet of all machines that are asked for, whichever page is.
pub(super) fn answer(
    sources: &Sources,
    keeper: Keeper,
    query: MachineQuery,
    dependencies: Arc<Dependencies>,
) -> Result<Response, Fault> {
    begin(sources, "attachment; filename=\"gracewatch-machines.csv\"", async move |sender| {
        make(&keeper, query, &dependencies, &sender).await
    })
}

/// The sheet of all machines of the inventory that never reported and are asked for.
pub(super) fn missing(
    sources: &Sources,
    keeper: Keeper,
    inventory: Arc<Inventory>,
    name: Option<String>,
) -> Result<Response, Fault> {
    begin(sources, "attachment; filename=\"gracewatch-missing.csv\"", async move |sender| {
        let all = keeper.ask_among_few(move |fleet| {
            let missing = fleet.missing(&inventory);
            named(&missing, name.as_deref()).cloned().collect::<Vec<Expected>>()
        });
        let all = all.await;
        let _held = Held::of(&all, &sender.counters);
        make_missing(&all, &sender).await
    })
}

/// A sheet that is made as it is read, by `make`, which ends where nobody reads it any more. The name is ours: nothing
/// that was asked is in it.
fn begin<M>(
    sources: &Sources,
    disposition: &'static str,
    make: impl FnOnce(Sender) -> M + Send + 'static,
) -> Result<Response, Fault>
where
    M: Future<Output = Result<(), Unread>> + Send + 'static,
{
    let counters = sources.counters.http().clone();
    let Ok(sheet) = Arc::clone(&sources.pages.sheets.0).try_acquire_owned() else {
        counters.answer_rejected();
        return Err(Rejected::unavailable(message!("too-many-sheets", most = SHEETS)).into());
    };
    let sheet = Arc::new(sheet);
    let (parts, receiver) = mpsc::channel(WAITING);
    let is_whole = Arc::new(AtomicBool::new(false));
    let body = Parts { receiver, is_whole: Arc::clone(&is_whole), _sheet: Arc::clone(&sheet) };
    let sender = Sender { parts, counters };
    tokio::spawn(async move {
        let done = timeout(LONGEST, make(sender.clone())).await;
        is_whole.store(matches!(done, Ok(Ok(()))), Ordering::Release);
        drop((sender, sheet));
    });
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, disposition), (CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::new(body)).into_response())
}

async fn make_missing(machines: &[Expected], sender: &Sender) -> Result<(), Unread> {
    sender.send(MARK).await?;
    // Nothing is written but to memory.
    let part = |is_first: bool, machines: &[Expected]| {
        let machines: Vec<_> = machines.iter().map(MissingJson::new).collect();
        sheet::missing_part(is_first, machines.iter()).unwrap_or_default()
    };
    sender.send(part(true, &[])).await?;
    for machines in machines.chunks(AT_ONCE) {
        sender.send(part(false, machines)).await?;
    }
    Ok(())
}

async fn make(
    keeper: &Keeper,
    query: MachineQuery,
    dependencies: &Arc<Dependencies>,
    sender: &Sender,
) -> Result<(), Unread> {
    let mut left = left(keeper, &query, dependencies, &sender.counters).await;
    let query = Arc::new(query);
    sender.send(MARK).await?;
    let mut is_first = true;
    loop {
        let (query, dependencies) = (Arc::clone(&query), Arc::clone(dependencies));
        let part = keeper.ask_among_few(move |fleet| {
            let machines = next(&mut left, fleet, &query, &dependencies);
            let is_last = machines.is_none();
            let machines = machines.unwrap_or_default();
            let machines: Vec<_> = machines.iter().map(|machine| MachineJson::new(machine, query.moment.now)).collect();
            // Nothing is written but to memory. There are heads where there is no machine.
            (sheet::part(is_first, machines.iter()).unwrap_or_default(), left, is_last)
        });
        let (part, rest, is_last) = part.await;
        (left, is_first) = (rest, false);
        sender.send(part).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// What a sheet has to show before its first part. The order of names needs no list of them.
async fn left(
    keeper: &Keeper,
    query: &MachineQuery,
    dependencies: &Arc<Dependencies>,
    counters: &HttpCounters,
) -> Left {
    // Who is not in an inventory is looked for in all of the fleet, and so once.
    if query.sort == MachineSort::Name && query.unlisted_in.is_none() {
        return Left::After(None);
    }
    let mut names = keeper.order(query.clone(), Arc::clone(dependencies)).await;
    names.reverse();
    Left::Named(Names { _held: Held::of(&names, counters), names })
}

/// The machines of the next part; `None` where there are no more.
fn next(left: &mut Left, fleet: &Fleet, query: &MachineQuery, dependencies: &Dependencies) -> Option<Vec<Machine>> {
    match left {
        Left::After(last) => {
            let machines = fleet.after(last.as_ref(), AT_ONCE, query, dependencies);
            *last = Some(machines.last()?.machine.name.clone());
            Some(machines)
        }
        Left::Named(Names { names, .. }) => {
            let from = names.len().saturating_sub(AT_ONCE);
            let mut part = names.split_off(from);
            part.reverse();
            // Who is asked for is known by now: nobody is looked for again.
            let query = MachineQuery::new(query.moment);
            (!part.is_empty()).then(|| fleet.named(&part, &query, dependencies))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;
    use crate::fleet::Moment;
    use crate::store::StoreUrl;
    use axum::body::to_bytes;
    use axum::http::StatusCode;
    use jiff::{SignedDuration, Timestamp};

    fn held(counters: &Counters) -> f64 {
        let families = counters.registry().gather();
        let family = families.iter().find(|family| family.name() == "gracewatch_http_answers_bytes").unwrap();
        family.get_metric()[0].get_gauge().get_value()
    }

    #[tokio::test]
    async fn few_sheets_are_under_way_and_what_they_hold_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let url: StoreUrl = format!("sqlite:{}", folder.path().join("gw.db").display()).parse().unwrap();
        let keeper = Keeper::open(&url).await.unwrap();
        let sources = crate::web::tests::sources();
        let (counters, sheets) = (&*sources.counters, &sources.pages.sheets);
        let moment = Moment { now: Timestamp::now(), stale_after: SignedDuration::from_hours(1) };
        let ask = |sort| {
            let query = MachineQuery { sort, ..MachineQuery::new(moment) };
            answer(&sources, keeper.clone(), query, Arc::default())
        };
        let sorts = [MachineSort::Name, MachineSort::Expiry].into_iter().cycle();
        let mut unread: Vec<_> = sorts.take(SHEETS).map(|sort| ask(sort).unwrap()).collect();
        let refused = ask(MachineSort::Name).unwrap_err();
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        while held(counters) == 0.0 {
            tokio::task::yield_now().await;
        }
        let sheet = to_bytes(unread.pop().unwrap().into_body(), usize::MAX).await.unwrap();
        assert!(sheet.starts_with("\u{feff}machine,path,".as_bytes()), "{sheet:?}");
        let another = ask(MachineSort::Name).unwrap();
        drop((unread, another, sheet));
        while sheets.0.available_permits() < SHEETS || held(counters) > 0.0 {
            tokio::task::yield_now().await;
        }
        keeper.close().await;
    }
}
