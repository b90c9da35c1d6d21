extension Duration {
  /// `1:02:03`, or `2:03` for less than an hour, rounded up to seconds.
  package var clock: String {
    let (whole, attoseconds) = components
    let seconds = Int(whole) + (attoseconds > 0 ? 1 : 0)
    let minutes = seconds / 60
    return minutes < 60
      ? "\(minutes):\((seconds % 60).padded(2))"
      : "\(minutes / 60):\((minutes % 60).padded(2)):\((seconds % 60).padded(2))"
  }
}
