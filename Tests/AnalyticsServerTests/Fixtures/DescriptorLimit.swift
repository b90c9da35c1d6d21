#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How many files and connections this process may have open.
enum DescriptorLimit {
  /// Raises the soft limit if it is lower than `count`.
  ///
  /// - Returns: Whether the process may open `count` files and connections.
  static func raise(to count: Int) -> Bool {
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return false }
    if limit.rlim_cur >= rlim_t(count) { return true }
    limit.rlim_cur = rlim_t(count)
    return limit.rlim_cur <= limit.rlim_max && setrlimit(resource, &limit) == 0
  }
}
