import AnalyticsTestSupport
import Foundation
import NIOCore
import NIOPosix

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A real Prometheus server that scrapes one server. Its data is in a temporary directory.
struct Prometheus: Sendable {
  static let path = "/usr/bin/prometheus"

  private let api: String

  /// Runs Prometheus while `body` runs.
  ///
  /// - Parameter target: The port on 127.0.0.1 that it scrapes.
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

  /// A free port.
  private static func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return port
  }

  /// The data of an answer of its API; `nil` if there is none.
  private func data(_ path: String, _ query: [URLQueryItem] = []) async throws -> Any? {
    try Task.checkCancellation()
    var components = URLComponents(string: api + path)
    components?.queryItems = query.isEmpty ? nil : query
    guard let url = components?.url, let (data, _) = try? await URLSession.shared.data(from: url)
    else { return nil }
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    return object?["data"]
  }

  /// The labels and current values of the series of an expression.
  private func samples(_ expression: String) async throws -> [String] {
    let data = try await data("query", [URLQueryItem(name: "query", value: expression)])
    let result = (data as? [String: Any])?["result"] as? [[String: Any]] ?? []
    return result.compactMap { ($0["value"] as? [Any])?.last as? String }
  }

  /// Waits until an expression has exactly this value.
  func says(_ expression: String, _ value: String) async throws {
    while try await samples(expression) != [value] { await Task.yield() }
  }

  /// The scrape errors that Prometheus reports for its targets.
  func problems() async throws -> [String] {
    let data = try await data("targets") as? [String: Any]
    let targets = data?["activeTargets"] as? [[String: Any]] ?? []
    guard !targets.isEmpty else { return ["it has no target"] }
    return targets.compactMap { $0["lastError"] as? String }.filter { !$0.isEmpty }
  }

  /// The type of a metric, as Prometheus read it.
  func kind(of metric: String) async throws -> String? {
    let data = try await data("metadata", [URLQueryItem(name: "metric", value: metric)])
    return ((data as? [String: Any])?[metric] as? [[String: Any]])?.first?["type"] as? String
  }
}
