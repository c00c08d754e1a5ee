//! Requests as bytes, from RFC 9110, 9112 and known smuggling tricks: what the client is told, what the target may see.
//!
//! `target`: one line for each request that reaches the target, `METHOD target host body`. A request for /admin is refused by
//! a rule (403), so one that reached the target was smuggled.

pub struct Case {
    pub name: &'static str,
    pub bytes: &'static str,
    /// Statuses in order; 0 stands for a connection that ends without an answer.
    pub client: &'static [u16],
    pub target: &'static [&'static str],
}

const fn case(name: &'static str, bytes: &'static str, client: &'static [u16], target: &'static [&'static str]) -> Case {
    Case { name, bytes, client, target }
}

/// Refused with a status, nothing reaches the target, and what follows in the connection is not read as a request.
const fn bad(name: &'static str, bytes: &'static str, status: &'static [u16]) -> Case {
    Case { name, bytes, client: status, target: &[] }
}

/// What comes after a request that an attacker wants the target to see.
macro_rules! then_admin {
    ($s:literal) => {
        concat!($s, "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n")
    };
}

pub const CASES: &[Case] = &[
    // --- plain requests
    case("get", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET / a "]),
    case("post with a length", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", &[200], &["POST /p a hello"]),
    case("post without a body", "POST /p HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["POST /p a "]),
    case("length zero", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", &[200], &["POST /p a "]),
    case(
        "length with zeros before",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "chunked",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "chunked in capitals",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "two chunks",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "chunk size with zeros",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n0\r\n\r\n",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "chunk size in hex",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
        &[200],
        &["POST /p a 0123456789"],
    ),
    case(
        "chunk extension",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "trailers are not headers",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        &[200],
        &["POST /p a hello"],
    ),
    case(
        "two in a row",
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
        &[200, 200],
        &["GET /1 a ", "GET /2 b "],
    ),
    case(
        "a body and another",
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        &[200, 200],
        &["POST /1 a abc", "GET /2 a "],
    ),
    case("empty line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET / a "]),
    case("HTTP/1.0 with a host", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", &[200], &["GET / a "]),
    case("HTTP/1.0 ends the connection", then_admin!("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), &[200], &["GET / a "]),
    case(
        "close ends the connection",
        then_admin!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        &[200],
        &["GET / a "],
    ),
    case("the rule refuses", "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n", &[403], &[]),
    case("options of all", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["OPTIONS * a "]),
    case("a method of one's own", "PURGE /x HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["PURGE /x a "]),
    case("a query stays", "GET /x?a=/admin&b=%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET /x?a=/admin&b=%0d%0a a "]),
    case("dots are not resolved", "GET /x/../admin HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET /x/../admin a "]),
    case("percent is not decoded", "GET /%61dmin HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET /%61dmin a "]),
    case("two slashes stay", "GET //admin HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET //admin a "]),
    case(
        "expect is answered here",
        "POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        &[100, 200],
        &["POST /p a hi"],
    ),
    // --- Host
    bad("no host", then_admin!("GET / HTTP/1.1\r\n\r\n"), &[400]),
    bad("empty host", then_admin!("GET / HTTP/1.1\r\nHost:\r\n\r\n"), &[400]),
    bad("two hosts", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), &[400]),
    bad("the same host twice", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), &[400]),
    bad("hosts in a list", then_admin!("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), &[400]),
    bad("host with a user", then_admin!("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), &[400]),
    bad("host with a path", then_admin!("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), &[400]),
    bad("host with a query", then_admin!("GET / HTTP/1.1\r\nHost: a?b\r\n\r\n"), &[400]),
    bad("host with a space", then_admin!("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), &[400]),
    bad("host with a bad port", then_admin!("GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"), &[400]),
    bad("host with a high port", then_admin!("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"), &[400]),
    bad("host beyond ASCII", then_admin!("GET / HTTP/1.1\r\nHost: a\u{e4}\r\n\r\n"), &[400]),
    bad("half a v6 host", then_admin!("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), &[400]),
    case("v6 host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", &[200], &["GET / [::1]:80 "]),
    case("absolute target", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET /x a "]),
    case(
        "absolute target wins over the host, then the end",
        then_admin!("GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n"),
        &[200],
        &["GET /x b "],
    ),
    case("absolute target meets the rules", "GET http://a/admin HTTP/1.1\r\nHost: a\r\n\r\n", &[403], &[]),
    bad("absolute target with a user", then_admin!("GET http://u@b/x HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("absolute target, two hosts", then_admin!("GET http://b/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), &[400]),
    // --- Content-Length
    bad("two lengths", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), &[400]),
    case(
        "the same length twice is one",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        &[200],
        &["POST / a hello"],
    ),
    bad("lengths in a list", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"), &[400]),
    bad("length with a plus", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"), &[400]),
    bad("negative length", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello"), &[400]),
    bad("length in hex", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"), &[400]),
    bad("length with a dot", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5.0\r\n\r\nhello"), &[400]),
    bad("length of words", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: five\r\n\r\nhello"), &[400]),
    bad("empty length", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"), &[400]),
    bad(
        "length beyond 64 bits",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\nhello"),
        &[400],
    ),
    bad(
        "length of all 64 bits",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\nhello"),
        &[431],
    ),
    bad("length with a space inside", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 6\r\n\r\nhello"), &[400]),
    case(
        "get with a length, then the end",
        then_admin!("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
        &[200],
        &["GET / a abc"],
    ),
    case(
        "get with a hidden request",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 35\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\nabc",
        &[200],
        &["GET / a GET /admin HTTP/1.1\r\nHost: a\r\n\r\nabc"],
    ),
    // --- Transfer-Encoding
    case(
        "encoding wins over length, then the end",
        then_admin!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        ),
        &[200],
        &["POST / a hello"],
    ),
    case(
        "also when it comes first",
        then_admin!(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        ),
        &[200],
        &["POST / a hello"],
    ),
    case(
        "TE.CL",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "CL.TE",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 38\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        &[200],
        &["POST / a "],
    ),
    bad(
        "identity, chunked",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n"),
        &[501],
    ),
    bad("gzip, chunked", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), &[501]),
    bad(
        "chunked, chunked",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        &[501],
    ),
    bad(
        "chunked twice",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad(
        "chunked then identity",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad(
        "identity then chunked",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad(
        "identity",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n"),
        &[400],
    ),
    bad("gzip", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), &[400]),
    bad("chunked, gzip", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"), &[400]),
    bad("xchunked", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), &[400]),
    bad(
        "chunked in quotes",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad(
        "chunked with a parameter",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad("empty encoding", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"), &[400]),
    bad(
        "encoding with HTTP/1.0",
        then_admin!("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad(
        "encoding with a vertical tab",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    case(
        "chunked after a tab",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
        &[200],
        &["POST / a "],
    ),
    case(
        "get in chunks, then the end",
        then_admin!("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        &[200],
        &["GET / a abc"],
    ),
    case(
        "underscore encoding is removed, then the end",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\nContent-Length: 0\r\n\r\n"),
        &[200],
        &["POST / a "],
    ),
    case(
        "underscore length is removed, then the end",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 30\r\nContent-Length: 0\r\n\r\n"),
        &[200],
        &["POST / a "],
    ),
    case(
        "dotted encoding is removed, then the end",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer.Encoding: chunked\r\n\r\n"),
        &[200],
        &["POST / a "],
    ),
    // --- chunks
    case(
        "chunk size without digits",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "chunk size with 0x",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "chunk size with a sign",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "negative chunk size",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "chunk size beyond 64 bits",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "chunk longer than its size",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "no line end after a chunk",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "line feed alone after a size",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "line feed alone after a chunk",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "carriage return alone in a size",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\rhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "line feed in an extension",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;\nxx\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    case(
        "size with letters",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\nhello\r\n0\r\n\r\n",
        &[0],
        &[],
    ),
    // --- lines and fields
    bad("space before the colon", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello"), &[400]),
    bad(
        "space before the encoding's colon",
        then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        &[400],
    ),
    bad("folded line", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n"), &[400]),
    bad("folded encoding", then_admin!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), &[400]),
    bad("space before the first field", then_admin!("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), &[400]),
    bad("field without a colon", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"), &[400]),
    bad("field without a name", then_admin!("GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"), &[400]),
    bad("null in a value", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n"), &[400]),
    bad("carriage return in a value", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n"), &[400]),
    bad("null in a name", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nX\u{0}: b\r\n\r\n"), &[400]),
    bad("parenthesis in a name", then_admin!("GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n"), &[400]),
    case("line feeds alone are made whole", "GET / HTTP/1.1\nHost: a\n\n", &[200], &["GET / a "]),
    bad("bad version", then_admin!("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), &[400]),
    bad("version 9", then_admin!("GET / HTTP/9.9\r\nHost: a\r\n\r\n"), &[400]),
    bad("version in small letters", then_admin!("GET / http/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("no version", then_admin!("GET /\r\nHost: a\r\n\r\n"), &[400]),
    bad("space in the target", then_admin!("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("two spaces", then_admin!("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("tab for a space", then_admin!("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("bad method", then_admin!("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("no method", then_admin!(" / HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("null in the target", then_admin!("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("relative target", then_admin!("GET x HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("connect", then_admin!("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("trace", then_admin!("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), &[405]),
    bad("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0]),
    bad("target of a host alone", then_admin!("GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("target of another scheme", then_admin!("GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    bad("all, but not of options", then_admin!("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]),
    case("absolute target without a path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET / a "]),
    case("absolute target with a query alone", "GET http://a?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", &[200], &["GET /?x=1 a "]),
    // --- hop by hop
    case(
        "connection names the length",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\nhello",
        &[200],
        &["POST / a hello"],
    ),
    case("connection names the host", "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n", &[200], &["GET / a "]),
    case(
        "connection names the encoding",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        &[200],
        &["POST / a hi"],
    ),
    case(
        "upgrade to h2c is not passed on",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        &[200],
        &["GET / a "],
    ),
    case(
        "upgrade without connection is not passed on",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        &[200],
        &["GET / a "],
    ),
    case(
        "two connection lines",
        then_admin!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n"),
        &[200],
        &["GET / a "],
    ),
];
