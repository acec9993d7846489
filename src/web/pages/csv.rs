//! A list of machines as a sheet, made while it is read: however many machines there are, a few hundred are in memory
//! at once beside the names of all.

use crate::fleet::{Dependencies, MachineQuery};
use crate::intake::keeper::Keeper;
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
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        // The name is ours: nothing that was asked is in it.
        (CONTENT_DISPOSITION, "attachment; filename=\"gracewatch-machines.csv\""),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::new(Parts(parts))).into_response()
}

async fn make(
    keeper: &Keeper,
    query: MachineQuery,
    dependencies: &Arc<Dependencies>,
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    let names = keeper.order(query.clone(), Arc::clone(dependencies)).await;
    let query = Arc::new(query);
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
