import FoundationEssentials
import Kubernetes
import OrderedCollections
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("Secrets stay where they belong")
struct CanaryTests {
  /// Other tests run at the same time: these secrets are this one's alone.
  private static let secrets = Stage.Secrets(password: "unseen-p4ss:'\"$word-\u{e9}", token: "unseen-t0ken-&$value'\\")

  @Test("Canaries in every secret answer appear in no file, no argv, no output; only in the two Secrets")
  func nowhere() async throws {
    try await Stage.with(secrets: Self.secrets) { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let arguments = try await RunningProcesses.seen {
        for command in [["preflight"], ["plan"], []] {
          let ending = try await stage.run(arguments: command + ["--answers", "answers.yaml"])
          #expect(ending.code == 0, "\(ending.out)\n\(ending.progress)")
          for canary in Self.canaries { #expect(!(ending.out + ending.progress).contains(canary)) }
        }
      }
      #expect(arguments.contains { $0.contains("upgrade") && $0.contains("--install") }, "helm was not seen")
      for line in arguments { for canary in Self.canaries { #expect(!line.contains(canary)) } }

      let files = try Self.files(below: stage.folder.path)
      #expect(
        files.contains { $0.path.hasSuffix("values.yaml") } && files.contains { $0.path.hasSuffix("journal.jsonl") })
      for file in files {
        for canary in Self.canaries { #expect(!file.bytes.contains(Array(canary.utf8)), "\(file.path)") }
      }
      for path in ["values.yaml", "journal.jsonl"] {
        let file = try #require(files.first { $0.path.hasSuffix(path) })
        #expect(file.mode & 0o077 == 0, "\(path) can be read by others")
      }

      let holders = await stage.cluster.objects("secrets").filter { secret in
        secret["data"]?.object?.values.contains { value in
          let bytes = Data(base64Encoded: value.string ?? "").map(Array.init) ?? []
          return bytes.contains(Array(Self.secrets.token.utf8))
            || bytes.contains(Array("push:\(Self.secrets.password)".utf8))
            || String(decoding: bytes, as: UTF8.self).contains("auths")
        } == true
      }
      #expect(
        holders.compactMap { $0[path: "metadata", "name"]?.string }.sorted() == ["mlops-api-key", "registry-creds"])
    }
  }

  /// What to look for: each secret, and what it becomes in base64 and in a login.
  static var canaries: [String] {
    let login = Data("push:\(secrets.password)".utf8).base64EncodedString()
    return [
      secrets.password, secrets.token, Data(secrets.password.utf8).base64EncodedString(),
      Data(secrets.token.utf8).base64EncodedString(), login, "unseen-p4ss", "unseen-t0ken",
    ]
  }

  private struct File {
    let path: String
    let bytes: [UInt8]
    let mode: Int
  }

  private static func files(below folder: String) throws -> [File] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).compactMap { name in
      let path = folder + "/" + name
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
      return File(
        path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))),
        mode: (attributes[.posixPermissions] as? Int) ?? 0)
    }
  }
}
