import Testing

@testable import Analytics

@Suite("The receipt of a sink")
struct ReceiptTests {
  @Test(
    "that adds up to the batch is believed",
    arguments: [
      EventReceipt(stored: 7), EventReceipt(stored: 0, duplicates: 7),
      EventReceipt(stored: 2, duplicates: 1, rejected: [.expired: 4]),
      EventReceipt(stored: 6, rejected: [.expired: 0, .past: 1]),
    ])
  func right(receipt: EventReceipt) {
    #expect(receipt.fitted(to: 7) == receipt)
  }

  @Test(
    "that does not add up counts all rows as stored, so that the accounting stays balanced",
    arguments: [
      EventReceipt(stored: 6), EventReceipt(stored: 8), EventReceipt(stored: 0),
      EventReceipt(stored: 8, duplicates: -1), EventReceipt(stored: -1, duplicates: 8),
      EventReceipt(stored: 7, rejected: [.expired: 1, .past: -1]),
      EventReceipt(stored: .max, duplicates: 1), EventReceipt(stored: .min, duplicates: .min),
      EventReceipt(stored: 0, rejected: [.expired: .max, .past: .max]),
    ])
  func wrong(receipt: EventReceipt) {
    #expect(receipt.fitted(to: 7) == EventReceipt(stored: 7))
  }
}
