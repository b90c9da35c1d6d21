import Testing

/// Tests that keep a whole machine busy. They run one after the other, so that they do not slow each other down.
@Suite("One at a time", .serialized)
enum OneAtATime {}
