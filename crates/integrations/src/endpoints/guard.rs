//! Which addresses tasks may connect to: public ones over TLS, and what `[http] allow` names.
//!
//! Whoever writes a definition must not reach through the server what only the server reaches: its
//! own ports, its network, the metadata service of a cloud.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use http::Uri;
use ipnet::{Ipv4Net, Ipv6Net};
use stepmill_aws_client::AddressFilter;

use crate::project::Allowed;

/// IPv4 that is not the public internet: IANA's registry of special addresses, multicast and what
/// is reserved.
const SPECIAL_4: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];
/// The addresses of IPv6 that are given to anybody.
const GLOBAL_6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What is special among them: protocols of the IETF, documentation, 6to4.
const SPECIAL_6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// IPv4 as IPv6: mapped, and translated on the way (NAT64).
const AS_6: [(Ipv6Addr, u8); 2] = [
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
];

/// Lets through what is public and over TLS, and what is allowed.
pub(super) fn filter(allowed: Vec<Allowed>) -> AddressFilter {
    Arc::new(move |url, address| {
        let address = plain(address);
        let tls = url.scheme_str() == Some("https");
        (tls && is_public(address)) || allowed.iter().any(|allowed| covers(allowed, url, address))
    })
}

fn covers(allowed: &Allowed, url: &Uri, address: IpAddr) -> bool {
    match allowed {
        Allowed::Network(network) => network.contains(&address),
        Allowed::Host(host, port) => {
            let found = url.host().unwrap_or_default();
            let found = found.trim_start_matches('[').trim_end_matches(']');
            host.eq_ignore_ascii_case(found) && super::port(url) == *port
        }
    }
}

/// The address, of IPv4 if it only looks like IPv6.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    match AS_6
        .iter()
        .any(|(network, length)| in_6(*network, *length, six))
    {
        true => {
            let [.., a, b, c, d] = six.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        false => address,
    }
}

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => !SPECIAL_4.iter().any(|(network, length)| {
            Ipv4Net::new(*network, *length).is_ok_and(|network| network.contains(&four))
        }),
        IpAddr::V6(six) => {
            in_6(GLOBAL_6.0, GLOBAL_6.1, six)
                && !SPECIAL_6
                    .iter()
                    .any(|(network, length)| in_6(*network, *length, six))
        }
    }
}

fn in_6(network: Ipv6Addr, length: u8, address: Ipv6Addr) -> bool {
    Ipv6Net::new(network, length).is_ok_and(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets(allowed: &[&str], url: &str, address: &str) -> bool {
        let allowed = allowed.iter().map(|text| text.parse().unwrap()).collect();
        filter(allowed)(&url.parse().unwrap(), address.parse().unwrap())
    }

    #[test]
    fn only_the_public_internet_is_reached() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "52.94.5.1",
            "172.32.0.1",
            "100.128.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a05:d018::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(lets(&[], "https://a", address), "{address}");
            assert!(!lets(&[], "http://a", address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.170.2",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
            "3fff::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "::127.0.0.1",
            "64:ff9b:1::1",
            "fec0::1",
        ] {
            assert!(!lets(&[], "https://a", address), "{address}");
        }
    }

    #[test]
    fn what_is_allowed_is_reached() {
        let allowed = [
            "localhost:3000",
            "10.0.0.0/8",
            "[::1]:80",
            "api.internal:443",
        ];
        for (url, address, expected) in [
            ("http://localhost:3000/x", "127.0.0.1", true),
            ("https://LOCALHOST:3000", "::1", true),
            ("http://localhost:3001", "127.0.0.1", false),
            ("http://localhost", "127.0.0.1", false),
            ("http://127.0.0.1:3000", "127.0.0.1", false),
            ("http://a", "10.9.9.9", true),
            ("https://a:9", "10.9.9.9", true),
            ("https://a", "::ffff:10.9.9.9", true),
            ("https://a", "11.0.0.1", true),
            ("http://a", "11.0.0.1", false),
            ("http://[::1]", "::1", true),
            ("https://[::1]", "::1", false),
            ("https://api.internal", "192.168.0.1", true),
        ] {
            assert_eq!(lets(&allowed, url, address), expected, "{url} {address}");
        }
    }
}
