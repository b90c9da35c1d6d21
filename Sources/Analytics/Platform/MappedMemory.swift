#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A run of mapped pages, unmapped when the last reference goes.
final class MappedMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let count: Int
  /// The file whose pages these are.
  private let path: String?

  /// Pages of this process alone, which the system provides when they are first touched.
  init(anonymousBytes count: Int) throws(SystemError) {
    guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | mapAnonymous, -1, 0),
      base != MAP_FAILED
    else { throw SystemError("map memory") }
    (self.base, self.count, path) = (base, count, nil)
  }

  /// Pages shared with a file: what is stored there outlives this process.
  init(sharing file: borrowing OpenFile, bytes count: Int) throws(SystemError) {
    let descriptor = file.descriptor
    let base = attempt(.map, file.path, failure: MAP_FAILED) {
      mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    }
    guard let base, base != MAP_FAILED else { throw SystemError("map", file.path) }
    (self.base, self.count, path) = (base, count, file.path)
  }

  deinit { _ = attempt(.unmap, path) { munmap(base, count) } }

  /// Faults all pages in for writing, so that whoever stores into them later does not.
  ///
  /// - Throws: If a page cannot be had: its store would have ended the process with SIGBUS.
  func prefault() throws(SystemError) {
    if attempt(.populate, path, { populateForWriting(base, count) }) == 0 { return }
    guard errno == EINVAL else { throw SystemError("have the pages of", path) }
    for offset in stride(from: 0, to: count, by: 4096) {
      let byte = (base + offset).load(as: UInt8.self)
      (base + offset).storeBytes(of: byte, as: UInt8.self)
    }
  }

  /// Writes the pages that hold `range` to the device, and waits for it.
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
  /// Gives the blocks of the whole pages in `range` back to the file system; they read as zeros from
  /// then on. Does nothing where the file system cannot.
  ///
  /// Nobody may store there afterwards: on a full disk the store would end the process with SIGBUS.
  func giveBack(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard start < end else { return }
    _ = attempt(.giveBack, path) { removePages(base + start, end - start) }
  }
}

#if os(Linux)
  private let mapAnonymous = Int32(MAP_ANONYMOUS)

  /// `MADV_REMOVE` punches a hole into the file behind a shared mapping.
  private func removePages(_ start: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
    madvise(start, count, 9)
  }

  /// `MADV_POPULATE_WRITE`, which Linux has from 5.14 on; before, and where a sandbox does not know
  /// it, the argument is invalid.
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
