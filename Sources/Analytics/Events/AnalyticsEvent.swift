// Generated from Tools/EventCatalogue/Catalogue.swift by `make generate`.

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The catalogue of built-in events, with their established names and fields.
///
/// On the wire and in the database, names are in snake_case:
/// ``taskCreated(taskID:userID:projectID:cocoonID:command:)`` is `task_created` with the fields
/// `task_id`, `user_id`, `project_id`, `cocoon_id` and `command`. Durations are in milliseconds
/// unless their name says seconds, and must not be negative. For your own events, use
/// ``TrackableEvent``.
public enum AnalyticsEvent: Hashable, Sendable {
  // MARK: Authentication

  /// A log-in was attempted.
  case authLoginAttempt(userID: UUID? = nil, email: String, success: Bool, error: String? = nil)
  /// A log-in code was checked.
  case authCodeVerified(userID: UUID, success: Bool, error: String? = nil)
  /// A token refresh was attempted.
  case authTokenRefresh(userID: UUID, success: Bool, error: String? = nil)
  /// A session was checked.
  case authSessionValidated(userID: UUID, valid: Bool)

  // MARK: Tasks

  /// A task was created.
  case taskCreated(
    taskID: UUID, userID: UUID, projectID: UUID? = nil, cocoonID: UUID? = nil, command: String)
  /// A task began to run.
  case taskStarted(taskID: UUID, userID: UUID, cocoonID: UUID? = nil)
  /// A task finished by itself.
  case taskCompleted(taskID: UUID, userID: UUID, durationMS: Int, exitCode: Int32)
  /// A task failed.
  case taskFailed(
    taskID: UUID, userID: UUID, durationMS: Int? = nil, exitCode: Int32? = nil, error: String)
  /// A task was cancelled by its user.
  case taskCancelled(taskID: UUID, userID: UUID, durationMS: Int? = nil)

  // MARK: Integrations

  /// An integration was connected.
  case integrationConnected(
    integrationID: UUID, userID: UUID, provider: String, projectID: UUID? = nil)
  /// An integration was disconnected.
  case integrationDisconnected(
    integrationID: UUID, userID: UUID, provider: String, reason: String? = nil)
  /// An integration did something for a user.
  case integrationUsed(integrationID: UUID, userID: UUID, provider: String, action: String)
  /// An integration failed.
  case integrationError(integrationID: UUID, userID: UUID, provider: String, error: String)
  /// An OAuth flow was started. `state` is never stored. On the wire, `o_auth_flow_started` is read
  /// as the same event.
  case oauthFlowStarted(userID: UUID, provider: String, state: String)
  /// An OAuth flow ended. On the wire, `o_auth_flow_completed` is read as the same event.
  case oauthFlowCompleted(userID: UUID, provider: String, success: Bool, error: String? = nil)

  // MARK: Webhooks

  /// A webhook was received.
  case webhookReceived(
    integrationID: UUID? = nil, provider: String, eventType: String, deliveryID: String)
  /// A webhook was processed.
  case webhookProcessed(
    integrationID: UUID? = nil, provider: String, eventType: String, deliveryID: String,
    success: Bool, durationMS: Int, error: String? = nil)

  // MARK: Cocoons

  /// A cocoon (a worker machine) was registered.
  case cocoonRegistered(cocoonID: UUID, userID: UUID, deviceName: String? = nil)
  /// A cocoon connected to the signaling server.
  case cocoonConnected(cocoonID: UUID, userID: UUID? = nil)
  /// A cocoon disconnected.
  case cocoonDisconnected(cocoonID: UUID, userID: UUID? = nil, durationSeconds: Int)
  /// A cocoon was claimed by a user.
  case cocoonClaimed(cocoonID: UUID, userID: UUID, viaSetupToken: Bool)
  /// A setup token was created.
  case cocoonSetupTokenCreated(tokenID: UUID, userID: UUID, cocoonName: String? = nil)
  /// A setup token was redeemed.
  case cocoonSetupTokenUsed(tokenID: UUID, cocoonID: UUID, userID: UUID)

  // MARK: Projects

  /// A project was created.
  case projectCreated(projectID: UUID, userID: UUID, name: String)
  /// A project was changed.
  case projectUpdated(projectID: UUID, userID: UUID)
  /// A project was deleted.
  case projectDeleted(projectID: UUID, userID: UUID)

  // MARK: System

  /// An HTTP request was answered. `endpoint` should be a route pattern, not a path.
  case apiRequest(
    service: String, endpoint: String, method: String, statusCode: UInt16, durationMS: Int,
    userID: UUID? = nil)
  /// A database query ran.
  case databaseQuery(service: String, queryType: String, durationMS: Int, rowsAffected: Int? = nil)
  /// An error that the application reports.
  case applicationError(
    service: String, errorType: String, errorMessage: String, userID: UUID? = nil,
    context: JSONValue? = nil)

  // MARK: Any other

  /// An event whose type is not in the catalogue, read from the wire.
  case custom(DynamicEvent)
  /// An event of the catalogue with additional fields that the catalogue does not declare.
  ///
  /// ```swift
  /// analytics.track(.extended(.taskStarted(taskID: task.id, userID: user.id), with: ["queue": "fast"]))
  /// ```
  /// The additional fields are ``FieldPrivacy/undeclared``, because no privacy is declared for
  /// them. The preset decides how strings in them are treated, and names that are not identifiers
  /// (see ``FieldPrivacy``). Numbers and booleans are stored as given. A `null` field counts as
  /// absent.
  ///
  /// `user_id` (a UUID as a string) and `service` fill the columns of an event that has none of its
  /// own. An additional field is ignored if the event has a field with this name.
  indirect case extended(AnalyticsEvent, with: JSONObject)
}
