/// The progress of the search for directories of dead processes.
struct SpoolSearch {
  /// Whether the sink has answered which installation it leads to, or that it has none.
  var isIdentified = false
  /// Whether directories remain because the limit of adopted ones is reached.
  var hasMore = false
  /// Whether all directories were examined since the installation is known.
  var isComplete = false
}

/// The result of one search of the spool.
struct SpoolFinding {
  /// The directories that were adopted, and the number of their rows.
  var directories = 0
  var rows = 0
  /// Whether directories remain for a later search.
  var hasMore = false
  /// Files or directories that are left as they are, with the reason, unless already reported.
  var problems: [String] = []
}
