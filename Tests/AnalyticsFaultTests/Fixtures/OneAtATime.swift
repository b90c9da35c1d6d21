import Testing

/// The tests that keep a whole machine busy: one after the other, so that none of them starves another.
@Suite("One at a time", .serialized)
enum OneAtATime {}
