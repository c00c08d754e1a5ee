//! The QR code of a new device, as a PNG (ISO/IEC 15948): one bit a pixel, stored without compression.

use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of a module, and modules of the quiet zone around (ISO/IEC 18004 wants four).
const SCALE: usize = 6;
const QUIET: usize = 4;

/// None: the text is too long for a QR code.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let modules = usize::try_from(code.size()).ok()?;
    let side = (modules + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let module = |v: usize| (v / SCALE) as i32 - QUIET as i32;
        code.get_module(module(x), module(y))
    };
    let mut pixels = Vec::with_capacity(side * (side / 8 + 2));
    for y in 0..side {
        // The line's filter: none.
        pixels.push(0);
        for x in (0..side).step_by(8) {
            // A set bit is white.
            pixels.push((0..8).fold(0, |byte, bit| byte << 1 | u8::from(!(x + bit < side && dark(x + bit, y)))));
        }
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = u32::try_from(side).ok()?.to_be_bytes();
    chunk(&mut out, b"IHDR", &[&side[..], &side, &[1, 0, 0, 0, 0]].concat());
    chunk(&mut out, b"IDAT", &zlib_stored(&pixels));
    chunk(&mut out, b"IEND", &[]);
    Some(out)
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    let crc = crc32(&out[from..]);
    out.extend(crc.to_be_bytes());
}

/// RFC 1950 around the stored blocks of RFC 1951.
fn zlib_stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let len = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(len.to_le_bytes());
        out.extend((!len).to_le_bytes());
        out.extend(block);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(zlib_stored(b"Wikipedia")[2 + 5 + 9..], 0x11e6_0398_u32.to_be_bytes());
    }

    #[test]
    fn an_image() {
        let png = png("otpauth://totp/a@b?secret=ABC").unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xae\x42\x60\x82"));
        assert!(super::png(&"x".repeat(4000)).is_none());
    }
}
