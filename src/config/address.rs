use std::net::Ipv6Addr;

use super::problem::Problem;

/// Whether a text is `host:port`.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Empty);
    }
    if text.contains("://") {
        return Err(Problem::Url);
    }
    let is_bare_v6 = text.parse::<Ipv6Addr>().is_ok() || text.ends_with(']');
    let Some((host, port)) = text.rsplit_once(':').filter(|_| !is_bare_v6) else {
        return Err(Problem::NoPort(text.to_owned()));
    };
    if host.is_empty() {
        return Err(Problem::NoHost(text.to_owned()));
    }
    if !is_host(host) {
        return Err(Problem::Host(host.to_owned()));
    }
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
        _ => Err(Problem::Port(port.to_owned())),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inside) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inside.parse::<Ipv6Addr>().is_ok();
    }
    host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn hosts_and_ports_are_told_from_what_is_none() {
        for good in ["localhost:7233", "10.0.0.1:1", "[::1]:7233", "ns.acct.tmprl.cloud:443", "a_b-c:65535"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let bad = [
            "",
            " ",
            "localhost",
            ":7233",
            "localhost:",
            "localhost:0",
            "localhost:65536",
            "localhost:+1",
            "http://localhost:7233",
            "::1",
            "[::1]",
            "a b:1",
            "a/b:1",
            "::1:x",
        ];
        for bad in bad {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
