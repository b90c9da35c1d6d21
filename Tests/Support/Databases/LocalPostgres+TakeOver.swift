package import LocalPostgres

extension LocalPostgres {
  /// Makes the server's user the owner of a file or directory that this process has created.
  package func takeOver(_ path: String) throws(LocalPostgresError) {
    try ServerAccount.current().takeOver(files: [path])
  }
}
