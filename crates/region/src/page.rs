//! Pages of Describe replies: MaxResults and an opaque NextToken.
//!
//! The token names the last item of the page before (not a position), so that items that come and go between two pages
//! are neither repeated nor skipped. Items must be sorted by `key`.

use aws_protocol::AwsError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;

/// What EC2 gives when MaxResults is not set.
pub const PAGE_ITEMS_MAX: usize = 1000;

/// The page after `token`, and the next token if there is more. `explicit_ids`: the request names ids, which excludes
/// MaxResults.
pub fn page<T>(
    items: Vec<T>,
    max_results: Option<i32>,
    token: &Option<String>,
    explicit_ids: bool,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    if explicit_ids && max_results.is_some() {
        return Err(AwsError::invalid_parameter_combination(
            "The parameter MaxResults cannot be used with explicit ids in the same request",
        ));
    }
    let size = match max_results {
        None => PAGE_ITEMS_MAX,
        Some(n) if (1..=PAGE_ITEMS_MAX as i32).contains(&n) => n as usize,
        Some(n) if n > PAGE_ITEMS_MAX as i32 => PAGE_ITEMS_MAX,
        Some(n) => {
            return Err(AwsError::invalid_parameter_value(format!(
                "Value ( {n} ) for parameter maxResults is invalid. Expecting a value greater than 5."
            )));
        }
    };
    let after = match token.as_deref() {
        None | Some("") => None,
        Some(t) => {
            Some(decode(t).ok_or_else(|| AwsError::new("InvalidNextToken", "The token is not valid for this operation."))?)
        }
    };
    let mut rest = items.into_iter().skip_while(|i| after.as_ref().is_some_and(|a| key(i) <= *a)).peekable();
    let mut out = Vec::new();
    while out.len() < size {
        match rest.next() {
            Some(item) => out.push(item),
            None => break,
        }
    }
    let next = if rest.peek().is_some() { out.last().map(|i| B64.encode(format!("1/{}", key(i)))) } else { None };
    Ok((out, next))
}

fn decode(token: &str) -> Option<String> {
    String::from_utf8(B64.decode(token).ok()?).ok()?.strip_prefix("1/").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_everything_once() {
        let all: Vec<String> = (0..23).map(|i| format!("{i:03}")).collect();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let (items, next) = page(all.clone(), Some(5), &token, false, |s| s.clone()).unwrap();
            seen.extend(items);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert!(page(all.clone(), Some(5), &Some("x".into()), false, |s| s.clone()).is_err());
        assert!(page(all.clone(), Some(5), &None, true, |s| s.clone()).is_err());
        assert!(page(all, Some(0), &None, false, |s| s.clone()).is_err());
    }
}
