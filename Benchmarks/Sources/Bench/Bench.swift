import Foundation

/// Runs the benchmarks named on the command line. Without a name it runs all that take a minute. Prints tables in
/// Markdown.
@main
struct Bench {
  static func main() async throws {
    var names = Array(CommandLine.arguments.dropFirst())
    if names.first == FsyncStorm.argument { return try FsyncStorm.run(in: names[1]) }
    if names.first == Generator.argument { return try await Generator.run(names.dropFirst()) }
    if names.isEmpty { names = ["track", "usage", "latency", "ingest", "rollups", "import"] }
    for name in names {
      switch name {
      case "track": try TrackBenchmark.run()
      case "usage": try await UsageBenchmark.run()
      case "latency": try await LatencyBenchmark.run()
      case "ingest": try await IngestBenchmark.run()
      case "rollups": try await RollupBenchmark.run()
      case "import": try await ImportBenchmark.run()
      case "reports": try await ReportBenchmark.run([1_000_000, 10_000_000])
      case "reports-1m": try await ReportBenchmark.run([1_000_000])
      case "reports-here": try await ReportBenchmark.run([])
      case "peers": try await PeerBenchmark.run(10_000_000)
      case "peers-1m": try await PeerBenchmark.run(1_000_000)
      case "peers-here": try await PeerBenchmark.run(0)
      case "server": try await ServerBenchmark.run(1_000_000)
      case "server-10m": try await ServerBenchmark.run(10_000_000)
      case "server-here": try await ServerBenchmark.run(0)
      case "writers": try await EnduranceBenchmark.writers(for: 300)
      case "writers-short": try await EnduranceBenchmark.writers(for: 20)
      case "commits": try await EnduranceBenchmark.commits(for: 600)
      case "commits-short": try await EnduranceBenchmark.commits(for: 20)
      case "outage": try await OutageBenchmark.run(seconds: 600)
      case "outage-short": try await OutageBenchmark.run(seconds: 30)
      default:
        FileHandle.standardError.write(Data("there is no benchmark named \(name)\n".utf8))
        exit(2)
      }
    }
  }
}

/// Runs `body` with a new directory, and removes the directory afterwards.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result
{
  let directory = NSTemporaryDirectory() + "analytics-bench-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  return try await body(directory)
}

extension Array<Double> {
  /// The smallest value that at least this share of the values does not exceed (nearest rank).
  func percentile(_ share: Double) -> Double {
    sorted()[Swift.max(0, Int((Double(count) * share).rounded(.up)) - 1)]
  }
  var median: Double { percentile(0.5) }
}

func row(_ cells: String...) {
  print("| " + cells.joined(separator: " | ") + " |")
  // Output into a pipe would otherwise appear only at the end.
  fflush(nil)
}

func nanoseconds(_ body: () -> Void) -> Double {
  let duration = ContinuousClock().measure(body)
  return Double(duration.components.seconds) * 1e9 + Double(duration.components.attoseconds) / 1e9
}

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

extension Double {
  var rounded: String { String(format: "%.0f", self) }
  var twoDigits: String { String(format: "%.2f", self) }
}
