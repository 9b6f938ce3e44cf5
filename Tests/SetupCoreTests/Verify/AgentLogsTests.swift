import Testing

@testable import SetupCore

@Suite("verify: the agent's log")
struct AgentLogsTests {
  private func judged(_ text: String) -> Finding { judged([ContainerLog(place: "agent-1/agent", text: .seen(text))]) }

  private func judged(_ logs: [ContainerLog]) -> Finding {
    finding(.agentLogs) {
      AgentChecksTests.installed(&$0)
      $0.agentLogs = .seen(logs)
    }
  }

  @Test(
    "Known errors are told with what they mean and what to do",
    arguments: [
      (
        "ERROR bosun: 401 Client Error: Unauthorized for url: https://app.datarobot.com/api/v2/version/",
        "DataRobot refuses the agent's API token.", "Make a new token"
      ),
      (
        #"HTTP response body: {"message":"pods is forbidden: User \"system:serviceaccount:mlops:bosun\" cannot create resource \"pods\" in API group \"\" in the namespace \"mlops\""}"#,
        "The cluster does not let system:serviceaccount:mlops:bosun create pods in the namespace mlops.",
        "managementAgent.rbac.create"
      ),
      (
        "404 Client Error: Not Found for url: https://x/api/v2/predictionEnvironments/65f0a1b2c3d4e5f60718293a/",
        "DataRobot knows no prediction environment", "datarobot.predictionEnvironment"
      ),
      (
        "403 Client Error: Forbidden for url: https://x/api/v2/predictionEnvironments/1/",
        "does not let the token's owner",
        "share the environment"
      ),
      (
        "HTTPSConnectionPool(host='x', port=443): Max retries exceeded (NameResolutionError: Failed to resolve 'x')",
        "cannot look up the name", "datarobot.endpoint"
      ),
      (
        "Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]')))",
        "does not trust the certificate", "CA"
      ),
      (
        "Max retries exceeded (Caused by ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 403')))",
        "does not get through its proxy", "NO_PROXY"
      ),
      ("NewConnectionError: [Errno 111] Connection refused", "does not reach what it wants", "NetworkPolicy"),
      (
        "ValueError: ppsImage must have a version as its tag: registry/pps:latest", "does not accept the tag",
        "images.predictionServer"
      ),
      ("image builder: ImagePullBackOff", "could not pull an image", "agent.builder"),
    ])
  func known(_ line: String, _ meaning: String, _ remedy: String) {
    let found = judged("INFO bosun: starting\n\(line)\nINFO bosun: retrying\n")
    #expect(found.status == .fail, "\(found)")
    #expect(found.message.contains(meaning), "\(found.message)")
    #expect(found.remedy?.text.contains(remedy) == true, "\(found)")
    #expect(found.details.first?.hasPrefix("agent-1/agent, 1 line before the end: ") == true, "\(found.details)")
  }

  @Test("A refusal of the cluster names the command that asks whether it is so")
  func rbac() {
    let refusal = RBACRefusal(
      #"deployments.apps is forbidden: User "system:serviceaccount:a:b" cannot list resource "deployments" in API group "apps" in the namespace "a""#
    )
    #expect(refusal?.command == "kubectl auth can-i list deployments.apps --as=system:serviceaccount:a:b --namespace a")
    #expect(RBACRefusal("pods \"x\" is forbidden: violates PodSecurity") == nil)
    #expect(RBACRefusal("User \"x") == nil)
  }

  @Test("A log that ends with a traceback fails; one that goes on after it does not")
  func traceback() {
    let text =
      "INFO a\nTraceback (most recent call last):\n  File \"a.py\", line 1, in b\n    c()\nKeyError: 'namespace'\n"
    let found = judged(text)
    #expect(found.status == .fail)
    #expect(found.observed == "KeyError: 'namespace'")
    #expect(judged(text + String(repeating: "INFO going on\n", count: 5)).status == .pass)
    #expect(judged("Traceback (most recent call last):\n  File \"a.py\", line 1, in b\n").status == .fail)
  }

  @Test("An error with fifty lines after it is over, and only warns")
  func recovered() {
    let error = "ERROR 401 Client Error: Unauthorized\n"
    #expect(judged(error + String(repeating: "INFO well\n", count: 49)).status == .fail)
    let over = judged(error + String(repeating: "INFO well\n", count: 50))
    #expect(over.status == .warn)
    #expect(over.message.contains("over by now"))
  }

  @Test("No known error passes; an empty or unread log is unknown")
  func others() {
    let good = judged("INFO bosun: starting\nINFO health is passing\n")
    #expect(good.status == .pass)
    #expect(good.observed == "agent-1/agent: 2 lines read")
    #expect(judged(" \n").status == .unknown)
    #expect(judged([]).status == .unknown)
    let denied = ContainerLog(place: "agent-1/agent", text: .failed(ObservationFailure(.denied, "may not read logs")))
    let unread = judged([denied])
    #expect(unread.status == .unknown)
    #expect(unread.message == "The log of agent-1/agent could not be read: may not read logs")
  }

  @Test(
    "Secrets of the answers, and what stands where secrets do, are taken out",
    arguments: [
      ("token is t0ken-of-ours!", "token is <secret>"),
      ("url https://u:p4ss'w\"rd@r/", "url https://u:<secret>@r/"),
      ("Authorization: Basic cHVzaDpwNHNzJ3cicmQ=", "Authorization: Basic <secret>"),
      ("Authorization: Bearer abcdefghijklmnop.QRS", "Authorization: Bearer <secret>"),
      ("{\"api_token\": \"12345678\"}", "{\"api_token\": \"<secret>\"}"),
      ("password=hunter2hunter2", "password=<secret>"),
      ("the token has expired", "the token has expired"), ("token refresh", "token refresh"),
      ("secret mlops-api-key was read", "secret mlops-api-key was read"), ("", ""),
    ])
  func redaction(_ text: String, _ expected: String) {
    let redact = Redaction(["t0ken-of-ours!", "p4ss'w\"rd"], user: "push")
    #expect(redact(text) == expected)
    #expect(redact("a\n\(text)\nb") == "a\n\(expected)\nb")
  }
}
