internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Decides who may ask for what, and how often.
final class Gatekeeper: Sendable {
  private let database: ServerDatabase
  private let limiter: RateLimiter
  private let needsKeys: Bool
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let asked = SharedWork<KeyRecord?>()
  private let seen = Mutex<[Proof: Finding]>([:])

  /// How a caller shows which key is theirs.
  private enum Proof: Hashable {
    case hash([UInt8])
    case session(UUID)

    /// What several ask for at the same time.
    var name: ExactString { ExactString("\(self)") }
  }

  /// What the database said of a key, and when; `nil` for one that does not exist or was revoked.
  private struct Finding {
    var record: KeyRecord?
    var at: ContinuousClock.Instant
  }

  /// A key that is revoked stops within this time.
  static let trust: Duration = .seconds(5)
  /// How old what is known of a key may be for the next piece of an answer that goes on. A stream looks
  /// once a second: so the database is asked after 4 s at most, and has the rest of ``trust`` to answer.
  static let renewal: Duration = .seconds(3)
  private static let findingsMax = 10_000

  init(
    database: ServerDatabase, limiter: RateLimiter, needsKeys: Bool,
    instant: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.database = database
    self.limiter = limiter
    self.needsKeys = needsKeys
    self.instant = instant
  }

  /// Lets a request in.
  ///
  /// - Parameter address: Where it comes from.
  /// - Throws: A problem of status 401, 403, 429, or 503 when the database cannot be asked.
  func admit(
    _ request: Request, from address: String, need: Role, now: Date
  ) async throws -> Caller {
    guard let record = try await record(request, from: address, now: now) else {
      // A wrong key is told so even where none is needed.
      guard !needsKeys, request.headers[.authorization] == nil else {
        try spend(address)
        throw Self.refusal
      }
      try spend(address)
      return .anybody
    }
    try spend(record.id.uuidString)
    try Self.check(record, need)
    return Caller(key: record.id, name: record.name, role: record.role)
  }

  /// Lets a caller who was let in have more: the rest of a stream, or an answer that took its time.
  ///
  /// - Parameter age: How old what is known of the key may be.
  /// - Throws: A problem of status 401 once the key is revoked or the session is over, 403 once the role
  ///   is another one, 503 when the database does not say so in time.
  func readmit(
    _ caller: Caller, _ request: Request, need: Role, now: Date, believing age: Duration = trust
  ) async throws {
    guard let key = caller.key else { return }
    guard let shown = Shown(request, now: now) else { throw Self.refusal }
    var record: KeyRecord?
    let known = seen.withLock { $0[shown.proof] }
    let passed = known.map { $0.at.duration(to: instant()) }
    if let known, let passed, passed < age {
      record = known.record
    } else {
      // The last answer may be believed for as long as is left of `trust`: the new one has to come within
      // that time. Once nothing is left, the caller gets nothing anyhow, and waits as long as for any look-up.
      let left = passed.map { Self.trust - $0 } ?? .zero
      record =
        if left > .zero {
          try await withDeadline(left) { [self] in try await ask(shown.proof) }
        } else {
          try await ask(shown.proof)
        }
    }
    guard let record, record.id == key, shown.isValid(for: record) else { throw Self.refusal }
    try Self.check(record, need)
  }

  private static func check(_ record: KeyRecord, _ need: Role) throws(Problem) {
    guard record.role.allows(need) else {
      throw Problem(
        .forbidden, "this key has the role \(record.role.rawValue), which may not do this")
    }
  }

  /// The key of a text that somebody types.
  func record(of key: AccessKey, from address: String) async throws -> KeyRecord? {
    try await record(.hash(key.hash), from: address)
  }

  private func record(
    _ request: Request, from address: String, now: Date
  ) async throws -> KeyRecord? {
    guard let shown = Shown(request, now: now) else { return nil }
    let record = try await record(shown.proof, from: address)
    return record.flatMap { shown.isValid(for: $0) ? $0 : nil }
  }

  /// What a request shows of a key: the key itself, or else a session.
  private struct Shown {
    let proof: Proof
    private let session: Session?

    init?(_ request: Request, now: Date) {
      if let header = request.headers[.authorization] {
        guard let key = Self.bearer(header).flatMap({ AccessKey($0) }) else { return nil }
        (proof, session) = (.hash(key.hash), nil)
      } else {
        guard let cookie = request.sessionCookie, let session = Session(cookie, now: now) else {
          return nil
        }
        (proof, self.session) = (.session(session.key), session)
      }
    }

    func isValid(for record: KeyRecord) -> Bool { session?.isValid(for: record) ?? true }

    private static func bearer(_ header: String) -> Substring? {
      let parts = header.split(at: " ", maxSplits: 1)
      return parts.count == 2 && parts[0].asciiLowercased == "bearer" ? parts[1] : nil
    }
  }

  private func record(_ proof: Proof, from address: String) async throws -> KeyRecord? {
    let known = seen.withLock { $0[proof] }
    if let known, known.at.duration(to: instant()) < Self.trust { return known.record }
    // Guessing asks the database, so it is bounded by where it comes from.
    if known?.record == nil { try spend(address) }
    return try await ask(proof)
  }

  /// Asks the database, once for all who want to know it at the same time.
  private func ask(_ proof: Proof) async throws -> KeyRecord? {
    try await asked.value(proof.name) { [self] in
      // True of this moment, however long the answer takes.
      let now = instant()
      let record =
        switch proof {
        case .hash(let hash): try await database.key(hash: hash)
        case .session(let id): try await database.key(id: id)
        }
      seen.withLock { seen in
        if seen.count >= Self.findingsMax { seen.removeAll() }
        seen[proof] = Finding(record: record, at: now)
      }
      return record
    }
  }

  /// Counts a request, of a key or from an address.
  func spend(_ name: String) throws {
    guard let wait = limiter.take(name) else { return }
    throw Problem(
      .tooManyRequests, "too many requests: wait for \(wait) s",
      headers: [.retryAfter: String(wait)])
  }

  private static let refusal = Problem(
    .unauthorized,
    "a key is needed: send `Authorization: Bearer …`; `analytics keys create` makes one",
    headers: [.wwwAuthenticate: "Bearer"])
}
