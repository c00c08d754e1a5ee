//! multipart/form-data as a browser posts it to a bucket, read as it comes: small fields first, then one file that is streamed.
//!
//! ```text
//!  Preamble --delimiter--> AfterDelimiter --CRLF--> Headers --empty line--> Field --delimiter--> AfterDelimiter
//!                                                                     \--> File ---delimiter--> Done
//! ```
//!
//! `feed` stops where the file begins, so that the caller can judge the fields first. What comes after the file is ignored, as S3
//! ignores it. Source: RFC 7578, RFC 2046 section 5.1; "POST Object", Amazon S3 API Reference.

use super::errors;
use crate::AwsError;

/// Of everything before the file's own data: S3 says 20 KB.
pub const FIELDS_BYTES_MAX: usize = 20 * 1024;
/// RFC 2046, section 5.1.1.
const BOUNDARY_BYTES_MAX: usize = 70;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("the form is malformed: {0}")]
    Malformed(&'static str),
    #[error("the fields before the file are longer than {FIELDS_BYTES_MAX} bytes")]
    TooLong,
    #[error("the form has no file")]
    NoFile,
    #[error("the field {0} is there more than once")]
    Duplicate(String),
}

impl FormError {
    /// The answer of S3.
    pub fn to_aws(&self) -> AwsError {
        match self {
            Self::Malformed(_) => errors::malformed_post_request(),
            Self::TooLong => errors::max_post_pre_data_length_exceeded(FIELDS_BYTES_MAX),
            Self::NoFile => errors::incorrect_number_of_files(),
            Self::Duplicate(name) => {
                errors::invalid_argument(format!("POST requires exactly one value of the field {name}"), name, "")
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There must be more.
    More,
    /// All fields are there; the file's data comes next. Reported once.
    FileBegins,
    /// The file is complete.
    Done,
}

/// What is said of the file besides its data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Without a path.
    pub name: Option<String>,
    pub content_type: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Preamble,
    AfterDelimiter,
    Headers,
    Field,
    File,
    Done,
}

#[derive(Debug, Default)]
struct Part {
    name: Option<String>,
    file_name: Option<String>,
    content_type: Option<String>,
}

/// Reads one form.
#[derive(Debug)]
pub struct Parser {
    /// CRLF, two dashes, the boundary. A carriage return is only at its beginning.
    delimiter: Vec<u8>,
    phase: Phase,
    failed: Option<FormError>,
    /// What may be the beginning of a delimiter, cut off by the end of the input.
    carry: Vec<u8>,
    /// The line at hand, or the field's value.
    buffer: Vec<u8>,
    part: Part,
    before_file_bytes: usize,
    fields: Vec<(String, String)>,
    file: File,
}

impl Parser {
    /// From the request's content type.
    ///
    /// # Errors
    /// `MalformedPOSTRequest` if it is no form or has no boundary.
    pub fn new(content_type: &str) -> Result<Self, AwsError> {
        let (media, params) = content_type.split_once(';').unwrap_or((content_type, ""));
        let boundary = parameter(params, "boundary").unwrap_or_default();
        let good = (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()) && boundary.bytes().all(|b| matches!(b, b' '..=b'~'));
        if !media.trim().eq_ignore_ascii_case("multipart/form-data") || !good {
            return Err(errors::malformed_post_request());
        }
        Ok(Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            phase: Phase::Preamble,
            failed: None,
            // The first delimiter may stand at the very beginning, without a line before it.
            carry: b"\r\n".to_vec(),
            buffer: Vec::new(),
            part: Part::default(),
            before_file_bytes: 0,
            fields: Vec::new(),
            file: File::default(),
        })
    }

    /// Takes the next piece of the body, cut anywhere. Gives how many bytes were used: all, unless the file begins; then the
    /// rest is to be fed again. The file's data goes to `out`.
    ///
    /// # Errors
    /// Any [`FormError`]; the same again from then on.
    pub fn feed(&mut self, input: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(State, usize), FormError> {
        if let Some(e) = &self.failed {
            return Err(e.clone());
        }
        self.advance(input, out).inspect_err(|e| self.failed = Some(e.clone()))
    }

    /// In order of appearance; complete once `FileBegins` was reported.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Ends the body.
    ///
    /// # Errors
    /// `Malformed` if the file is not complete.
    pub fn finish(self) -> Result<(), FormError> {
        match (self.failed, self.phase) {
            (Some(e), _) => Err(e),
            (None, Phase::Done) => Ok(()),
            (None, _) => Err(FormError::Malformed("it ends early")),
        }
    }

    fn advance(&mut self, input: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(State, usize), FormError> {
        let mut at = 0;
        while at < input.len() {
            let before = at;
            match self.phase {
                Phase::Done => return Ok((State::Done, input.len())),
                Phase::Preamble => {
                    let (used, found) = self.until_delimiter(&input[at..], &mut |_| ());
                    at += used;
                    self.phase = if found { Phase::AfterDelimiter } else { self.phase };
                }
                Phase::Field => {
                    let mut value = std::mem::take(&mut self.buffer);
                    let (used, found) = self.until_delimiter(&input[at..], &mut |data| value.extend_from_slice(data));
                    self.buffer = value;
                    at += used;
                    if found {
                        self.end_of_field()?;
                    }
                }
                Phase::File => {
                    let (used, found) = self.until_delimiter(&input[at..], out);
                    at += used;
                    if found {
                        self.phase = Phase::Done;
                        return Ok((State::Done, input.len()));
                    }
                    continue;
                }
                Phase::AfterDelimiter | Phase::Headers => {
                    self.buffer.push(input[at]);
                    at += 1;
                    if self.buffer.ends_with(b"\r\n") {
                        let mut line = std::mem::take(&mut self.buffer);
                        line.truncate(line.len() - 2);
                        self.line(&line)?;
                    } else if self.phase == Phase::AfterDelimiter && self.buffer == b"--" {
                        return Err(FormError::NoFile);
                    }
                }
            }
            self.before_file_bytes += at - before;
            if self.before_file_bytes > FIELDS_BYTES_MAX {
                return Err(FormError::TooLong);
            }
            if self.phase == Phase::File {
                return Ok((State::FileBegins, at));
            }
        }
        Ok((if self.phase == Phase::Done { State::Done } else { State::More }, at))
    }

    fn line(&mut self, line: &[u8]) -> Result<(), FormError> {
        if self.phase == Phase::AfterDelimiter {
            if !line.iter().all(|b| matches!(b, b' ' | b'\t')) {
                return Err(FormError::Malformed("there is something behind a boundary"));
            }
            self.part = Part::default();
            self.phase = Phase::Headers;
            return Ok(());
        }
        if !line.is_empty() {
            return self.header(line);
        }
        let name = self.part.name.as_deref().ok_or(FormError::Malformed("a part has no name"))?;
        if name.eq_ignore_ascii_case("file") {
            let base = |n: String| n.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            self.file = File { name: self.part.file_name.take().map(base), content_type: self.part.content_type.take() };
            self.phase = Phase::File;
        } else {
            self.phase = Phase::Field;
        }
        // A part without any data: its delimiter's line end is the one that ended the headers.
        self.carry = Vec::new();
        Ok(())
    }

    fn header(&mut self, line: &[u8]) -> Result<(), FormError> {
        let text = std::str::from_utf8(line).map_err(|_| FormError::Malformed("a part's header is not UTF-8"))?;
        let (name, value) = text.split_once(':').ok_or(FormError::Malformed("a part's header has no colon"))?;
        if name.trim().eq_ignore_ascii_case("content-disposition") {
            let (kind, params) = value.split_once(';').unwrap_or((value, ""));
            if !kind.trim().eq_ignore_ascii_case("form-data") {
                return Err(FormError::Malformed("a part is no form-data"));
            }
            self.part.name = parameter(params, "name");
            self.part.file_name = parameter(params, "filename");
        } else if name.trim().eq_ignore_ascii_case("content-type") {
            self.part.content_type = Some(value.trim().to_owned());
        }
        Ok(())
    }

    fn end_of_field(&mut self) -> Result<(), FormError> {
        let value =
            String::from_utf8(std::mem::take(&mut self.buffer)).map_err(|_| FormError::Malformed("a field is not UTF-8"))?;
        let name = self.part.name.take().unwrap_or_default();
        if self.fields.iter().any(|(n, _)| n.eq_ignore_ascii_case(&name)) {
            return Err(FormError::Duplicate(name));
        }
        self.fields.push((name, value));
        self.phase = Phase::AfterDelimiter;
        Ok(())
    }

    /// Passes data on up to the delimiter; gives how much of `input` was used, and whether the delimiter was found. What may be
    /// its beginning is kept in `carry`.
    fn until_delimiter(&mut self, input: &[u8], out: &mut impl FnMut(&[u8])) -> (usize, bool) {
        let mut at = 0;
        while at < input.len() {
            if self.carry.is_empty() {
                let rest = &input[at..];
                let Some(candidate) = rest.iter().position(|b| *b == b'\r') else {
                    out(rest);
                    return (input.len(), false);
                };
                if candidate > 0 {
                    out(&rest[..candidate]);
                }
                self.carry.push(b'\r');
                at += candidate + 1;
            } else if self.delimiter[self.carry.len()] == input[at] {
                self.carry.push(input[at]);
                at += 1;
                if self.carry.len() == self.delimiter.len() {
                    self.carry.clear();
                    return (at, true);
                }
            } else {
                // It was none; and as a delimiter has its only carriage return in front, none begins within it.
                out(&self.carry);
                self.carry.clear();
            }
        }
        (at, false)
    }
}

/// A parameter of a header, quoted or not. As browsers write them: `\"` is a quote, any other backslash stands for itself.
fn parameter(params: &str, wanted: &str) -> Option<String> {
    let mut rest = params;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (name, after) = rest.split_once('=')?;
        let mut value = String::new();
        let after = after.trim_start();
        match after.strip_prefix('"') {
            Some(quoted) => {
                let mut chars = quoted.char_indices().peekable();
                let end = loop {
                    match (chars.next()?, chars.peek()) {
                        ((_, '\\'), Some((_, '"'))) => {
                            value.push('"');
                            chars.next();
                        }
                        ((i, '"'), _) => break i,
                        ((_, c), _) => value.push(c),
                    }
                };
                rest = &quoted[end + 1..];
            }
            None => {
                let end = after.find(';').unwrap_or(after.len());
                value.push_str(after[..end].trim());
                rest = &after[end..];
            }
        }
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests;
