internal import AnalyticsText

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The user as which the server runs. PostgreSQL refuses to run as root, so a process of root uses
/// another user.
package struct ServerAccount: Sendable {
  let name: String
  let userID: uid_t
  let groupID: gid_t
  /// Whether this process has to change its user in order to run as this one.
  let needsUserSwitch: Bool

  /// The user as which a server of this process runs.
  ///
  /// - Throws: `directoryUnusable` if this process runs as root and no other user is found.
  package static func current() throws(LocalPostgresError) -> ServerAccount {
    let userID = geteuid()
    guard userID == 0 else {
      return ServerAccount(
        name: "this user", userID: userID, groupID: getegid(), needsUserSwitch: false)
    }
    for name in ["postgres", "_postgres", "nobody"] {
      if let account = find(name) { return account }
    }
    throw LocalPostgresError(
      .directoryUnusable,
      "PostgreSQL does not run as root and there is no user postgres: create one, "
        + "or run this as another user")
  }

  private static func find(_ name: String) -> ServerAccount? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let base = buffer.baseAddress,
        getpwnam_r(name, &entry, base, buffer.count, &found) == 0, found != nil
      else { return nil }
      return ServerAccount(
        name: name, userID: entry.pw_uid, groupID: entry.pw_gid, needsUserSwitch: true)
    }
  }

  /// The command that runs a program as this user.
  ///
  /// A system program changes the user. swift-subprocess (1.0) could do so, but uses a raw `clone`
  /// in which glibc's `setuid` waits for threads that the child does not have: with many threads it
  /// sometimes hangs.
  package func command(
    _ program: String, _ arguments: [String]
  ) throws(LocalPostgresError) -> (program: String, arguments: [String]) {
    guard needsUserSwitch else { return (program, arguments) }
    let identity = ["--reuid", String(userID), "--regid", String(groupID), "--clear-groups"]
    let switches = [
      "/usr/bin/setpriv": identity + ["--"],
      "/usr/bin/sudo": ["-n", "-u", name, "--"],
    ]
    for (path, options) in switches.sorted(by: { $0.key > $1.key }) where access(path, X_OK) == 0 {
      return (path, options + [program] + arguments)
    }
    throw LocalPostgresError(
      .directoryUnusable,
      "PostgreSQL does not run as root, and neither setpriv nor sudo is installed to switch to \(name): "
        + "install util-linux")
  }

  /// Creates a directory, and those above it, that only this user and root can enter.
  ///
  /// - Throws: `directoryUnusable` if the directory cannot be created, belongs to another user, or
  ///   cannot be reached by this user.
  package func makePrivateDirectory(_ path: String) throws(LocalPostgresError) {
    try makeParents(of: path)
    if mkdir(path, 0o700) == 0 {
      guard !needsUserSwitch || chown(path, userID, groupID) == 0 else {
        throw unusable(path, "cannot be assigned to user \(name)")
      }
    } else if errno != EEXIST {
      throw unusable(path, "cannot be created: \(SystemReason.text(errno))")
    }
    try takeOver(path)
    try requireReachable(path)
  }

  /// Makes this user the owner of files that root has created.
  package func takeOver(files paths: [String]) throws(LocalPostgresError) {
    guard needsUserSwitch else { return }
    for path in paths where chown(path, userID, groupID) != 0 {
      throw unusable(path, "cannot be assigned to user \(name)")
    }
  }

  private func makeParents(of path: String) throws(LocalPostgresError) {
    var parent = ""
    for component in path.split(at: "/").dropLast() {
      parent += "/\(component)"
      if mkdir(parent, 0o755) != 0, errno != EEXIST, errno != EISDIR, access(parent, F_OK) != 0 {
        throw unusable(parent, "cannot be created: \(SystemReason.text(errno))")
      }
    }
  }

  /// Takes over an existing directory. In a directory that everybody can write to, such as `/tmp`,
  /// another user may have created it first.
  private func takeOver(_ path: String) throws(LocalPostgresError) {
    guard let status = Self.status(path), status.st_mode & S_IFMT == S_IFDIR else {
      throw unusable(path, "is not a directory")
    }
    if status.st_uid == 0, needsUserSwitch, chown(path, userID, groupID) == 0 {
      _ = chmod(path, 0o700)
      return
    }
    guard status.st_uid == userID else { throw unusable(path, "belongs to another user") }
    _ = chmod(path, 0o700)
  }

  private func requireReachable(_ path: String) throws(LocalPostgresError) {
    guard needsUserSwitch else { return }
    var parent = ""
    for component in path.split(at: "/").dropLast() {
      parent += "/\(component)"
      guard let status = Self.status(parent, following: true) else { continue }
      let bit: mode_t =
        status.st_uid == userID ? S_IXUSR : status.st_gid == groupID ? S_IXGRP : S_IXOTH
      guard status.st_mode & bit != 0 else {
        throw unusable(
          path,
          "cannot be reached by user \(name), who runs the server, because of the permissions of \(parent)"
        )
      }
    }
  }

  private static func status(_ path: String, following: Bool = false) -> stat? {
    var status = stat()
    return (following ? stat(path, &status) : lstat(path, &status)) == 0 ? status : nil
  }

  private func unusable(_ path: String, _ problem: String) -> LocalPostgresError {
    LocalPostgresError(
      .directoryUnusable, "the directory \(path) \(problem); choose another directory")
  }
}
