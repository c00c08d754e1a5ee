//! JSON 1.1, both ways: members by their model names, times as epoch seconds, blobs in base64.

use crate::shape::{Decoder, Encoder, Field, Shape};
use crate::{AwsError, form, xml};
use base64::Engine;
use serde_json::Value;
use types::TimestampMs;

/// Reads shapes from a JSON value.
pub struct JsonDecoder<'a> {
    stack: Vec<(&'a Value, String)>,
}

impl<'a> JsonDecoder<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self { stack: vec![(value, String::new())] }
    }

    fn value(&self) -> &'a Value {
        // The bottom is never left: each `leave` belongs to an `enter`.
        self.stack[self.stack.len() - 1].0
    }

    fn wrong(&self, wanted: &str) -> AwsError {
        let path: Vec<_> = self.stack[1..].iter().map(|(_, label)| label.as_str()).collect();
        let at = if path.is_empty() { "The body".to_owned() } else { format!("The member {}", path.join(".")) };
        AwsError::serialization(format!("{at} must be {wanted}."))
    }
}

impl Decoder for JsonDecoder<'_> {
    fn structure(&mut self) -> Result<(), AwsError> {
        if self.value().is_object() { Ok(()) } else { Err(self.wrong("an object")) }
    }

    fn enter(&mut self, field: &'static Field) -> bool {
        match self.value().get(field.name) {
            None | Some(Value::Null) => false,
            Some(v) => {
                self.stack.push((v, field.name.to_owned()));
                true
            }
        }
    }

    fn leave(&mut self) {
        self.stack.pop();
    }

    fn items(&mut self) -> Result<usize, AwsError> {
        self.value().as_array().map(Vec::len).ok_or_else(|| self.wrong("a list"))
    }

    fn enter_item(&mut self, index: usize) {
        let item = self.value().get(index).unwrap_or(&Value::Null);
        self.stack.push((item, index.to_string()));
    }

    fn keys(&mut self) -> Result<Vec<String>, AwsError> {
        self.value().as_object().map(|o| o.keys().cloned().collect()).ok_or_else(|| self.wrong("an object"))
    }

    fn enter_value(&mut self, index: usize) {
        let entry = self.value().as_object().and_then(|o| o.iter().nth(index));
        self.stack.push(entry.map_or((&Value::Null, String::new()), |(key, value)| (value, key.clone())));
    }

    fn string(&mut self) -> Result<String, AwsError> {
        self.value().as_str().map(str::to_owned).ok_or_else(|| self.wrong("a string"))
    }

    fn boolean(&mut self) -> Result<bool, AwsError> {
        self.value().as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    fn integer(&mut self) -> Result<i32, AwsError> {
        self.value().as_i64().and_then(|v| v.try_into().ok()).ok_or_else(|| self.wrong("an integer"))
    }

    fn long(&mut self) -> Result<i64, AwsError> {
        self.value().as_i64().ok_or_else(|| self.wrong("an integer"))
    }

    fn double(&mut self) -> Result<f64, AwsError> {
        self.value().as_f64().ok_or_else(|| self.wrong("a number"))
    }

    fn timestamp(&mut self) -> Result<TimestampMs, AwsError> {
        let parsed = match self.value() {
            // Seconds with a fraction; what does not fit saturates at 0 or the far future.
            Value::Number(n) => n.as_f64().map(|s| TimestampMs((s * 1000.0).round() as u64)),
            Value::String(s) => xml::parse_timestamp(s),
            _ => None,
        };
        parsed.ok_or_else(|| self.wrong("a time in seconds since 1970"))
    }

    fn blob(&mut self) -> Result<Vec<u8>, AwsError> {
        self.value().as_str().and_then(form::decode_base64).ok_or_else(|| self.wrong("base64"))
    }
}

/// Writes shapes as JSON text.
#[derive(Debug, Default)]
pub struct JsonEncoder {
    out: String,
}

impl JsonEncoder {
    pub fn text(shape: &impl Shape) -> String {
        let mut e = Self::default();
        shape.encode(&mut e);
        e.out
    }

    fn comma(&mut self) {
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
    }

    fn quoted(&mut self, v: &str) {
        self.out.push_str(&Value::from(v).to_string());
    }
}

impl Encoder for JsonEncoder {
    fn begin_structure(&mut self) {
        self.out.push('{');
    }

    fn end_structure(&mut self) {
        self.out.push('}');
    }

    fn begin_member(&mut self, field: &'static Field) {
        self.comma();
        self.quoted(field.name);
        self.out.push(':');
    }

    fn end_member(&mut self, _: &'static Field) {}

    fn begin_list(&mut self) {
        self.out.push('[');
    }

    fn begin_item(&mut self) {
        self.comma();
    }

    fn end_item(&mut self) {}

    fn end_list(&mut self) {
        self.out.push(']');
    }

    fn begin_map(&mut self) {
        self.out.push('{');
    }

    fn begin_entry(&mut self, key: &str) {
        self.comma();
        self.quoted(key);
        self.out.push(':');
    }

    fn end_entry(&mut self) {}

    fn end_map(&mut self) {
        self.out.push('}');
    }

    fn string(&mut self, v: &str) {
        self.quoted(v);
    }

    fn boolean(&mut self, v: bool) {
        self.out.push_str(if v { "true" } else { "false" });
    }

    fn long(&mut self, v: i64) {
        self.out.push_str(&v.to_string());
    }

    fn double(&mut self, v: f64) {
        self.out.push_str(&Value::from(v).to_string());
    }

    fn timestamp(&mut self, v: TimestampMs) {
        self.out.push_str(&format!("{}.{:03}", v.0 / 1000, v.0 % 1000));
    }

    fn blob(&mut self, v: &[u8]) {
        self.quoted(&base64::engine::general_purpose::STANDARD.encode(v));
    }
}
