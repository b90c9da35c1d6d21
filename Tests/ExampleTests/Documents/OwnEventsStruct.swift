import Analytics
import Foundation

struct CheckoutCompleted: TrackableEvent {
  static let eventType: StaticString = "checkout_completed"
  var userID: UUID?
  var amountCents: Int
  var currency: String
  var coupon: String?

  func encode(to fields: inout EventFields) {
    fields.add("amount_cents", amountCents)
    fields.add("currency", currency, .plain)
    fields.add("coupon", coupon, .hashed)
  }
}
