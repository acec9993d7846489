//! A list of machines as a sheet, made while it is read: however many machines there are, a few hundred are in memory
//! at once beside the names of all.

use crate::fleet::{Dependencies, Expected, Inventory, MachineQuery};
use crate::intake::keeper::Keeper;
use crate::report::expected::{MissingJson, named};
use crate::report::machines::MachineJson;
use crate::report::sheet;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The parameter by which a sheet is asked for.
pub(super) const FORMAT: &str = "format";

/// How many machines are made at once, and how many of these parts may wait to be read.
const AT_ONCE: usize = 500;
const WAITING: usize = 2;

/// What a sheet begins with, so that Excel takes it for UTF-8.
const MARK: &str = "\u{feff}";

/// Parts that are made as they are read.
struct Parts(mpsc::Receiver<Bytes>);

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}

/// The sheet of all machines that are asked for, whichever page is. What makes it ends where nobody reads it any more.
pub(super) fn answer(keeper: Keeper, query: MachineQuery, dependencies: Arc<Dependencies>) -> Response {
    let (sender, parts) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        // Nobody reads it any more.
        let _ = make(&keeper, query, &dependencies, &sender).await;
    });
    response("attachment; filename=\"gracewatch-machines.csv\"", parts)
}

/// The sheet of all machines of the inventory that never reported and are asked for.
pub(super) fn missing(keeper: Keeper, inventory: Arc<Inventory>, name: Option<String>) -> Response {
    let (sender, parts) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let all = keeper.ask(move |fleet| {
            let missing = fleet.missing(&inventory);
            named(&missing, name.as_deref()).cloned().collect::<Vec<Expected>>()
        });
        // Nobody reads it any more.
        let _ = make_missing(&all.await, &sender).await;
    });
    response("attachment; filename=\"gracewatch-missing.csv\"", parts)
}

/// A sheet that is made as it is read. The name is ours: nothing that was asked is in it.
fn response(disposition: &'static str, parts: mpsc::Receiver<Bytes>) -> Response {
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, disposition), (CACHE_CONTROL, "no-cache")];
    (headers, Body::new(Parts(parts))).into_response()
}

async fn make_missing(
    machines: &[Expected],
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    sender.send(Bytes::from_static(MARK.as_bytes())).await?;
    // Nothing is written but to memory.
    let part = |is_first: bool, machines: &[Expected]| -> Bytes {
        let machines: Vec<_> = machines.iter().map(MissingJson::new).collect();
        sheet::missing_part(is_first, machines.iter()).unwrap_or_default().into()
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
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    let names = keeper.order(query.clone(), Arc::clone(dependencies)).await;
    // Who is asked for is known by now: nobody is looked for again.
    let query = Arc::new(MachineQuery::new(query.moment));
    sender.send(Bytes::from_static(MARK.as_bytes())).await?;
    let mut is_first = true;
    // There are heads where there is no machine.
    let parts = names.chunks(AT_ONCE).map(<[_]>::to_vec).chain(names.is_empty().then(Vec::new));
    for names in parts {
        let (query, dependencies) = (Arc::clone(&query), Arc::clone(dependencies));
        let with_heads = std::mem::take(&mut is_first);
        let part = keeper.ask_among_few(move |fleet| {
            let machines = fleet.named(&names, &query, &dependencies);
            let machines: Vec<_> = machines.iter().map(|machine| MachineJson::new(machine, query.moment.now)).collect();
            sheet::part(with_heads, machines.iter())
        });
        // Nothing is written but to memory.
        let part = part.await.unwrap_or_default();
        sender.send(part.into()).await?;
    }
    Ok(())
}
