//! The address space of a network, cut into subnets.

use std::net::Ipv4Addr;

/// The widest and the narrowest subnet that EC2 knows.
const SUBNET_MASKS: std::ops::RangeInclusive<u32> = 16..=28;

/// A network whose addresses are given to subnets one after the other.
#[derive(Debug)]
pub(super) struct Network {
    cidr: String,
    next: u64,
    end: u64,
}

impl Network {
    /// A network: `10.0.0.0/16`.
    pub(super) fn new(cidr: &str) -> Result<Self, String> {
        let invalid = || format!("{cidr} is not a valid CIDR range");
        let (address, mask) = cidr.split_once('/').ok_or_else(invalid)?;
        let address: Ipv4Addr = address.parse().map_err(|_| invalid())?;
        let mask: u32 = mask.parse().map_err(|_| invalid())?;
        if mask > 32 {
            return Err(invalid());
        }
        let size = size(mask);
        let first = u64::from(u32::from(address)) / size * size;
        Ok(Self {
            cidr: cidr.to_owned(),
            next: first,
            end: first + size,
        })
    }

    /// The mask of the largest subnets of which several still fit.
    pub(super) fn mask_for_remaining(&self, count: u64) -> u32 {
        let each = (self.end - self.next).checked_div(count).unwrap_or(0);
        32 - each.checked_ilog2().unwrap_or(0)
    }

    /// The next subnet of a size.
    pub(super) fn subnet(&mut self, mask: u32) -> Result<String, String> {
        if !SUBNET_MASKS.contains(&mask) {
            return Err(format!(
                "x.x.x.x/{mask} is not a valid CIDR range (must be between /16 and /28)"
            ));
        }
        let size = size(mask);
        let first = self.next.div_ceil(size) * size;
        match u32::try_from(first) {
            Ok(address) if first + size <= self.end => {
                self.next = first + size;
                Ok(format!("{}/{mask}", Ipv4Addr::from(address)))
            }
            _ => Err(format!(
                "1 of /{mask} exceeds remaining space of {}",
                self.cidr
            )),
        }
    }
}

/// How many addresses a mask leaves free.
fn size(mask: u32) -> u64 {
    1 << (32 - mask)
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn subnets_follow_one_another() {
        let mut network = Network::new("10.0.0.0/16").unwrap();
        assert_eq!(network.subnet(24).unwrap(), "10.0.0.0/24");
        let mask = network.mask_for_remaining(4);
        assert_eq!(mask, 19);
        assert_eq!(network.subnet(mask).unwrap(), "10.0.32.0/19");
        assert_eq!(
            network.subnet(16),
            Err("1 of /16 exceeds remaining space of 10.0.0.0/16".to_owned())
        );
        assert!(network.subnet(29).unwrap_err().starts_with("x.x.x.x/29"));
        assert!(Network::new("10.0.0.0").is_err());
    }
}
