//! Any bytes as a file: the compiler answers, in bounded time, without a panic.
#![no_main]

use citadel::compile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = compile::check_text(&text);
});
