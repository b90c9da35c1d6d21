package import Analytics
package import Foundation

extension JoinedTexts {
  /// Events that contain each of ``texts(bytesMax:)`` in each field that is shown or grouped by.
  ///
  /// - Parameter date: The time of the first event. The others follow at intervals of a second.
  package static func events(
    _ texts: [String] = texts(bytesMax: 90), from date: Date
  ) -> [EnrichedEvent] {
    texts.enumerated().flatMap { index, text in
      let instant = date.timeIntervalSince1970 + Double(index)
      return events(of: text, by: UUID()).map { event in
        EnrichedEvent(
          timestamp: EventTimestamp(microsecondsSinceUnixEpoch: Int64(instant * 1_000_000)),
          event: event, hostname: text, environment: text)
      }
    }
  }

  private static func events(of text: String, by user: UUID) -> [AnalyticsEvent] {
    [
      .applicationError(service: text, errorType: text, errorMessage: text, userID: user),
      .apiRequest(
        service: text, endpoint: text, method: text, statusCode: 200, durationMS: 5, userID: user),
      .databaseQuery(service: text, queryType: text, durationMS: 5),
      .integrationUsed(integrationID: user, userID: user, provider: text, action: text),
      .webhookReceived(
        integrationID: nil, provider: text, eventType: text, deliveryID: text),
      .taskCreated(taskID: user, userID: user, command: text),
      .custom(DynamicEvent(type: text, userID: user, service: text, fields: [text: .string(text)])),
    ]
  }
}
