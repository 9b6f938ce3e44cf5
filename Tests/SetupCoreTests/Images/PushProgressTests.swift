import Testing

@testable import SetupCore

@Suite("The progress of a push")
struct PushProgressTests {
  private static func read(_ lines: [String], expected: DockerArchive.Image? = nil) -> PushProgress {
    var progress = PushProgress(expected: expected)
    for line in lines { _ = progress.add(line) }
    return progress
  }

  private static let image = DockerArchive.Image(
    references: [], configDigest: "", size: 100 << 20, layers: 2,
    blobs: [
      "sha256:4aa70851e555a3b5c80a4eba93a4afd6eaae10cbf07bca9c99f8efad92a92a1e": 70 << 20,
      "sha256:93a4afd6eaae10cbf07bca9c99f8efad92a92a1e4aa70851e555a3b5c80a4eba": 30 << 20,
    ])

  @Test("What the registry has already counts with the size that the archive tells")
  func resumed() {
    let progress = Self.read(["Copying blob 4aa70851e555 skipped: already exists  "], expected: Self.image)
    #expect(progress.done == 70 << 20)
    #expect(progress.total == 100 << 20)
  }

  @Test("skopeo's bars are added up, drawn over and over as they are")
  func skopeo() {
    let progress = Self.read([
      "Getting image source signatures",
      "Copying blob 4aa70851e555 [===>-------------------------------] 5.0MiB / 40.0MiB",
      "Copying blob 93a4afd6eaae [==>--------------------------------] 3.0MiB / 40.0MiB | 2.1 MiB/s",
      "\u{1B}[2A\u{1B}[JCopying blob 4aa70851e555 done  ",
      "Copying blob 93a4afd6eaae [===========>-----------------------] 10.0MiB / 40.0MiB",
      "Copying config a180b8bf9c [====================================] 323.0b / 323.0b",
    ])
    #expect(progress.total == 80 << 20)
    #expect(progress.done == 50 << 20)
    #expect(progress.skipped == 0)
  }

  @Test("What the registry has already is counted, and not as sent twice")
  func skipped() {
    let progress = Self.read([
      "Copying blob bc9d65c67d55 skipped: already exists  ", "Copying blob bc9d65c67d55 skipped: already exists  ",
      "Copying blob 90c2189a1e93 [=>---] 1.0MiB / 4.0MiB",
    ])
    #expect(progress.skipped == 1)
    #expect(progress.total == 4 << 20)
  }

  @Test("docker's layers are added up")
  func docker() {
    let progress = Self.read([
      "The push refers to repository [registry.example.com/mlops/pps]", "5f70bf18a086: Preparing",
      "5f70bf18a086: Pushing [=====>      ]  12.5MB/45.6MB", "a3b5c80a4eba: Layer already exists",
      "11.2.0: digest: sha256:e3fa3714043d52ebbf71bcbd02b067d0339eabd241443ec5203e5b677281223f size: 1362",
    ])
    #expect(progress.done == 12_500_000)
    #expect(progress.total == 45_600_000)
    #expect(progress.skipped == 1)
  }

  @Test(
    "What is no progress is none",
    arguments: [
      "", "Copying", "Copying blob", "Writing manifest to image destination", "time=\"2026\" level=fatal msg=\"x\"",
      "5f70bf18a086 Pushing", "digest: sha256:1 / 2",
    ])
  func other(_ line: String) {
    var progress = PushProgress()
    let isProgress = progress.add(line)
    #expect(!isProgress)
    #expect(progress.total == nil)
  }

  @Test(
    "Amounts are read in every unit, and nonsense is none",
    arguments: [
      ("323.0b", 323), ("1KiB", 1024), ("12.5MB", 12_500_000), ("1GiB", 1 << 30), ("9", nil), ("MiB", nil),
      ("-1MiB", nil), ("1.2.3MB", nil), ("99999999999999999TB", nil), ("1XB", nil),
    ] as [(String, UInt64?)])
  func bytes(_ text: String, _ bytes: UInt64?) {
    #expect(PushProgress.bytes(text) == bytes)
  }

  @Test("The line tells bytes, rate and time left, as far as they are known")
  func line() {
    var progress = PushProgress(expected: Self.image)
    var rate = TransferRate()
    #expect(PushLine.text(PushProgress(), rate) == "beginning")
    rate.add(0, at: .zero)
    _ = progress.add("Copying blob 4aa70851e555 [=>] 50.0MiB / 70.0MiB")
    #expect(PushLine.text(progress, rate) == "[##########..........] 50 MiB of 100 MiB")
    rate.add(progress.done, at: .seconds(5))
    #expect(PushLine.text(progress, rate) == "[##########..........] 50 MiB of 100 MiB, 10 MiB/s, 5 s left")
    #expect(PushLine.left(59.2) == "1 min 0 s")
    #expect(PushLine.left(7261) == "2 h 1 min")
  }

  @Test("The rate is that of the last seconds")
  func rate() {
    var rate = TransferRate()
    for second in 0...20 { rate.add(UInt64(second < 11 ? 0 : (second - 10) * 100), at: .seconds(second)) }
    #expect(rate.bytesPerSecond == 100)
  }

  @Test(
    "The name under which an engine loads an archive is read from its words",
    arguments: [
      ("Loaded image: datarobot/pps:11.2.0", "datarobot/pps:11.2.0"), ("Loaded image ID: sha256:ab", "sha256:ab"),
      ("Loaded image(s): localhost/pps:1, localhost/x:2", "localhost/pps:1"), ("Loading layer 5 of 6", nil),
    ] as [(String, String?)])
  func loaded(_ line: String, _ name: String?) {
    #expect(ImagePush.loaded(line) == name)
  }

  @Test(
    "The digest that was pushed is read from docker's last line",
    arguments: [
      ("11.2.62: digest: sha256:ab12 size: 1362", "sha256:ab12"), ("5f70bf18a086: Pushed", nil),
      ("the digest: is missing", nil),
    ] as [(String, String?)])
  func digest(_ line: String, _ digest: String?) {
    #expect(ImagePush.pushedDigest(line) == digest)
  }

  @Test("Of a log line the message is shown")
  func message() {
    let line = #"time="2026-11-24T10:21:59Z" level=fatal msg="writing blob: Put \"https://r/v2\": EOF""#
    #expect(ImageTransfer.message(line) == #"writing blob: Put "https://r/v2": EOF"#)
    #expect(ImageTransfer.message("FATA[0012] writing blob: EOF") == "writing blob: EOF")
    #expect(ImageTransfer.message("as it is") == "as it is")
  }

  @Test("A broken connection is worth another attempt, a refusal is not")
  func attempts() {
    #expect(ImageTransfer.isWorthAnother("write tcp 10.0.0.1:443: connection reset by peer"))
    #expect(ImageTransfer.isWorthAnother("received unexpected HTTP status: 503 Service Unavailable"))
    #expect(!ImageTransfer.isWorthAnother("unable to retrieve auth token: invalid username/password: unauthorized"))
    #expect(!ImageTransfer.isWorthAnother("requested access to the resource is denied"))
  }
}
