//! The `citadel` command.

/// A compiler makes many small things and drops them all at the end: with this allocator a file of 10,000 nodes takes
/// a third less time than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    citadel::cli::main()
}
