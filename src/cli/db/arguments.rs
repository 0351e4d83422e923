use clap::{Args, Subcommand};

/// The commands about databases.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Db {
    /// Make a database ready for nodes that are `transactional`: it gets the table `citadel_effects`
    Init(InitArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArguments {
    /// Where the database is: an address such as `sqlite:orders.db`, or the name of an environment variable that
    /// holds it, which no list of processes shows
    pub connection: String,
    /// Let it be at an address of this machine or its network
    #[arg(long)]
    pub allow_private_network: bool,
}
