//! Several programs on one store: each sees what the others write, and none overwrites what it has not seen.

use super::{machines, on_both, take};
use crate::fleet::{day, in_status, moment, report, windows};
use gracewatch::fleet::known::{Known, Received};
use gracewatch::intake::keeper::{self, Keeper};
use gracewatch::license::{License, LicenseStatus, MachineName};
use gracewatch::store::StoreUrl;
use jiff::SignedDuration;
use std::sync::Arc;

on_both!(
    what_one_writes_the_other_reads,
    two_that_report_the_same_machine_lose_neither,
    names_that_changed_and_machines_that_are_forgotten_are_so_for_everyone,
    a_new_store_can_be_opened_by_several_at_once,
);

async fn known(keeper: &Keeper, name: &str) -> Known {
    let name: MachineName = name.parse().unwrap();
    keeper.ask(move |fleet| fleet.known(&name)).await
}

async fn open_two(url: &StoreUrl) -> [Keeper; 2] {
    let (one, two) = tokio::join!(Keeper::open(url), Keeper::open(url));
    [one.unwrap(), two.unwrap()]
}

async fn what_one_writes_the_other_reads(url: &StoreUrl) {
    let [one, two] = open_two(url).await;
    assert!(!two.refresh().await.unwrap());
    take(&one, vec![report("a", 0, vec![windows(100)]), report("b", 0, vec![windows(100)])]).await;
    assert!(two.refresh().await.unwrap() && !two.refresh().await.unwrap());
    assert_eq!(known(&two, "a").await, known(&one, "a").await);
    // It knows at once what it is about to add to, without having looked.
    take(&one, vec![report("a", 2, vec![windows(90)])]).await;
    let late = Received { received_at: day(2), ..report("a", 1, vec![windows(95)]) };
    assert_eq!(take(&two, vec![late]).await, ["outdated"]);
    assert_eq!(known(&two, "a").await, known(&one, "a").await);
    let lost = in_status(LicenseStatus::Notification, windows(0));
    assert_eq!(take(&two, vec![report("a", 3, vec![lost])]).await, ["a+"]);
    assert!(one.refresh().await.unwrap());
    assert_eq!(known(&two, "a").await, known(&one, "a").await);
}

async fn two_that_report_the_same_machine_lose_neither(url: &StoreUrl) {
    let keepers = open_two(url).await;
    let licenses = |of: usize, number: usize| {
        let product = Some(format!("Product {of} {number}"));
        vec![License { sku: None, application: None, product, ..windows(100) }]
    };
    let mut tasks = tokio::task::JoinSet::new();
    for (of, keeper) in keepers.iter().enumerate() {
        let keeper = keeper.clone();
        tasks.spawn(async move {
            for number in 0..20 {
                take(&keeper, vec![report("same", 0, licenses(of, number))]).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let read = keeper::read(url).await.unwrap();
    let expected = read.known(&"same".parse().unwrap());
    assert_eq!(expected.licenses.len(), 40);
    for keeper in &keepers {
        keeper.refresh().await.unwrap();
        assert_eq!(known(keeper, "same").await, expected);
    }
}

async fn names_that_changed_and_machines_that_are_forgotten_are_so_for_everyone(url: &StoreUrl) {
    let [one, two] = open_two(url).await;
    take(&one, vec![report("ws1", 0, vec![windows(100)]), report("old", 0, vec![windows(100)])]).await;
    two.refresh().await.unwrap();
    take(&one, vec![report("ws1.corp.example", 1, vec![windows(100)])]).await;
    // One that has not looked since knows the machine by its name all the same.
    assert_eq!(take(&two, vec![report("ws1", 2, vec![windows(100)])]).await, ["ws1.corp.example"]);
    assert_eq!(machines(&two).await, 2);
    one.write_day(&one.aggregate(moment(day(2)), 0, Arc::default()).await).await.unwrap();
    let forget = Some(SignedDuration::from_hours(24));
    assert_eq!(one.prune(day(2), SignedDuration::from_hours(9999), forget).await.unwrap().machines, 1);
    two.refresh().await.unwrap();
    assert_eq!(known(&two, "old").await, Known::default());
    // It is no trouble where it comes back.
    take(&two, vec![report("old", 3, vec![windows(100)])]).await;
    one.refresh().await.unwrap();
    assert_eq!((machines(&one).await, machines(&two).await), (2, 2));
}

async fn a_new_store_can_be_opened_by_several_at_once(url: &StoreUrl) {
    let (one, two, three) = tokio::join!(Keeper::open(url), Keeper::open(url), Keeper::open(url));
    for keeper in [one, two, three] {
        assert_eq!(machines(&keeper.unwrap()).await, 0);
    }
}
