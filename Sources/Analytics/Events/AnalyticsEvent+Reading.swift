// Generated from Tools/EventCatalogue/Catalogue.swift by `make generate`.

extension AnalyticsEvent {
  /// Reads the fields that the catalogue declares for this type. A type that is not in the
  /// catalogue is read as ``custom(_:)``.
  init(declared type: String, from fields: some EventFieldSource) throws {
    switch type {
    case "auth_login_attempt":
      self = .authLoginAttempt(
        userID: try fields.optionalUUID("user_id"),
        email: try fields.treatedString("email"),
        success: try fields.bool("success"),
        error: try fields.optionalString("error"))
    case "auth_code_verified":
      self = .authCodeVerified(
        userID: try fields.uuid("user_id"),
        success: try fields.bool("success"),
        error: try fields.optionalString("error"))
    case "auth_token_refresh":
      self = .authTokenRefresh(
        userID: try fields.uuid("user_id"),
        success: try fields.bool("success"),
        error: try fields.optionalString("error"))
    case "auth_session_validated":
      self = .authSessionValidated(
        userID: try fields.uuid("user_id"),
        valid: try fields.bool("valid"))
    case "task_created":
      self = .taskCreated(
        taskID: try fields.uuid("task_id"),
        userID: try fields.uuid("user_id"),
        projectID: try fields.optionalUUID("project_id"),
        cocoonID: try fields.optionalUUID("cocoon_id"),
        command: try fields.treatedString("command"))
    case "task_started":
      self = .taskStarted(
        taskID: try fields.uuid("task_id"),
        userID: try fields.uuid("user_id"),
        cocoonID: try fields.optionalUUID("cocoon_id"))
    case "task_completed":
      self = .taskCompleted(
        taskID: try fields.uuid("task_id"),
        userID: try fields.uuid("user_id"),
        durationMS: try fields.integer("duration_ms"),
        exitCode: try fields.integer("exit_code"))
    case "task_failed":
      self = .taskFailed(
        taskID: try fields.uuid("task_id"),
        userID: try fields.uuid("user_id"),
        durationMS: try fields.optionalInteger("duration_ms"),
        exitCode: try fields.optionalInteger("exit_code"),
        error: try fields.treatedString("error"))
    case "task_cancelled":
      self = .taskCancelled(
        taskID: try fields.uuid("task_id"),
        userID: try fields.uuid("user_id"),
        durationMS: try fields.optionalInteger("duration_ms"))
    case "integration_connected":
      self = .integrationConnected(
        integrationID: try fields.uuid("integration_id"),
        userID: try fields.uuid("user_id"),
        provider: try fields.string("provider"),
        projectID: try fields.optionalUUID("project_id"))
    case "integration_disconnected":
      self = .integrationDisconnected(
        integrationID: try fields.uuid("integration_id"),
        userID: try fields.uuid("user_id"),
        provider: try fields.string("provider"),
        reason: try fields.optionalString("reason"))
    case "integration_used":
      self = .integrationUsed(
        integrationID: try fields.uuid("integration_id"),
        userID: try fields.uuid("user_id"),
        provider: try fields.string("provider"),
        action: try fields.string("action"))
    case "integration_error":
      self = .integrationError(
        integrationID: try fields.uuid("integration_id"),
        userID: try fields.uuid("user_id"),
        provider: try fields.string("provider"),
        error: try fields.treatedString("error"))
    case "oauth_flow_started", "o_auth_flow_started":
      self = .oauthFlowStarted(
        userID: try fields.uuid("user_id"),
        provider: try fields.string("provider"),
        state: try fields.treatedString("state"))
    case "oauth_flow_completed", "o_auth_flow_completed":
      self = .oauthFlowCompleted(
        userID: try fields.uuid("user_id"),
        provider: try fields.string("provider"),
        success: try fields.bool("success"),
        error: try fields.optionalString("error"))
    case "webhook_received":
      self = .webhookReceived(
        integrationID: try fields.optionalUUID("integration_id"),
        provider: try fields.string("provider"),
        eventType: try fields.string("event_type"),
        deliveryID: try fields.string("delivery_id"))
    case "webhook_processed":
      self = .webhookProcessed(
        integrationID: try fields.optionalUUID("integration_id"),
        provider: try fields.string("provider"),
        eventType: try fields.string("event_type"),
        deliveryID: try fields.string("delivery_id"),
        success: try fields.bool("success"),
        durationMS: try fields.integer("duration_ms"),
        error: try fields.optionalString("error"))
    case "cocoon_registered":
      self = .cocoonRegistered(
        cocoonID: try fields.uuid("cocoon_id"),
        userID: try fields.uuid("user_id"),
        deviceName: try fields.optionalString("device_name"))
    case "cocoon_connected":
      self = .cocoonConnected(
        cocoonID: try fields.uuid("cocoon_id"),
        userID: try fields.optionalUUID("user_id"))
    case "cocoon_disconnected":
      self = .cocoonDisconnected(
        cocoonID: try fields.uuid("cocoon_id"),
        userID: try fields.optionalUUID("user_id"),
        durationSeconds: try fields.integer("duration_seconds"))
    case "cocoon_claimed":
      self = .cocoonClaimed(
        cocoonID: try fields.uuid("cocoon_id"),
        userID: try fields.uuid("user_id"),
        viaSetupToken: try fields.bool("via_setup_token"))
    case "cocoon_setup_token_created":
      self = .cocoonSetupTokenCreated(
        tokenID: try fields.uuid("token_id"),
        userID: try fields.uuid("user_id"),
        cocoonName: try fields.optionalString("cocoon_name"))
    case "cocoon_setup_token_used":
      self = .cocoonSetupTokenUsed(
        tokenID: try fields.uuid("token_id"),
        cocoonID: try fields.uuid("cocoon_id"),
        userID: try fields.uuid("user_id"))
    case "project_created":
      self = .projectCreated(
        projectID: try fields.uuid("project_id"),
        userID: try fields.uuid("user_id"),
        name: try fields.treatedString("name"))
    case "project_updated":
      self = .projectUpdated(
        projectID: try fields.uuid("project_id"),
        userID: try fields.uuid("user_id"))
    case "project_deleted":
      self = .projectDeleted(
        projectID: try fields.uuid("project_id"),
        userID: try fields.uuid("user_id"))
    case "api_request":
      self = .apiRequest(
        service: try fields.string("service"),
        endpoint: try fields.string("endpoint"),
        method: try fields.string("method"),
        statusCode: try fields.integer("status_code"),
        durationMS: try fields.integer("duration_ms"),
        userID: try fields.optionalUUID("user_id"))
    case "database_query":
      self = .databaseQuery(
        service: try fields.string("service"),
        queryType: try fields.string("query_type"),
        durationMS: try fields.integer("duration_ms"),
        rowsAffected: try fields.optionalInteger("rows_affected"))
    case "application_error":
      self = .applicationError(
        service: try fields.string("service"),
        errorType: try fields.string("error_type"),
        errorMessage: try fields.treatedString("error_message"),
        userID: try fields.optionalUUID("user_id"),
        context: try fields.optionalJSON("context"))
    default:
      self = .custom(try fields.dynamicEvent(type: type))
    }
  }
}
