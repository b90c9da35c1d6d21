internal import AnalyticsText
internal import CAnalyticsPQ

/// The settings to connect to PostgreSQL.
///
/// All keywords of libpq work: several hosts with `target_session_attrs=read-write` for failover,
/// `sslmode`, service files and password files. Settings that are not given come from libpq's
/// environment (`PGHOST`, `PGPASSWORD`, `PGSERVICE`, …).
package struct PostgresConfiguration: Sendable {
  /// The name in `pg_stat_activity`, unless the URL has an `application_name`.
  package var applicationName = "analytics"

  /// The connect timeout for each host in seconds, unless the URL has a `connect_timeout`. libpq's
  /// minimum is 2.
  package var connectTimeoutSeconds = 5

  /// The default deadline of a call; `nil` for none. The client enforces it, so it also holds
  /// behind PgBouncer and when the server hangs.
  package var statementTimeout: Duration?

  /// Further libpq keywords. They override those of the URL.
  package var parameters: [String: String] = [:]

  /// The settings of the URL, by libpq keyword.
  private let settings: [String: String]

  /// Makes a configuration that uses only libpq's own settings: `PGHOST`, `PGSERVICE`, `~/.pgpass`
  /// and so on.
  package init() {
    settings = [:]
  }

  /// Makes a configuration from a URL.
  ///
  /// - Parameter url: `postgres://user@host:port/database?…`, or libpq's `key=value …`.
  /// - Throws: `invalidConfiguration`. The error never quotes the URL: if a character was not
  ///   escaped, any part of it may be the password.
  package init(url: String) throws(PostgresError) {
    var options = PQconninfoParse(url, nil)
    guard let first = options else {
      throw PostgresError(.invalidConfiguration, Self.malformed(url))
    }
    defer {
      PQconninfoFree(options)
      options = nil
    }
    settings = Self.given(in: first)
    guard !url.utf8.allSatisfy({ $0 <= UInt8(ascii: " ") }), !hasMisplacedSeparator(url) else {
      throw PostgresError(.invalidConfiguration, Self.malformed(url))
    }
  }
}

extension PostgresConfiguration {
  /// The server and the database in a canonical form without user and password:
  /// `host:port[,host:port]/database`. The hosts are sorted; a Unix socket is given by its
  /// directory.
  ///
  /// This text tells the spools of different databases apart, so it must not depend on how the URL
  /// is written.
  package var destination: String {
    let settings = effectiveSettings
    if let service = settings["service"], settings["host"] == nil, settings["hostaddr"] == nil {
      return "service=\(service)"
    }
    let database = settings["dbname"] ?? settings["user"] ?? ""
    return "\(hosts(in: settings).sorted().joined(separator: ","))/\(database)"
  }

  /// The database user; empty if a service file names it.
  package var user: String { effectiveSettings["user"] ?? "" }

  /// The server's command-line options for the session. They can set `search_path`.
  package var options: String? { effectiveSettings["options"] }

  /// The keywords that are passed to libpq.
  ///
  /// The keepalive settings reveal within a minute that a server vanished without closing the
  /// connection, even if a call has no deadline. The system's default is two hours.
  var connectionKeywords: [(keyword: String, value: String)] {
    var keywords = settings.merging([
      "connect_timeout": String(connectTimeoutSeconds), "keepalives_idle": "30",
      "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000",
    ]) { own, _ in own }
    keywords["fallback_application_name"] = applicationName
    keywords["client_encoding"] = "UTF8"
    keywords.merge(parameters) { _, own in own }
    return keywords.map { ($0.key, $0.value) }
  }

  private var effectiveSettings: [String: String] {
    var all: [String: String] = [:]
    if let defaults = PQconndefaults() {
      all = Self.given(in: defaults)
      PQconninfoFree(defaults)
    }
    // A host from the URL must not be combined with an address from the environment.
    if settings["host"] != nil || settings["hostaddr"] != nil {
      all["hostaddr"] = nil
      all["host"] = nil
    }
    return all.merging(settings) { _, own in own }.merging(parameters) { _, own in own }
  }

  private func hosts(in settings: [String: String]) -> [String] {
    let hosts = Self.list(settings["host"] ?? settings["hostaddr"] ?? "")
    let ports = Self.list(settings["port"] ?? "")
    return hosts.enumerated().map { index, host in
      let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
      let name = host.isEmpty ? "[local]" : host.begins(with: "/") ? host : host.asciiLowercased
      return "\(name):\(port.isEmpty ? "5432" : port)"
    }
  }

  private static func list(_ text: String) -> [String] {
    text.split(at: ",", omittingEmpty: false).map { String($0) }
  }

  private static func given(in options: UnsafePointer<PQconninfoOption>) -> [String: String] {
    var settings: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val, value.pointee != 0 {
        settings[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return settings
  }

  /// Whether a `/` or `@` that was not escaped in the password has moved a part of it into the
  /// host, the port or the database. From there it would get into logs.
  private func hasMisplacedSeparator(_ url: String) -> Bool {
    let ports = Self.list(settings["port"] ?? "")
    let hasForeignPort = !ports.allSatisfy { $0.isEmpty || UInt16($0) != nil }
    let host = settings["host"] ?? ""
    let hasForeignHost = host.has("@") && !host.begins(with: "@") && !host.begins(with: "/")
    let database = settings["dbname"] ?? ""
    let hasForeignDatabase =
      url.has(bytesOf: "://") && database.has("@") && !url.has(bytesOf: "%40")
    return hasForeignPort || hasForeignHost || hasForeignDatabase
  }

  private static func malformed(_ url: String) -> String {
    let isURL = url.begins(with: "postgres://") || url.begins(with: "postgresql://")
    return isURL
      ? "the database URL is malformed: expected postgres://user:password@host:port/database, "
        + "with /, @, : and % in the password percent-encoded"
      : "the database URL is malformed: expected postgres://user:password@host:port/database "
        + "or libpq's key=value pairs"
  }
}
