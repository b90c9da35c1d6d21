// Generated from Tools/EventCatalogue/Catalogue.swift by `make generate`.

extension AnalyticsEvent {
  /// Visits the event's type and columns, then each field once, in the catalogue's order.
  func describe(to visitor: inout some EventVisitor & ~Copyable) {
    switch self {
    case .authLoginAttempt(let userID, let email, let success, let error):
      visitor.begin(type: "auth_login_attempt", user: userID, service: nil)
      visitor.add("email", email, .email)
      visitor.add("success", success)
      visitor.add("error", error, .freeText)
    case .authCodeVerified(let userID, let success, let error):
      visitor.begin(type: "auth_code_verified", user: userID, service: nil)
      visitor.add("success", success)
      visitor.add("error", error, .freeText)
    case .authTokenRefresh(let userID, let success, let error):
      visitor.begin(type: "auth_token_refresh", user: userID, service: nil)
      visitor.add("success", success)
      visitor.add("error", error, .freeText)
    case .authSessionValidated(let userID, let valid):
      visitor.begin(type: "auth_session_validated", user: userID, service: nil)
      visitor.add("valid", valid)
    case .taskCreated(let taskID, let userID, let projectID, let cocoonID, let command):
      visitor.begin(type: "task_created", user: userID, service: nil)
      visitor.add("task_id", taskID)
      visitor.add("project_id", projectID)
      visitor.add("cocoon_id", cocoonID)
      visitor.add("command", command, .freeText)
    case .taskStarted(let taskID, let userID, let cocoonID):
      visitor.begin(type: "task_started", user: userID, service: nil)
      visitor.add("task_id", taskID)
      visitor.add("cocoon_id", cocoonID)
    case .taskCompleted(let taskID, let userID, let durationMS, let exitCode):
      visitor.begin(type: "task_completed", user: userID, service: nil)
      visitor.add("task_id", taskID)
      visitor.add(duration: "duration_ms", durationMS)
      visitor.add("exit_code", Int(exitCode))
    case .taskFailed(let taskID, let userID, let durationMS, let exitCode, let error):
      visitor.begin(type: "task_failed", user: userID, service: nil)
      visitor.add("task_id", taskID)
      visitor.add(duration: "duration_ms", durationMS)
      visitor.add("exit_code", exitCode.map(Int.init))
      visitor.add("error", error, .freeText)
    case .taskCancelled(let taskID, let userID, let durationMS):
      visitor.begin(type: "task_cancelled", user: userID, service: nil)
      visitor.add("task_id", taskID)
      visitor.add(duration: "duration_ms", durationMS)
    case .integrationConnected(let integrationID, let userID, let provider, let projectID):
      visitor.begin(type: "integration_connected", user: userID, service: nil)
      visitor.add("integration_id", integrationID)
      visitor.add("provider", provider, .plain)
      visitor.add("project_id", projectID)
    case .integrationDisconnected(let integrationID, let userID, let provider, let reason):
      visitor.begin(type: "integration_disconnected", user: userID, service: nil)
      visitor.add("integration_id", integrationID)
      visitor.add("provider", provider, .plain)
      visitor.add("reason", reason, .freeText)
    case .integrationUsed(let integrationID, let userID, let provider, let action):
      visitor.begin(type: "integration_used", user: userID, service: nil)
      visitor.add("integration_id", integrationID)
      visitor.add("provider", provider, .plain)
      visitor.add("action", action, .plain)
    case .integrationError(let integrationID, let userID, let provider, let error):
      visitor.begin(type: "integration_error", user: userID, service: nil)
      visitor.add("integration_id", integrationID)
      visitor.add("provider", provider, .plain)
      visitor.add("error", error, .freeText)
    case .oauthFlowStarted(let userID, let provider, let state):
      visitor.begin(type: "oauth_flow_started", user: userID, service: nil)
      visitor.add("provider", provider, .plain)
      visitor.add("state", state, .secret)
    case .oauthFlowCompleted(let userID, let provider, let success, let error):
      visitor.begin(type: "oauth_flow_completed", user: userID, service: nil)
      visitor.add("provider", provider, .plain)
      visitor.add("success", success)
      visitor.add("error", error, .freeText)
    case .webhookReceived(let integrationID, let provider, let eventType, let deliveryID):
      visitor.begin(type: "webhook_received", user: nil, service: nil)
      visitor.add("integration_id", integrationID)
      visitor.add("provider", provider, .plain)
      visitor.add("event_type", eventType, .plain)
      visitor.add("delivery_id", deliveryID, .plain)
    case .webhookProcessed(
      let integrationID, let provider, let eventType, let deliveryID, let success, let durationMS,
      let error):
      visitor.begin(type: "webhook_processed", user: nil, service: nil)
      visitor.add("integration_id", integrationID)
      visitor.add("provider", provider, .plain)
      visitor.add("event_type", eventType, .plain)
      visitor.add("delivery_id", deliveryID, .plain)
      visitor.add("success", success)
      visitor.add(duration: "duration_ms", durationMS)
      visitor.add("error", error, .freeText)
    case .cocoonRegistered(let cocoonID, let userID, let deviceName):
      visitor.begin(type: "cocoon_registered", user: userID, service: nil)
      visitor.add("cocoon_id", cocoonID)
      visitor.add("device_name", deviceName, .freeText)
    case .cocoonConnected(let cocoonID, let userID):
      visitor.begin(type: "cocoon_connected", user: userID, service: nil)
      visitor.add("cocoon_id", cocoonID)
    case .cocoonDisconnected(let cocoonID, let userID, let durationSeconds):
      visitor.begin(type: "cocoon_disconnected", user: userID, service: nil)
      visitor.add("cocoon_id", cocoonID)
      visitor.add(duration: "duration_seconds", durationSeconds)
    case .cocoonClaimed(let cocoonID, let userID, let viaSetupToken):
      visitor.begin(type: "cocoon_claimed", user: userID, service: nil)
      visitor.add("cocoon_id", cocoonID)
      visitor.add("via_setup_token", viaSetupToken)
    case .cocoonSetupTokenCreated(let tokenID, let userID, let cocoonName):
      visitor.begin(type: "cocoon_setup_token_created", user: userID, service: nil)
      visitor.add("token_id", tokenID)
      visitor.add("cocoon_name", cocoonName, .freeText)
    case .cocoonSetupTokenUsed(let tokenID, let cocoonID, let userID):
      visitor.begin(type: "cocoon_setup_token_used", user: userID, service: nil)
      visitor.add("token_id", tokenID)
      visitor.add("cocoon_id", cocoonID)
    case .projectCreated(let projectID, let userID, let name):
      visitor.begin(type: "project_created", user: userID, service: nil)
      visitor.add("project_id", projectID)
      visitor.add("name", name, .freeText)
    case .projectUpdated(let projectID, let userID):
      visitor.begin(type: "project_updated", user: userID, service: nil)
      visitor.add("project_id", projectID)
    case .projectDeleted(let projectID, let userID):
      visitor.begin(type: "project_deleted", user: userID, service: nil)
      visitor.add("project_id", projectID)
    case .apiRequest(
      let service, let endpoint, let method, let statusCode, let durationMS, let userID):
      visitor.begin(type: "api_request", user: userID, service: service)
      visitor.add("endpoint", endpoint, .plain)
      visitor.add("method", method, .plain)
      visitor.add("status_code", Int(statusCode))
      visitor.add(duration: "duration_ms", durationMS)
    case .databaseQuery(let service, let queryType, let durationMS, let rowsAffected):
      visitor.begin(type: "database_query", user: nil, service: service)
      visitor.add("query_type", queryType, .plain)
      visitor.add(duration: "duration_ms", durationMS)
      visitor.add("rows_affected", rowsAffected)
    case .applicationError(let service, let errorType, let errorMessage, let userID, let context):
      visitor.begin(type: "application_error", user: userID, service: service)
      visitor.add("error_type", errorType, .plain)
      visitor.add("error_message", errorMessage, .freeText)
      visitor.add("context", context, .freeText)
    case .custom(let event):
      visitor.visit(event)
    case .extended(let event, let further):
      visitor.visit(event, with: further)
    }
  }
}
