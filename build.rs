//! The grammar and the pages of `explain` are read while the crate is compiled; here the build learns of it.

fn main() {
    println!("cargo:rerun-if-changed=explain");
    println!("cargo:rerun-if-changed=grammar");
}
