use std::fmt::Write;

use super::cell::Reader;

/// The text of a `numeric`: digits of base 10,000, the first of which counts for that to the power of `weight`.
pub(super) fn read(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader(bytes);
    let count = usize::from(reader.u16()?);
    let weight = i32::from(reader.i16()?);
    let sign = reader.u16()?;
    let decimals = usize::from(reader.u16()?);
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let mut digits = Vec::with_capacity(count);
    for _ in 0..count {
        digits.push(reader.u16()?);
    }
    let digit = |place: i32| {
        usize::try_from(weight - place).ok().and_then(|at| digits.get(at)).copied().unwrap_or_default()
    };
    let mut text = String::from(if sign == 0x4000 { "-" } else { "" });
    let _ = write!(text, "{}", digit(weight.max(0)));
    for place in (0..weight.max(0)).rev() {
        let _ = write!(text, "{:04}", digit(place));
    }
    if decimals > 0 {
        let mut fraction = String::new();
        let mut place = -1;
        while fraction.len() < decimals {
            let _ = write!(fraction, "{:04}", digit(place));
            place -= 1;
        }
        fraction.truncate(decimals);
        text = format!("{text}.{fraction}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::read;

    fn text(weight: i16, sign: u16, decimals: u16, digits: &[u16]) -> Option<String> {
        let head = [u16::try_from(digits.len()).expect("few"), weight.cast_unsigned(), sign, decimals];
        let bytes: Vec<u8> = head.iter().chain(digits).flat_map(|part| part.to_be_bytes()).collect();
        read(&bytes)
    }

    #[test]
    fn digits_stand_where_they_count() {
        for (number, expected) in [
            (text(0, 0, 0, &[]), "0"),
            (text(0, 0, 2, &[]), "0.00"),
            (text(0, 0, 2, &[1, 5000]), "1.50"),
            (text(1, 0x4000, 0, &[12, 34]), "-120034"),
            (text(2, 0, 0, &[1]), "100000000"),
            (text(-1, 0, 4, &[1]), "0.0001"),
            (text(-2, 0, 8, &[12]), "0.00000012"),
            (text(0, 0xC000, 0, &[]), "NaN"),
            (text(0, 0xF000, 0, &[]), "-Infinity"),
        ] {
            assert_eq!(number.as_deref(), Some(expected));
        }
        assert_eq!(read(&[0, 9, 0]), None);
    }
}
