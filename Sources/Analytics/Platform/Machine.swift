#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Information of the operating system about the machine and the process.
enum Machine {
  /// The name of this machine, as from `gethostname`; `nil` if it is unknown.
  static var hostname: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// The number of file descriptors that this process may have open.
  static var descriptorsMax: Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #else
      let result = getrlimit(RLIMIT_NOFILE, &limit)
    #endif
    return result == 0 ? Int(clamping: limit.rlim_cur) : 256
  }

  /// An id that changes with every boot of the machine; `nil` if unknown. Containers share their
  /// host's.
  static let bootID: UUID? = {
    #if os(Linux)
      let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var text = [UInt8](repeating: 0, count: 36)
      guard read(file, &text, 36) == 36 else { return nil }
      return UUID(uuidString: String(decoding: text, as: UTF8.self))
    #else
      var text = [CChar](repeating: 0, count: 64)
      var length = text.count
      guard sysctlbyname("kern.bootsessionuuid", &text, &length, nil, 0) == 0 else { return nil }
      return UUID(
        uuidString: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
    #endif
  }()

  /// Returns the value of an environment variable; `nil` if it is not set or empty.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// Reads the wall clock.
  @inline(__always)
  static func now() -> EventTimestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return EventTimestamp(
      microsecondsSinceUnixEpoch: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
