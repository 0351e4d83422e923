use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Which addresses may be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Egress {
    private: bool,
    also: BTreeSet<IpAddr>,
}

impl Egress {
    /// Only addresses that are routed globally.
    #[must_use]
    pub fn deny_private() -> Self {
        Self { private: false, also: BTreeSet::new() }
    }

    /// All addresses, those of this machine and its network too.
    #[must_use]
    pub fn allow_private() -> Self {
        Self { private: true, also: BTreeSet::new() }
    }

    /// One address more, such as that of a gateway.
    #[must_use]
    pub fn and(mut self, address: IpAddr) -> Self {
        self.also.insert(address);
        self
    }

    /// Whether an address may be reached.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.private || is_global(address) || self.also.contains(&address)
    }

    /// Whether a host may be reached as far as its name tells: an address is judged, a name when it is resolved, but
    /// for `localhost`, which is this machine whatever a resolver says.
    #[must_use]
    pub fn allows_host(&self, host: &Host<&str>) -> bool {
        match host {
            Host::Ipv4(address) => self.allows((*address).into()),
            Host::Ipv6(address) => self.allows((*address).into()),
            Host::Domain(name) => !is_localhost(name) || self.allows(Ipv4Addr::LOCALHOST.into()),
        }
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

/// By the registry of special-purpose addresses (RFC 6890 and its successors).
fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224;
    !is_special
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let inner = |high: u16, low: u16| {
        let [w, x] = high.to_be_bytes();
        let [y, z] = low.to_be_bytes();
        Ipv4Addr::new(w, x, y, z)
    };
    match (a, b) {
        // Mapped and translated addresses of version 4. All else below 0:1::, as `::1`, leads nowhere outside.
        (0, 0) if [c, d, e, f] == [0, 0, 0, 0xFFFF] => is_global_v4(inner(g, h)),
        (0, 0) if [c, d, e, f] == [0, 0, 0xFFFF, 0] => is_global_v4(inner(g, h)),
        (0x64, 0xFF9B) if [c, d, e, f] == [0, 0, 0, 0] => is_global_v4(inner(g, h)),
        (0x2002, _) => is_global_v4(inner(b, c)),
        // Discard, Teredo, benchmarks, ORCHID, documentation.
        (0x100 | 0x64, _) | (0x2001, 0..0x200 | 0xDB8) | (0x3FFF, 0..0x1000) | (0x5F00, _) => false,
        // Only 2000::/3 is given out.
        _ => a & 0xE000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::Egress;

    #[test]
    fn special_addresses_are_not_global() {
        let private = [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::101:101",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "100::1",
            "3fff::1",
            "4000::1",
        ];
        for address in private {
            let parsed = address.parse().expect(address);
            assert!(!Egress::deny_private().allows(parsed), "{address}");
            assert!(Egress::allow_private().allows(parsed), "{address}");
        }
        for address in
            ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "2002:101:101::"]
        {
            assert!(Egress::deny_private().allows(address.parse().expect(address)), "{address}");
        }
    }

    #[test]
    fn one_address_more_is_that_one_alone() {
        let egress = Egress::deny_private().and("127.0.0.1".parse().expect("an address"));
        assert!(egress.allows("127.0.0.1".parse().expect("an address")));
        assert!(!egress.allows("127.0.0.2".parse().expect("an address")));
        assert!(!egress.allows("::ffff:127.0.0.1".parse().expect("an address")));
    }
}
