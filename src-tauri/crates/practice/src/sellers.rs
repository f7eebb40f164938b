//! The people who sell on Practice Hotmart. All invented.

/// One of them.
pub struct Seller {
    pub subject: &'static str,
    pub name: &'static str,
    pub email: &'static str,
}

/// The first one is signed in, unless the application asks for another.
pub const SELLERS: [Seller; 2] = [
    Seller { subject: "practice-ana", name: "Ana Souza", email: "ana@exemplo.com" },
    Seller { subject: "practice-bruno", name: "Bruno Lima", email: "bruno@exemplo.com" },
];
