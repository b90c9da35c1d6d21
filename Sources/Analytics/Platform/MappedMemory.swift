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

  /// Pages of this process alone, which the system provides when they are first touched.
  init(anonymousBytes count: Int) throws(SystemError) {
    guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | mapAnonymous, -1, 0),
      base != MAP_FAILED
    else { throw SystemError("map memory") }
    (self.base, self.count) = (base, count)
  }

  /// Pages shared with a file: what is stored there outlives this process.
  init(sharing file: borrowing OpenFile, bytes count: Int) throws(SystemError) {
    guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0),
      base != MAP_FAILED
    else { throw SystemError("map", file.path) }
    (self.base, self.count) = (base, count)
  }

  deinit { munmap(base, count) }

  /// Faults all pages in for writing, so that whoever stores into them later does not.
  func prefault() {
    if populateForWriting(base, count) { return }
    for offset in stride(from: 0, to: count, by: 4096) {
      let byte = (base + offset).load(as: UInt8.self)
      (base + offset).storeBytes(of: byte, as: UInt8.self)
    }
  }

  /// Writes the pages that hold `range` to the device, and waits for it.
  func sync(_ range: Range<Int>) throws(SystemError) {
    let page = Int(getpagesize())
    let start = range.lowerBound / page * page
    guard msync(base + start, range.upperBound - start, MS_SYNC) == 0 else {
      throw SystemError("sync mapped memory")
    }
  }
}

#if os(Linux)
  private let mapAnonymous = Int32(MAP_ANONYMOUS)

  /// `MADV_POPULATE_WRITE`, which Linux has from 5.14 on; false before.
  private func populateForWriting(_ base: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    madvise(base, count, 23) == 0
  }
#else
  private let mapAnonymous = MAP_ANON

  private func populateForWriting(_ base: UnsafeMutableRawPointer, _ count: Int) -> Bool { false }
#endif
