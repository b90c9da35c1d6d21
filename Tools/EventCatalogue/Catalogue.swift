/// The built-in events. This is the only description of them: `make generate` writes the cases of `AnalyticsEvent`,
/// the code that encodes and decodes them, and `docs/EVENTS.md`.
package let catalogue = [
  Section(
    "Authentication",
    Event(
      "authLoginAttempt", "A log-in was attempted.",
      .user.optional, .text("email", .email), .flag("success"), .text("error").optional),
    Event(
      "authCodeVerified", "A log-in code was checked.",
      .user, .flag("success"), .text("error").optional),
    Event(
      "authTokenRefresh", "A token refresh was attempted.",
      .user, .flag("success"), .text("error").optional),
    Event("authSessionValidated", "A session was checked.", .user, .flag("valid"))
  ),
  Section(
    "Tasks",
    Event(
      "taskCreated", "A task was created.",
      .id("taskID"), .user, .id("projectID").optional, .id("cocoonID").optional, .text("command")),
    Event(
      "taskStarted", "A task began to run.", .id("taskID"), .user, .id("cocoonID").optional),
    Event(
      "taskCompleted", "A task finished by itself.",
      .id("taskID"), .user, .duration("durationMS"), .int32("exitCode")),
    Event(
      "taskFailed", "A task failed.",
      .id("taskID"), .user, .duration("durationMS").optional, .int32("exitCode").optional,
      .text("error")),
    Event(
      "taskCancelled", "A task was cancelled by its user.",
      .id("taskID"), .user, .duration("durationMS").optional)
  ),
  Section(
    "Integrations",
    Event(
      "integrationConnected", "An integration was connected.",
      .id("integrationID"), .user, .text("provider", .plain), .id("projectID").optional),
    Event(
      "integrationDisconnected", "An integration was disconnected.",
      .id("integrationID"), .user, .text("provider", .plain), .text("reason").optional),
    Event(
      "integrationUsed", "An integration did something for a user.",
      .id("integrationID"), .user, .text("provider", .plain), .text("action", .plain)),
    Event(
      "integrationError", "An integration failed.",
      .id("integrationID"), .user, .text("provider", .plain), .text("error")),
    Event(
      "oauthFlowStarted",
      "An OAuth flow was started. `state` is never stored.",
      .user, .text("provider", .plain), .text("state", .secret)
    ).alsoRead("o_auth_flow_started"),
    Event(
      "oauthFlowCompleted", "An OAuth flow ended.",
      .user, .text("provider", .plain), .flag("success"), .text("error").optional
    ).alsoRead("o_auth_flow_completed")
  ),
  Section(
    "Webhooks",
    Event(
      "webhookReceived", "A webhook was received.",
      .id("integrationID").optional, .text("provider", .plain), .text("eventType", .plain),
      .text("deliveryID", .plain)),
    Event(
      "webhookProcessed", "A webhook was processed.",
      .id("integrationID").optional, .text("provider", .plain), .text("eventType", .plain),
      .text("deliveryID", .plain), .flag("success"), .duration("durationMS"),
      .text("error").optional)
  ),
  Section(
    "Cocoons",
    Event(
      "cocoonRegistered", "A cocoon (a worker machine) was registered.",
      .id("cocoonID"), .user, .text("deviceName").optional),
    Event(
      "cocoonConnected", "A cocoon connected to the signaling server.",
      .id("cocoonID"), .user.optional),
    Event(
      "cocoonDisconnected", "A cocoon disconnected.",
      .id("cocoonID"), .user.optional, .duration("durationSeconds")),
    Event(
      "cocoonClaimed", "A cocoon was claimed by a user.",
      .id("cocoonID"), .user, .flag("viaSetupToken")),
    Event(
      "cocoonSetupTokenCreated", "A setup token was created.",
      .id("tokenID"), .user, .text("cocoonName").optional),
    Event(
      "cocoonSetupTokenUsed", "A setup token was redeemed.",
      .id("tokenID"), .id("cocoonID"), .user)
  ),
  Section(
    "Projects",
    Event("projectCreated", "A project was created.", .id("projectID"), .user, .text("name")),
    Event("projectUpdated", "A project was changed.", .id("projectID"), .user),
    Event("projectDeleted", "A project was deleted.", .id("projectID"), .user)
  ),
  Section(
    "System",
    Event(
      "apiRequest",
      "An HTTP request was answered. `endpoint` should be a route pattern, not a path.",
      .service, .text("endpoint", .plain), .text("method", .plain), .uint16("statusCode"),
      .duration("durationMS"), .user.optional),
    Event(
      "databaseQuery", "A database query ran.",
      .service, .text("queryType", .plain), .duration("durationMS"),
      .number("rowsAffected").optional),
    Event(
      "applicationError", "An error that the application reports.",
      .service, .text("errorType", .plain), .text("errorMessage"), .user.optional,
      .json("context").optional)
  ),
]
