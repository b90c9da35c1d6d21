#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// An event type of the application's own.
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
/// The compiler checks that every field has a type that JSON can hold. Each string declares its
/// privacy (see ``FieldPrivacy``). A string without a declaration is ``FieldPrivacy/undeclared``:
/// by default an e-mail address is hashed or reduced to its domain, and with the strict preset
/// every such string is hashed or left out. Tracking such an event costs as much as tracking a
/// built-in one.
public protocol TrackableEvent: Sendable {
  /// The name under which events of this type are stored, 1…100 bytes, in snake_case by convention.
  /// Do not use a type name of ``AnalyticsEvent``, because reports expect that event's fields.
  ///
  /// An event with an empty or longer name is dropped as ``DropReason/invalid``.
  static var eventType: StaticString { get }

  /// The user who caused the event; `nil`, the default, if there is none. If the application does
  /// not identify users by UUID, see ``AnalyticsClient/userID(for:)-(String)``.
  var userID: UUID? { get }

  /// The service that the event belongs to; `nil`, the default, for the client's own.
  var service: String? { get }

  /// Adds each field once, under a name in snake_case other than `type`, `user_id` and `service`.
  ///
  /// `track` calls this method synchronously, so it must not block. It may be called twice for one
  /// event, if the first attempt reached the end of a segment.
  func encode(to fields: inout EventFields)
}

extension TrackableEvent {
  /// No user.
  public var userID: UUID? { nil }

  /// The client's own service.
  public var service: String? { nil }
}
