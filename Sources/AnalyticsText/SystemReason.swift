#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Why a call of the system failed, in words: its number says nothing to most people.
package enum SystemReason {
  /// - Parameter code: As `errno` has it.
  /// - Returns: As `No such file or directory`, in English.
  package static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
