#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A range of mapped pages, which is unmapped when the last reference is released.
///
/// `base` is valid only while a reference to this object is held. The object itself is immutable,
/// which makes sharing it safe (`@unchecked Sendable`). The object does not order access to the
/// pages: ``Segment`` says who may read and write which bytes when.
final class MappedMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let count: Int
  /// The path of the mapped file; `nil` for memory of this process alone.
  private let path: String?

  /// Maps pages of this process alone, which the system provides when they are first accessed.
  init(anonymousBytes count: Int) throws(SystemError) {
    guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | mapAnonymous, -1, 0),
      base != MAP_FAILED
    else { throw SystemError("map memory") }
    (self.base, self.count, path) = (base, count, nil)
  }

  /// Maps the pages of a file. Bytes stored there outlive this process.
  ///
  /// The file must be at least as long as the mapping and must not be truncated while it exists:
  /// access behind the file's end would end the process with SIGBUS.
  init(sharing file: borrowing OpenFile, bytes count: Int) throws(SystemError) {
    let descriptor = file.descriptor
    let base = attempt(.map, file.path, failure: MAP_FAILED) {
      mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    }
    guard let base, base != MAP_FAILED else { throw SystemError("map", file.path) }
    (self.base, self.count, path) = (base, count, file.path)
  }

  deinit { _ = attempt(.unmap, path) { munmap(base, count) } }

  /// Faults in all pages for writing, so that later stores do not.
  ///
  /// - Throws: `SystemError` if a page is not available. A store into it would have ended the
  ///   process with SIGBUS.
  func prefault() throws(SystemError) {
    if attempt(.populate, path, { populateForWriting(base, count) }) == 0 { return }
    guard errno == EINVAL else { throw SystemError("fault in the pages of", path) }
    for offset in stride(from: 0, to: count, by: 4096) {
      let byte = (base + offset).load(as: UInt8.self)
      (base + offset).storeBytes(of: byte, as: UInt8.self)
    }
  }

  /// Syncs the pages that hold `range` to the device, and waits for it.
  func sync(_ range: Range<Int>) throws(SystemError) {
    let page = Int(getpagesize())
    let start = range.lowerBound / page * page
    let result = attempt(.syncMemory, path) {
      msync(base + start, range.upperBound - start, MS_SYNC)
    }
    guard result == 0 else { throw SystemError("sync", path) }
  }
}

extension MappedMemory {
  /// Frees the disk blocks of the whole pages in `range`, which then read as zeros. Does nothing if
  /// the file system does not support it.
  ///
  /// Nothing may be stored there afterwards without ``prefault()``: on a full disk a store would
  /// end the process with SIGBUS.
  func freeBlocks(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard start < end else { return }
    _ = attempt(.freeBlocks, path) { removePages(base + start, end - start) }
  }
}

#if os(Linux)
  private let mapAnonymous = Int32(MAP_ANONYMOUS)

  /// `MADV_REMOVE` punches a hole into the file behind a shared mapping.
  private func removePages(_ start: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
    madvise(start, count, 9)
  }

  /// `MADV_POPULATE_WRITE`, available since Linux 5.14. Older kernels, and sandboxes that do not
  /// know it, report an invalid argument.
  private func populateForWriting(_ base: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
    let result = madvise(base, count, 23)
    if result != 0, errno != EFAULT, errno != ENOMEM { errno = EINVAL }
    return result
  }
#else
  private let mapAnonymous = MAP_ANON

  private func removePages(_ start: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
    errno = EOPNOTSUPP
    return -1
  }

  private func populateForWriting(_ base: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
    errno = EINVAL
    return -1
  }
#endif
