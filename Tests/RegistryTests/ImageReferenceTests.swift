import Registry
import Testing

@Suite("Image references")
struct ImageReferenceTests {
  struct Valid: Sendable, CustomTestStringConvertible {
    var text: String
    var host: String
    var repository: String
    var tag: String?
    var digest: String?
    var testDescription: String { text }

    init(_ text: String, _ host: String, _ repository: String, tag: String? = nil, digest: String? = nil) {
      self.text = text
      self.host = host
      self.repository = repository
      self.tag = tag
      self.digest = digest
    }
  }

  static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

  @Test(
    "A reference is taken apart as docker does it",
    arguments: [
      Valid("busybox", "docker.io", "library/busybox"),
      Valid("busybox:1.36", "docker.io", "library/busybox", tag: "1.36"),
      Valid("datarobot/pps:11.2.0", "docker.io", "datarobot/pps", tag: "11.2.0"),
      Valid("docker.io/busybox", "docker.io", "library/busybox"),
      Valid("index.docker.io/a/b", "docker.io", "a/b"),
      Valid("localhost/a", "localhost", "a"),
      Valid("localhost:5000/a:1", "localhost:5000", "a", tag: "1"),
      Valid("registry.example.com/mlops/frozen-models", "registry.example.com", "mlops/frozen-models"),
      Valid("registry.example.com:5000/a", "registry.example.com:5000", "a"),
      Valid("Registry/a", "Registry", "a"),
      Valid("REGISTRY.Example.COM/a/b", "REGISTRY.Example.COM", "a/b"),
      Valid("[2001:db8::1]:5000/a/b:t", "[2001:db8::1]:5000", "a/b", tag: "t"),
      Valid("[::1]/a", "[::1]", "a"),
      Valid("r.io/a@\(digest)", "r.io", "a", digest: digest),
      Valid("r.io/a:v1@\(digest)", "r.io", "a", tag: "v1", digest: digest),
      Valid("r.io/a__b/c---d.e_f", "r.io", "a__b/c---d.e_f"),
      Valid("r.io/a:_x.Y-9", "r.io", "a", tag: "_x.Y-9"),
      Valid(
        "image-registry.openshift-image-registry.svc:5000/datarobot-mlops/pps:11.2.0",
        "image-registry.openshift-image-registry.svc:5000", "datarobot-mlops/pps", tag: "11.2.0"),
    ])
  func valid(_ expected: Valid) throws {
    let reference = try ImageReference(expected.text)
    #expect(reference.host == expected.host)
    #expect(reference.repository == expected.repository)
    #expect(reference.tag == expected.tag)
    #expect(reference.digest == expected.digest)
    #expect(try ImageReference(reference.description) == reference)
  }

  @Test(
    "What is no reference is refused with what is wrong and a right form",
    arguments: [
      ("", "empty"),
      ("a b", "blank"),
      ("a\n", "control character"),
      ("https://registry.example.com/a", "no scheme, leave \"https://\" out"),
      ("registry.example.com/A", "capital letters"),
      ("registry.example.com/", "repository is missing"),
      ("registry.example.com/a/", "ends with a slash"),
      ("registry.example.com//a", "empty part between its slashes"),
      ("registry.example.com/a:", "tag after \":\" is missing"),
      ("registry.example.com/a:1+2", "tag \"1+2\""),
      ("registry.example.com/a:-1", "must begin with"),
      ("registry.example.com/a:\(String(repeating: "1", count: 129))", "longer than 128"),
      ("registry.example.com/a@sha256:12", "64 lower-case hexadecimal digits"),
      ("registry.example.com/a@sha256:\(String(repeating: "A", count: 64))", "64 lower-case"),
      ("registry.example.com/a@md5:12", "algorithm \"md5\""),
      ("registry.example.com/a@12", "no algorithm"),
      ("@\(digest)", "before \"@\" is missing"),
      ("registry.example.com:99999/a", "port \"99999\""),
      ("registry.example.com:/a", "port \"\""),
      ("registry..com/a", "empty part between its dots"),
      ("-registry.com/a", "hyphen"),
      ("[::1/a", "no \"]\""),
      ("[::g]/a", "IPv6"),
      ("[::1]x/a", "only a port"),
      ("r.io/a..b", "\"..\""),
      ("r.io/a___b", "\"___\""),
      ("r.io/.a", "begin and end"),
      ("r.io/a_", "begin and end"),
      ("r.io/ä", "lower-case letters, digits"),
      ("r.io/\(String(repeating: "a", count: 251))", "longer than 255"),
      (String(repeating: "0123456789abcdef", count: 4), "image's id"),
    ])
  func invalid(_ text: String, _ problem: String) {
    let error = #expect(throws: ImageReferenceError.self) { try ImageReference(text) }
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    #expect(error?.description.contains("The right form is") == true)
  }

  @Test("Whatever is taken for a reference is written so that it is read as the same again")
  func anyText() throws {
    let pieces = [
      "a", "A", "0", ".", ":", "/", "@", "-", "_", "[", "]", "localhost", "docker.io", Self.digest, "ä", "5000",
    ]
    var taken = 0
    for _ in 0..<20000 {
      let text = (0..<Int.random(in: 0...8)).map { _ in pieces[Int.random(in: 0..<pieces.count)] }.joined()
      let reference: ImageReference
      do { reference = try ImageReference(text) } catch { continue }
      taken += 1
      #expect(try ImageReference(reference.description) == reference, "\(text)")
    }
    #expect(taken > 100)
  }

  @Test("The longest name of 255 characters is taken")
  func longest() throws {
    #expect(try ImageReference("r.io/\(String(repeating: "a", count: 250))").name.utf8.count == 255)
  }

  @Test("Docker Hub answers at another host and has a docker config key of its own")
  func dockerHub() throws {
    let hub = try ImageReference("datarobot/pps:11.2.0")
    #expect(hub.apiHost == "registry-1.docker.io")
    #expect(hub.dockerConfigKey == "https://index.docker.io/v1/")
    let own = try ImageReference("registry.example.com:5000/pps")
    #expect(own.apiHost == "registry.example.com:5000")
    #expect(own.dockerConfigKey == "registry.example.com:5000")
  }
}

@Suite("What DataRobot asks of image names")
struct DataRobotImageRulesTests {
  @Test(
    "A prediction server has a version tag",
    arguments: [
      "r.io/pps:11.2.0", "r.io:5000/mlops/pps:11.2.0-rc.1", "pps:1.2.3-a-b", "pps:0.0.0",
    ])
  func predictionServer(_ text: String) { #expect(DataRobotImageRules.predictionServerProblem(text) == nil) }

  @Test(
    "A prediction server without a version tag is refused and the form is shown",
    arguments: [
      ("r.io/pps:latest", "\"latest\""), ("r.io/pps:v11.2.0", "\"v11.2.0\""), ("r.io/pps:11.2.0_1", "\"11.2.0_1\""),
      ("r.io/pps:11.2", "\"11.2\""), ("r.io/pps:11.2.0-", "\"11.2.0-\""), ("r.io/pps:11.2.0-a_b", "\"11.2.0-a_b\""),
      ("r.io/pps:11..0", "\"11..0\""), ("r.io/pps:1.2.3.4", "\"1.2.3.4\""), ("r.io/pps", "there is none"),
      ("r.io/pps:11.2.0@\(ImageReferenceTests.digest)", "refuses a digest"),
    ])
  func predictionServerProblem(_ text: String, _ words: String) throws {
    let problem = try #require(DataRobotImageRules.predictionServerProblem(text))
    #expect(problem.contains(words))
    #expect(problem.hasSuffix("r.io/pps:11.2.0"))
  }

  @Test("The repository for generated images has neither tag nor digest, but may have a port")
  func generatedRepository() throws {
    #expect(DataRobotImageRules.generatedRepositoryProblem("r.io:5000/mlops/frozen-models") == nil)
    let tag = try #require(DataRobotImageRules.generatedRepositoryProblem("r.io:5000/mlops/frozen-models:1"))
    #expect(tag.contains("\":1\"") && tag.hasSuffix("r.io:5000/mlops/frozen-models"))
    let digest = DataRobotImageRules.generatedRepositoryProblem("r.io/m@\(ImageReferenceTests.digest)")
    #expect(digest?.contains("digest") == true)
    #expect(DataRobotImageRules.generatedRepositoryProblem("r.io/M")?.contains("capital") == true)
  }
}
