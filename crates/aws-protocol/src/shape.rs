//! [`Shape`]: a modelled value that can be read from and written to any wire format.
//!
//! Generated structs say once what their members are called ([`Field`]); a [`Decoder`] or an [`Encoder`] is one wire format
//! and picks the name it needs. So a new format is one implementation, not one per shape. Both are used as trait objects:
//! the generated code is compiled once, not once a format.

use crate::AwsError;
use std::collections::BTreeMap;
use types::TimestampMs;

/// A member's names. An empty `form_item` means a flattened list (`Name.1`), as everywhere in ec2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// In the model, and in JSON.
    pub name: &'static str,
    /// In a form, without the names above it.
    pub form: &'static str,
    /// Between the list's name and the number in a form: `member` in `Tags.member.1`.
    pub form_item: &'static str,
    /// As an XML element.
    pub xml: &'static str,
    /// The XML element of a list's item: `item`, `member`.
    pub xml_item: &'static str,
    pub xml_kind: XmlKind,
    /// Looked at in XML requests only; the other protocols have it in their operation table.
    pub required: bool,
    /// The values that the model allows, of a string or of a list's items; empty if it lists none. For XML requests.
    pub values: &'static [&'static str],
}

/// How a member stands in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlKind {
    Element,
    /// A list without an element of its own: each item is an element of the member's name.
    Flattened,
    /// In the start tag of the structure.
    Attribute,
}

/// One wire format, read. It stands on a value; `enter` steps to a member's value, `leave` back.
pub trait Decoder {
    /// The value at hand must be one that can have members.
    fn structure(&mut self) -> Result<(), AwsError>;
    /// Steps to a member; `false`, and no step, if it is absent.
    fn enter(&mut self, field: &'static Field) -> bool;
    fn leave(&mut self);
    /// How many items the list at hand has.
    fn items(&mut self) -> Result<usize, AwsError>;
    /// Steps to an item; `index` counts from 0 and is below `items`.
    fn enter_item(&mut self, index: usize);
    /// The keys of the map at hand.
    fn keys(&mut self) -> Result<Vec<String>, AwsError>;
    /// Steps to a value of the map; `index` is a place in `keys`.
    fn enter_value(&mut self, index: usize);

    fn string(&mut self) -> Result<String, AwsError>;
    fn boolean(&mut self) -> Result<bool, AwsError>;
    fn integer(&mut self) -> Result<i32, AwsError>;
    fn long(&mut self) -> Result<i64, AwsError>;
    fn double(&mut self) -> Result<f64, AwsError>;
    fn timestamp(&mut self) -> Result<TimestampMs, AwsError>;
    fn blob(&mut self) -> Result<Vec<u8>, AwsError>;
}

/// One wire format, written. Cannot fail: every value of a shape has a spelling in every format.
pub trait Encoder {
    fn begin_structure(&mut self);
    fn end_structure(&mut self);
    fn begin_member(&mut self, field: &'static Field);
    fn end_member(&mut self, field: &'static Field);
    fn begin_list(&mut self);
    fn begin_item(&mut self);
    fn end_item(&mut self);
    fn end_list(&mut self);
    fn begin_map(&mut self);
    fn begin_entry(&mut self, key: &str);
    fn end_entry(&mut self);
    fn end_map(&mut self);

    fn string(&mut self, v: &str);
    fn boolean(&mut self, v: bool);
    fn long(&mut self, v: i64);
    fn double(&mut self, v: f64);
    fn timestamp(&mut self, v: TimestampMs);
    fn blob(&mut self, v: &[u8]);
}

/// A value of the model: a scalar, a list or a generated struct.
pub trait Shape: Sized {
    fn decode(d: &mut dyn Decoder) -> Result<Self, AwsError>;
    fn encode(&self, e: &mut dyn Encoder);
}

macro_rules! scalar {
    ($($t:ty: $decode:ident, $encode:ident, $v:ident => $wire:expr;)*) => {$(
        impl Shape for $t {
            fn decode(d: &mut dyn Decoder) -> Result<Self, AwsError> { d.$decode() }
            fn encode(&self, e: &mut dyn Encoder) { let $v = self; e.$encode($wire) }
        }
    )*};
}

scalar! {
    String: string, string, v => v;
    bool: boolean, boolean, v => *v;
    i32: integer, long, v => i64::from(*v);
    i64: long, long, v => *v;
    f64: double, double, v => *v;
    TimestampMs: timestamp, timestamp, v => *v;
    Vec<u8>: blob, blob, v => v;
}

impl<T: Shape> Shape for Vec<T> {
    fn decode(d: &mut dyn Decoder) -> Result<Self, AwsError> {
        let n = d.items()?;
        let mut items = Vec::with_capacity(n);
        for i in 0..n {
            d.enter_item(i);
            items.push(T::decode(d)?);
            d.leave();
        }
        Ok(items)
    }

    fn encode(&self, e: &mut dyn Encoder) {
        e.begin_list();
        for item in self {
            e.begin_item();
            item.encode(e);
            e.end_item();
        }
        e.end_list();
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn decode(d: &mut dyn Decoder) -> Result<Self, AwsError> {
        let mut map = Self::new();
        for (i, key) in d.keys()?.into_iter().enumerate() {
            d.enter_value(i);
            map.insert(key, T::decode(d)?);
            d.leave();
        }
        Ok(map)
    }

    fn encode(&self, e: &mut dyn Encoder) {
        e.begin_map();
        for (key, value) in self {
            e.begin_entry(key);
            value.encode(e);
            e.end_entry();
        }
        e.end_map();
    }
}

/// The reply of an operation that has none.
impl Shape for () {
    fn decode(_: &mut dyn Decoder) -> Result<Self, AwsError> {
        Ok(())
    }

    fn encode(&self, e: &mut dyn Encoder) {
        e.begin_structure();
        e.end_structure();
    }
}

pub(crate) fn decode_member<T: Shape>(d: &mut dyn Decoder, field: &'static Field) -> Result<Option<T>, AwsError> {
    if !d.enter(field) {
        return Ok(None);
    }
    let value = T::decode(d)?;
    d.leave();
    Ok(Some(value))
}

pub(crate) fn encode_member<T: Shape>(e: &mut dyn Encoder, field: &'static Field, value: &Option<T>) {
    if let Some(value) = value {
        e.begin_member(field);
        value.encode(e);
        e.end_member(field);
    }
}

/// Generated structs are written with this: the struct, and its [`Shape`]. The names after `=` are (model, form, XML), for
/// lists (model, form, form item, XML, XML item); for REST-XML (kind model, XML, XML item, required or optional, values).
macro_rules! shape {
    (pub struct $shape:ident { $(pub $member:ident: Option<$t:ty> = $names:tt,)* }) => {
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $shape { $(pub $member: Option<$t>,)* }

        impl $crate::Shape for $shape {
            fn decode(d: &mut dyn $crate::Decoder) -> Result<Self, $crate::AwsError> {
                d.structure()?;
                Ok(Self { $($member: $crate::shape::decode_member(d, $crate::shape::field!($names))?,)* })
            }

            fn encode(&self, e: &mut dyn $crate::Encoder) {
                e.begin_structure();
                $($crate::shape::encode_member(e, $crate::shape::field!($names), &self.$member);)*
                e.end_structure();
            }
        }
    };
}

macro_rules! field {
    (($name:literal, $form:literal, $xml:literal)) => {
        $crate::shape::field!(($name, $form, "", $xml, ""))
    };
    (($kind:ident $name:literal, $xml:literal, $item:literal, $required:ident, $values:expr)) => {
        &$crate::Field {
            name: $name,
            form: $name,
            form_item: "",
            xml: $xml,
            xml_item: $item,
            xml_kind: $crate::shape::field!(@kind $kind),
            required: $crate::shape::field!(@required $required),
            values: $values,
        }
    };
    (@kind element) => { $crate::XmlKind::Element };
    (@kind flattened) => { $crate::XmlKind::Flattened };
    (@kind attribute) => { $crate::XmlKind::Attribute };
    (@required required) => { true };
    (@required optional) => { false };
    (($name:literal, $form:literal, $form_item:literal, $xml:literal, $xml_item:literal)) => {
        &$crate::Field {
            name: $name,
            form: $form,
            form_item: $form_item,
            xml: $xml,
            xml_item: $xml_item,
            xml_kind: $crate::XmlKind::Element,
            required: false,
            values: &[],
        }
    };
}

pub(crate) use {field, shape};
