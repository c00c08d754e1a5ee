//! Connections, and who has to give one up when they are all taken. Pure but for the wake-up.
//!
//! A connection belongs to nobody until a request on it has proven an account. When there is no seat left for a new one, the
//! holder with the most gives one up: an idle one if it has any, else its oldest. So one client with a thousand connections,
//! or a flood of silent ones, keeps nobody else out.

use super::pool::Holder;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::sync::Notify;

#[derive(Debug)]
struct Row {
    holder: Holder,
    /// A request is being answered.
    busy: bool,
    wake: Rc<Notify>,
}

#[derive(Debug, Default)]
struct Table {
    /// By age; those that were told to leave are no longer in here.
    rows: BTreeMap<u64, Row>,
    next: u64,
    evicted: u64,
}

/// All connections.
#[derive(Clone)]
pub struct Seats {
    table: Rc<RefCell<Table>>,
    seats_max: usize,
}

/// One connection's, until it is dropped.
pub struct Seat {
    table: Rc<RefCell<Table>>,
    id: u64,
    wake: Rc<Notify>,
}

impl Table {
    /// Who leaves: of the holder with the most.
    fn victim(&self) -> Option<u64> {
        let mut counts: BTreeMap<&Holder, usize> = BTreeMap::new();
        for row in self.rows.values() {
            *counts.entry(&row.holder).or_default() += 1;
        }
        // Those who have shown nothing give way first where there are as many.
        let (richest, _) = counts.into_iter().min_by_key(|(h, n)| (usize::MAX - n, **h != Holder::Nobody, (*h).clone()))?;
        let of_richest = self.rows.iter().filter(|(_, row)| row.holder == *richest);
        of_richest.min_by_key(|(id, row)| (row.busy, **id)).map(|(id, _)| *id)
    }
}

impl Seats {
    /// Of the gateway.
    pub const MAX: usize = 1024;

    pub fn new(seats_max: usize) -> Self {
        Self { table: Rc::default(), seats_max }
    }

    /// Another connection; where all seats are taken, somebody's is told to leave.
    pub fn sit(&self) -> Seat {
        let mut table = self.table.borrow_mut();
        if table.rows.len() >= self.seats_max
            && let Some(row) = table.victim().and_then(|id| table.rows.remove(&id))
        {
            table.evicted += 1;
            row.wake.notify_one();
        }
        let (id, wake) = (table.next, Rc::new(Notify::new()));
        table.next += 1;
        table.rows.insert(id, Row { holder: Holder::Nobody, busy: false, wake: wake.clone() });
        Seat { table: self.table.clone(), id, wake }
    }

    /// (connections, how many were told to leave so far)
    pub fn load(&self) -> (usize, u64) {
        let table = self.table.borrow();
        (table.rows.len(), table.evicted)
    }
}

impl Seat {
    /// Ends when this connection has to go.
    pub async fn evicted(&self) {
        self.wake.notified().await;
    }

    pub fn busy(&self, busy: bool) {
        if let Some(row) = self.table.borrow_mut().rows.get_mut(&self.id) {
            row.busy = busy;
        }
    }

    /// A request on it was proven to be the holder's.
    pub fn belongs_to(&self, holder: &Holder) {
        if let Some(row) = self.table.borrow_mut().rows.get_mut(&self.id)
            && row.holder != *holder
        {
            row.holder = holder.clone();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.table.borrow_mut().rows.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(n: u64) -> Holder {
        Holder::Account(format!("{n:012}").parse().unwrap())
    }

    fn left(seats: &Seats, all: &[&Seat]) -> Vec<usize> {
        let table = seats.table.borrow();
        all.iter().enumerate().filter(|(_, s)| !table.rows.contains_key(&s.id)).map(|(n, _)| n).collect()
    }

    #[test]
    fn the_richest_gives_up_its_idle_ones_then_its_oldest() {
        let seats = Seats::new(6);
        let rich: Vec<_> = (0..4).map(|_| seats.sit()).collect();
        rich.iter().for_each(|s| s.belongs_to(&account(1)));
        let poor = seats.sit();
        poor.belongs_to(&account(2));
        let idle = seats.sit();
        rich[0].busy(true);
        rich[1].busy(true);
        let all: Vec<&Seat> = rich.iter().chain([&poor, &idle]).collect();
        let third = seats.sit();
        third.belongs_to(&account(3));
        assert_eq!(left(&seats, &all), [2], "its oldest idle one");
        let fourth = seats.sit();
        fourth.belongs_to(&account(4));
        assert_eq!(left(&seats, &all), [2, 3]);
        // Two of the rich are left, both busy, and one each of the others: the rich one's oldest.
        let fifth = seats.sit();
        fifth.belongs_to(&account(5));
        assert_eq!(left(&seats, &all), [0, 2, 3]);
        // One each: who has shown nothing.
        let sixth = seats.sit();
        sixth.belongs_to(&account(6));
        assert_eq!(left(&seats, &all), [0, 2, 3, 5]);
        assert_eq!(seats.load(), (6, 4));
        drop((rich, poor, idle, third, fourth, fifth, sixth));
        assert_eq!(seats.load(), (0, 4));
    }

    #[test]
    fn a_flood_of_silent_connections_evicts_itself() {
        let seats = Seats::new(10);
        let user = seats.sit();
        user.belongs_to(&account(1));
        let flood: Vec<_> = (0..1000).map(|_| seats.sit()).collect();
        assert_eq!(left(&seats, &[&user]), [] as [usize; 0]);
        assert_eq!(seats.load(), (10, 991));
        drop(flood);
    }
}
