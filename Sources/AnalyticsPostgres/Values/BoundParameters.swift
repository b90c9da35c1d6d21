internal import CAnalyticsPQ

/// The parameters of one statement, as the four parallel arrays that libpq takes.
struct BoundParameters {
  private var types: [Oid] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []
  /// All values, one after the other. Each is followed by a zero byte, which libpq needs after
  /// values in text form.
  private var bytes: [UInt8] = []
  private var offsets: [Int?] = []

  init(_ parameters: [PostgresParameter]) {
    for parameter in parameters {
      types.append(parameter.type.rawValue)
      formats.append(parameter.isBinary ? 1 : 0)
      offsets.append(parameter.isNull ? nil : bytes.count)
      let start = bytes.count
      parameter.encode(into: &bytes)
      lengths.append(Int32(bytes.count - start))
      bytes.append(0)
    }
  }

  /// Queues the statement, and requests rows in binary form. The pointers to the values are valid
  /// during the call only. That suffices, since libpq copies the values into its buffer.
  func send(_ sql: String, on connection: OpaquePointer) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      let base = buffer.bindMemory(to: CChar.self).baseAddress
      let values = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
      return PQsendQueryParams(
        connection, sql, Int32(types.count), types, values, lengths, formats, 1)
    }
  }
}
