//! Writes shapes as forms: what a request would have been on the wire. For requests that are made here, of other requests.

use crate::shape::{Encoder, Field, Shape};
use crate::{AwsError, Form, xml};
use base64::Engine;
use types::TimestampMs;

/// Gathers paths and values.
#[derive(Debug, Default)]
pub struct FormEncoder {
    path: Vec<String>,
    /// Of each list that is open: the name between it and the number, and how many items it has had.
    lists: Vec<(&'static str, usize)>,
    item: &'static str,
    out: Vec<(String, String)>,
}

impl FormEncoder {
    /// The form of a shape. Fails only where the shape is larger than forms may be.
    pub fn form(shape: &impl Shape) -> Result<Form, AwsError> {
        let mut e = Self::default();
        shape.encode(&mut e);
        Form::of(e.out)
    }

    fn value(&mut self, v: String) {
        self.out.push((self.path.join("."), v));
    }
}

impl Encoder for FormEncoder {
    fn begin_structure(&mut self) {}

    fn end_structure(&mut self) {}

    fn begin_member(&mut self, field: &'static Field) {
        self.path.push(field.form.to_owned());
        self.item = field.form_item;
    }

    fn end_member(&mut self, _: &'static Field) {
        self.path.pop();
    }

    fn begin_list(&mut self) {
        self.lists.push((self.item, 0));
    }

    fn begin_item(&mut self) {
        let Some((name, n)) = self.lists.last_mut() else { return };
        *n += 1;
        self.path.push(if name.is_empty() { n.to_string() } else { format!("{name}.{n}") });
    }

    fn end_item(&mut self) {
        self.path.pop();
    }

    fn end_list(&mut self) {
        self.lists.pop();
    }

    fn begin_map(&mut self) {}

    fn begin_entry(&mut self, key: &str) {
        self.path.push(key.to_owned());
    }

    fn end_entry(&mut self) {
        self.path.pop();
    }

    fn end_map(&mut self) {}

    fn string(&mut self, v: &str) {
        self.value(v.to_owned());
    }

    fn boolean(&mut self, v: bool) {
        self.value(v.to_string());
    }

    fn long(&mut self, v: i64) {
        self.value(v.to_string());
    }

    fn double(&mut self, v: f64) {
        self.value(v.to_string());
    }

    fn timestamp(&mut self, v: TimestampMs) {
        let mut text = String::new();
        xml::write_timestamp(v, &mut text);
        self.value(text);
    }

    fn blob(&mut self, v: &[u8]) {
        self.value(base64::engine::general_purpose::STANDARD.encode(v));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::RunInstancesRequest;

    #[test]
    fn a_form_survives_being_read_and_written() {
        let raw = b"Action=RunInstances&Version=1&ImageId=ami-1&MinCount=1&MaxCount=2&EbsOptimized=false\
            &SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2&NetworkInterface.1.DeviceIndex=0\
            &NetworkInterface.1.PrivateIpAddresses.1.Primary=true&TagSpecification.1.ResourceType=instance\
            &TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b&Placement.Tenancy=default";
        let form = Form::parse(raw).unwrap();
        let request: RunInstancesRequest = crate::decode(&form).unwrap();
        let again = FormEncoder::form(&request).unwrap();
        assert_eq!(again.parameters(), form.parameters());
    }
}
