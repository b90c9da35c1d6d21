internal import AnalyticsText
internal import Synchronization

/// A token bucket for each key or address. It fills at a steady rate up to a limit; each request
/// takes a token.
final class RateLimiter: Sendable {
  private struct Bucket {
    var tokens: Double
    var at: ContinuousClock.Instant
  }

  private let rate: Double
  private let burst: Double
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let buckets = Mutex<[String: Bucket]>([:])

  private static let bucketsMax = 10_000
  /// The longest wait, in seconds. With a tiny rate, the next token comes in more seconds than an
  /// `Int` can hold.
  private static let waitMax = Double(OptionRange.longestWait.components.seconds)

  /// - Parameters:
  ///   - rate: Requests per second; 0 or less, or infinity, for no limit.
  ///   - burst: How many requests may come at once.
  init(
    rate: Double, burst: Int, instant: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.rate = rate
    self.burst = Double(burst)
    self.instant = instant
  }

  /// Takes a token.
  ///
  /// - Returns: `nil` if there was a token; otherwise the whole seconds until there is one, at most
  ///   36,500 days.
  func take(_ name: String) -> Int? {
    guard rate > 0, rate.isFinite else { return nil }
    let now = instant()
    return buckets.withLock { buckets in
      if buckets.count >= Self.bucketsMax, buckets[name] == nil {
        // A bucket that is full again is the same as a new one, so it can be removed.
        buckets = buckets.filter { filled($0.value, now) < burst }
        if buckets.count >= Self.bucketsMax { return 1 }
      }
      var tokens = buckets[name].map { filled($0, now) } ?? burst
      defer { buckets[name] = Bucket(tokens: tokens, at: now) }
      guard tokens >= 1 else {
        return max(1, Int(min((1 - tokens) / rate, Self.waitMax).rounded(.up)))
      }
      tokens -= 1
      return nil
    }
  }

  private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
    min(burst, bucket.tokens + bucket.at.duration(to: now) / .seconds(1) * rate)
  }
}
