import AnalyticsTestSupport
import Foundation
import NIOCore
import NIOPosix

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A real Prometheus that scrapes one server, with its data in a temporary directory.
struct Prometheus: Sendable {
  static let path = "/usr/bin/prometheus"

  private let api: String

  /// Runs one for the time of `body`.
  ///
  /// - Parameter target: The port of 127.0.0.1 that it scrapes.
  static func scraping<Value>(
    _ target: Int, in directory: String, _ body: (Prometheus) async throws -> Value
  ) async throws -> Value {
    let file = directory + "/prometheus.yml"
    let configuration = """
      global: {scrape_interval: 2s, scrape_timeout: 2s}
      scrape_configs:
        - job_name: analytics
          static_configs: [{targets: ["127.0.0.1:\(target)"]}]

      """
    try configuration.write(toFile: file, atomically: false, encoding: .utf8)
    let port = try await freePort()
    let process = try ChildProcess(
      path,
      [
        "--config.file=\(file)", "--storage.tsdb.path=\(directory)/data",
        "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
      ],
      output: .null, error: .null)
    defer { process.signal(SIGTERM) }
    let value = try await body(Prometheus(api: "http://127.0.0.1:\(port)/api/v1/"))
    process.signal(SIGTERM)
    await process.ended()
    return value
  }

  /// A port that nobody listens on.
  private static func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return port
  }

  /// What the API answers; `nil` while it does not.
  private func data(_ path: String, _ query: [URLQueryItem] = []) async throws -> Any? {
    try Task.checkCancellation()
    var components = URLComponents(string: api + path)
    components?.queryItems = query.isEmpty ? nil : query
    guard let url = components?.url, let (data, _) = try? await URLSession.shared.data(from: url)
    else { return nil }
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    return object?["data"]
  }

  /// Of each series that an expression has at this moment, its labels and its value.
  private func samples(_ expression: String) async throws -> [String] {
    let data = try await data("query", [URLQueryItem(name: "query", value: expression)])
    let result = (data as? [String: Any])?["result"] as? [[String: Any]] ?? []
    return result.compactMap { ($0["value"] as? [Any])?.last as? String }
  }

  /// Waits until an expression has this value, and nothing else.
  func says(_ expression: String, _ value: String) async throws {
    while try await samples(expression) != [value] { await Task.yield() }
  }

  /// What is wrong with its targets, as it sees it itself.
  func problems() async throws -> [String] {
    let data = try await data("targets") as? [String: Any]
    let targets = data?["activeTargets"] as? [[String: Any]] ?? []
    guard !targets.isEmpty else { return ["it has no target"] }
    return targets.compactMap { $0["lastError"] as? String }.filter { !$0.isEmpty }
  }

  /// The kind of a metric, as it read it.
  func kind(of metric: String) async throws -> String? {
    let data = try await data("metadata", [URLQueryItem(name: "metric", value: metric)])
    return ((data as? [String: Any])?[metric] as? [[String: Any]])?.first?["type"] as? String
  }
}
