import CAnalyticsZlib
import Foundation

/// Decompresses the server's answers with another implementation than the server's.
enum Gunzip {
  static func text(of data: Data) throws -> String {
    var stream = z_stream()
    let status = inflateInit2_(
      &stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw CocoaError(.fileReadCorruptFile) }
    defer { inflateEnd(&stream) }
    var input = [UInt8](data)
    var output = [UInt8](repeating: 0, count: 4 << 20)
    let result = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    guard result == Z_STREAM_END else { throw CocoaError(.fileReadCorruptFile) }
    return String(decoding: output.prefix(Int(stream.total_out)), as: UTF8.self)
  }
}
