import Text

/// How far a push is, read from what its engine writes to a terminal.
///
/// skopeo and podman: `Copying blob 5f70bf18a086 [==>---] 12.3MiB / 45.6MiB | 3.1 MiB/s`, then `done` or
/// `skipped: already exists`. docker: `5f70bf18a086: Pushing [=>   ]  12.3MB/45.6MB`, then `Pushed` or
/// `Layer already exists`.
struct PushProgress: Sendable, Equatable {
  private struct Blob: Equatable {
    var done: UInt64
    var total: UInt64
    var isFinished = false
  }

  private var blobs: [String: Blob] = [:]
  /// The bytes of all layers, as far as they are known from elsewhere.
  private let expected: UInt64?

  /// - Parameter image: What is sent, so that all layers' bytes are known; nil: only what the engine says is known.
  init(expected image: DockerArchive.Image? = nil) {
    expected = image?.size
    for (digest, size) in image?.blobs ?? [:] {
      blobs[String(digest.dropFirst(7).prefix(12))] = Blob(done: 0, total: size)
    }
  }

  /// Bytes that are in the registry, or were there before.
  var done: UInt64 { blobs.values.reduce(0) { $0 + ($1.isFinished ? $1.total : min($1.done, $1.total)) } }
  /// Bytes in all; nil: not known yet.
  var total: UInt64? {
    let seen = blobs.values.reduce(0) { $0 + $1.total }
    let total = max(expected ?? 0, seen)
    return total == 0 ? nil : total
  }
  /// All of it at that rate; nil: how much it is, is not known yet.
  func amount(_ rate: TransferRate) -> TransferAmount? {
    total.map { TransferAmount(done: done, total: $0, rate: rate.bytesPerSecond) }
  }
  /// How many blobs were there already.
  private(set) var skipped = 0

  /// Takes a line in; false: it tells nothing of progress.
  mutating func add(_ line: String) -> Bool {
    let words = OutsideText.clean(line).split(separator: " ").map(String.init)
    guard let (name, rest) = Self.subject(words) else { return false }
    let text = rest.joined(separator: " ")
    var blob = blobs[name] ?? Blob(done: 0, total: 0)
    if let (done, total) = Self.amounts(rest) {
      blob.done = max(blob.done, done)
      blob.total = max(blob.total, total)
    } else if text.hasPrefix("skipped: already exists") || text.hasPrefix("Layer already exists") {
      if !blob.isFinished { skipped += 1 }
      blob.isFinished = true
    } else if text.hasPrefix("done") || text.hasPrefix("Pushed") {
      blob.isFinished = true
      blob.done = blob.total
    }
    blobs[name] = blob
    return true
  }

  /// Whose line it is: a blob, not the configuration, which is tiny and has no size before.
  private static func subject(_ words: [String]) -> (name: String, rest: ArraySlice<String>)? {
    if words.count >= 3, words[0] == "Copying", words[1] == "blob" {
      let name = words[2].hasPrefix("sha256:") ? String(words[2].dropFirst(7).prefix(12)) : words[2]
      return (name, words.dropFirst(3))
    }
    guard let first = words.first, first.hasSuffix(":"), first.utf8.count == 13,
      first.dropLast().allSatisfy({ $0.isASCII && $0.isHexDigit })
    else { return nil }
    let rest = words.dropFirst()
    return ["Pushing", "Pushed", "Layer", "Waiting", "Preparing", "Mounted"].contains(rest.first ?? "")
      ? (String(first.dropLast()), rest) : nil
  }

  /// `12.3MiB / 45.6MiB` or `12.3MB/45.6MB` somewhere behind the bar.
  private static func amounts(_ words: ArraySlice<String>) -> (done: UInt64, total: UInt64)? {
    for (index, word) in zip(words.indices, words) {
      if word == "/", index > words.startIndex, index + 1 < words.endIndex,
        let done = bytes(words[index - 1]), let total = bytes(words[index + 1])
      {
        return (done, total)
      }
      let halves = word.split(separator: "/")
      if halves.count == 2, let done = bytes(String(halves[0])), let total = bytes(String(halves[1])) {
        return (done, total)
      }
    }
    return nil
  }

  /// `12.3MiB`, `12.3MB`, `323.0b`, `12 kB` without the blank.
  static func bytes(_ text: String) -> UInt64? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let value = Double(number), value >= 0, value < 1e15 else { return nil }
    let factors: [String: Double] = [
      "b": 1, "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776, "kb": 1e3, "mb": 1e6,
      "gb": 1e9, "tb": 1e12,
    ]
    guard let factor = factors[text.dropFirst(number.count).lowercased()] else { return nil }
    return UInt64(value * factor)
  }
}

/// How fast bytes go, over the last seconds.
struct TransferRate: Sendable, Equatable {
  private var samples: [(at: Duration, bytes: UInt64)] = []
  private static let window = Duration.seconds(10)

  /// Takes in how many bytes are done by now.
  mutating func add(_ bytes: UInt64, at time: Duration) {
    samples.append((time, bytes))
    while samples.count > 2, let first = samples.first, time - first.at > Self.window { samples.removeFirst() }
  }

  /// Bytes a second; nil: not known yet.
  var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.bytes > first.bytes else { return nil }
    let seconds = (last.at - first.at) / .seconds(1)
    return seconds >= 0.5 ? Double(last.bytes - first.bytes) / seconds : nil
  }

  static func == (left: TransferRate, right: TransferRate) -> Bool {
    left.samples.map(\.at) == right.samples.map(\.at) && left.samples.map(\.bytes) == right.samples.map(\.bytes)
  }
}

/// One line that tells how far a push is: bar, bytes, rate, time left.
enum PushLine {
  static func text(_ progress: PushProgress, _ rate: TransferRate) -> String {
    guard let amount = progress.amount(rate) else { return "beginning" }
    let cells = 20
    let filled = Int(amount.fraction * Double(cells))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled)
    return "[\(bar)] \(amount.text)"
  }

  static func left(_ seconds: Double) -> String {
    let seconds = Int(seconds.rounded(.up))
    if seconds < 60 { return "\(seconds) s" }
    return seconds < 3600 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds / 3600) h \(seconds % 3600 / 60) min"
  }
}
