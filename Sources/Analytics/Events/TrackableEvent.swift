#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// An event of your own.
///
/// ```swift
/// import Analytics
/// import Foundation
///
/// struct CheckoutCompleted: TrackableEvent {
///   static let eventType: StaticString = "checkout_completed"
///   var userID: UUID?
///   var amountCents: Int
///   var currency: String
///   var coupon: String?
///
///   func encode(to fields: inout EventFields) {
///     fields.add("amount_cents", amountCents)
///     fields.add("currency", currency, .plain)
///     fields.add("coupon", coupon, .hashed)
///   }
/// }
///
/// analytics.track(CheckoutCompleted(userID: user.id, amountCents: 4200, currency: "EUR"))
/// ```
///
/// The compiler checks that every field has a type that JSON can hold; each text says how private it is
/// (see ``FieldPrivacy``). One that says nothing is ``FieldPrivacy/undeclared``: e-mail addresses are hashed or
/// cut by default, and in strict mode every text is. Tracking one costs what a built-in event costs.
public protocol TrackableEvent: Sendable {
  /// The name under which events of this type are stored: 1…100 bytes, snake_case by convention. Do not
  /// use a name of ``AnalyticsEvent``: reports expect the fields of that event.
  ///
  /// An event with a name outside these bounds is dropped as ``DropReason/invalid``.
  static var eventType: StaticString { get }

  /// Who did it; `nil` where nobody did. See ``AnalyticsClient/userID(for:)-(String)`` for
  /// applications whose users are not named by UUID.
  var userID: UUID? { get }

  /// The service it belongs to; `nil`, the default, for the client's own.
  var service: String? { get }

  /// Adds each field once, under a name in snake_case other than `type`, `user_id`, `service`.
  ///
  /// It runs inside `track`, so it must not block. It may run twice for one event, where the first
  /// attempt met the end of a segment.
  func encode(to fields: inout EventFields)
}

extension TrackableEvent {
  /// Nobody.
  public var userID: UUID? { nil }

  /// The client's own.
  public var service: String? { nil }
}
