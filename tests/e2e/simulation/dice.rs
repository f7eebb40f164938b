//! Chance that can be had again.

/// Numbers that look like chance and follow from a seed and a step alone, so
/// that a step that is left out changes no other (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64, step: usize) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (step as u64).wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    pub fn of_these<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}
