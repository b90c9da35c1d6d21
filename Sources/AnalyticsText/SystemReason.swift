#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Says in words why a system call failed, because its number tells most people nothing.
package enum SystemReason {
  /// - Parameter code: The value of `errno`.
  /// - Returns: A text such as `No such file or directory`, in English.
  ///
  /// `strerror` is safe here from any thread: glibc (from 2.32 on), musl and Darwin return texts
  /// that no other thread changes for every number they know.
  package static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
