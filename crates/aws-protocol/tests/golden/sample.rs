//! A decoder of nothing: makes a value of any shape with every member set, each scalar another.

use aws_protocol::{AwsError, Decoder, Field, Shape};
use types::TimestampMs;

pub struct Sample {
    n: i32,
    items: usize,
}

impl Sample {
    /// Lists get `items` items.
    pub fn of<T: Shape>(items: usize) -> T {
        T::decode(&mut Sample { n: 0, items }).expect("a sample has every kind of value")
    }

    fn next(&mut self) -> i32 {
        self.n += 1;
        self.n
    }
}

impl Decoder for Sample {
    fn structure(&mut self) -> Result<(), AwsError> {
        Ok(())
    }

    fn enter(&mut self, _: &'static Field) -> bool {
        true
    }

    fn leave(&mut self) {}

    fn items(&mut self) -> Result<usize, AwsError> {
        Ok(self.items)
    }

    fn enter_item(&mut self, _: usize) {}

    fn keys(&mut self) -> Result<Vec<String>, AwsError> {
        Ok((0..self.items).map(|_| format!("<k> {}", self.next())).collect())
    }

    fn enter_value(&mut self, _: usize) {}

    fn string(&mut self) -> Result<String, AwsError> {
        Ok(format!(" <s>{} é&amp;\"'\r\n\t😀 ", self.next()))
    }

    fn boolean(&mut self) -> Result<bool, AwsError> {
        Ok(self.next() % 2 == 0)
    }

    fn integer(&mut self) -> Result<i32, AwsError> {
        Ok(-self.next())
    }

    fn long(&mut self) -> Result<i64, AwsError> {
        Ok((1 << 40) + i64::from(self.next()))
    }

    fn double(&mut self) -> Result<f64, AwsError> {
        Ok(f64::from(self.next()) + 0.25)
    }

    fn timestamp(&mut self) -> Result<TimestampMs, AwsError> {
        Ok(TimestampMs(1_767_323_045_678 + 1000 * self.next() as u64))
    }

    fn blob(&mut self) -> Result<Vec<u8>, AwsError> {
        let n = self.next();
        Ok((0..=255).chain(n.to_be_bytes()).collect())
    }
}
