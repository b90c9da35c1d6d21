import AnalyticsTestSupport
import Foundation

/// The catalogue as the upstream library documents it: a type, and its fields with their JSON types. `?` marks an
/// optional field, and `u` is `user_id`, a UUID.
enum CatalogueTable {
  enum Kind: String {
    case uuid, text, bool, i64, i32, u16, json
  }

  struct Field {
    var name: String
    var kind: Kind
    var isOptional: Bool
    /// Whether a privacy preset may leave the text out. An export without it can still be read.
    var mayBeWithheld: Bool
  }

  struct Entry: CustomStringConvertible {
    var type: String
    var fields: [Field]
    var description: String { type }
  }

  static let text = """
    auth_login_attempt u? email:text success:bool error:text?
    auth_code_verified u success:bool error:text?
    auth_token_refresh u success:bool error:text?
    auth_session_validated u valid:bool
    task_created task_id:uuid u project_id:uuid? cocoon_id:uuid? command:text
    task_started task_id:uuid u cocoon_id:uuid?
    task_completed task_id:uuid u duration_ms:i64 exit_code:i32
    task_failed task_id:uuid u duration_ms:i64? exit_code:i32? error:text
    task_cancelled task_id:uuid u duration_ms:i64?
    integration_connected integration_id:uuid u provider:text project_id:uuid?
    integration_disconnected integration_id:uuid u provider:text reason:text?
    integration_used integration_id:uuid u provider:text action:text
    integration_error integration_id:uuid u provider:text error:text
    oauth_flow_started u provider:text state:text
    oauth_flow_completed u provider:text success:bool error:text?
    webhook_received integration_id:uuid? provider:text event_type:text delivery_id:text
    webhook_processed integration_id:uuid? provider:text event_type:text delivery_id:text \
    success:bool duration_ms:i64 error:text?
    cocoon_registered cocoon_id:uuid u device_name:text?
    cocoon_connected cocoon_id:uuid u?
    cocoon_disconnected cocoon_id:uuid u? duration_seconds:i64
    cocoon_claimed cocoon_id:uuid u via_setup_token:bool
    cocoon_setup_token_created token_id:uuid u cocoon_name:text?
    cocoon_setup_token_used token_id:uuid cocoon_id:uuid u
    project_created project_id:uuid u name:text
    project_updated project_id:uuid u
    project_deleted project_id:uuid u
    api_request service:text endpoint:text method:text status_code:u16 duration_ms:i64 u?
    database_query service:text query_type:text duration_ms:i64 rows_affected:i64?
    application_error service:text error_type:text error_message:text u? context:json?
    """

  private static let withheld: Set<String> = [
    "auth_login_attempt.email", "task_created.command", "task_failed.error",
    "integration_error.error", "oauth_flow_started.state", "project_created.name",
    "application_error.error_message",
  ]

  static let entries: [Entry] = text.split(separator: "\n").map { line in
    let words = line.split(separator: " ").map(String.init)
    return Entry(type: words[0], fields: words.dropFirst().map { field($0, of: words[0]) })
  }

  private static func field(_ word: String, of type: String) -> Field {
    let isOptional = word.hasSuffix("?")
    let bare = isOptional ? String(word.dropLast()) : word
    let parts = bare == "u" ? ["user_id", "uuid"] : bare.split(separator: ":").map(String.init)
    return Field(
      name: parts[0], kind: Kind(rawValue: parts[1])!, isOptional: isOptional,
      mayBeWithheld: withheld.contains(type + "." + parts[0]))
  }
}

extension CatalogueTable.Field {
  /// A value in the form that `JSONSerialization` writes.
  func value(_ random: inout SeededGenerator) -> Any {
    switch kind {
    case .uuid: random.uuid().uuidString.lowercased()
    case .text:
      name == "service" ? "svc\(random.below(9))" : "t" + random.nastyText().filter { $0 != "\0" }
    case .bool: random.chance(0.5)
    // `JSONSerialization`, the oracle, is exact only up to 53 bits.
    // A duration cannot be negative.
    case .i64: name.hasPrefix("duration") ? abs(random.integer() >> 11) : random.integer() >> 11
    case .i32: Int(Int32(truncatingIfNeeded: random.integer()))
    case .u16: Int(UInt16(truncatingIfNeeded: random.integer()))
    case .json:
      ["a": [1, "two", NSNull(), ["deep": true]], "n": random.below(100)] as [String: Any]
    }
  }

  /// Values of all other types, and numbers just outside the range.
  var wrongValues: [Any] {
    switch kind {
    case .uuid: ["not-a-uuid", "", 1, true, [String](), ["a": 1]]
    case .text: [1, 1.5, true, [String](), ["a": 1]]
    case .bool: [1, 0, "true", [String]()]
    case .i64: ["1", true, 1.5, 1e19, [String]()]
    case .i32: ["1", true, 1.5, Int(Int32.max) + 1, Int(Int32.min) - 1]
    case .u16: ["1", true, 1.5, -1, 65_536]
    case .json: []
    }
  }
}
