import Kubernetes
import Text

/// A token of the registry and the scope map with its rights, under one name. It has no password yet.
struct AzureTokenStep: Step {
  let id: StepID = "acr-token"
  let title = "Registry token"
  /// It lies in Azure, and images may be pulled with it elsewhere by now.
  let staysUnlessNamed = true
  private let azure: AzureProgram
  private let name: String
  private let rights: [AzureRight]
  private let mark: String

  init(_ answers: Answers) {
    azure = AzureProgram(answers)
    name = answers[.azureToken] ?? ""
    rights = answers.azureRights
    mark = answers.azureMark
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func inspect(_ setup: Setup) async throws -> StepState {
    let (map, token) = try await AzureScopeMap.look(azure, name, setup)
    guard let map else {
      if let token { return .blocked(foreign(token)) }
      return .needed(
        ["create the scope map \(name): \(Self.words(rights))", "create the token \(name), which has its rights"])
    }
    let wanted = Set(rights.flatMap(\.entries))
    let missing = AzureRight.rights(wanted.subtracting(map.actions))
    guard map.description == mark else {
      if let token, token.scopeMap == name, token.isEnabled, missing.isEmpty {
        return .done("the token \(name) is there with the rights it needs; it is not ours and stays as it is")
      }
      return .blocked(
        "there is a scope map \(name) that was not made for this installation (\(OutsideText.clean(map.words, limit: 200))), so "
          + "it is not changed. Choose another name with registry.token.")
    }
    if let token, token.scopeMap != name { return .blocked(foreign(token)) }
    if token?.isEnabled == false {
      return .blocked("the token \(name) is disabled. Enable it, or choose another name with registry.token.")
    }
    let surplus = AzureRight.rights(map.actions.subtracting(wanted))
    let changes =
      (missing.isEmpty ? [] : ["change the scope map \(name): add \(Self.words(missing))"])
      + (surplus.isEmpty ? [] : ["change the scope map \(name): remove \(Self.words(surplus))"])
      + (token == nil ? ["create the token \(name), which has the rights of the scope map"] : [])
    return changes.isEmpty ? .done("the token \(name) has the rights it needs and no more") : .needed(changes)
  }

  private func foreign(_ token: AzureToken) -> String {
    "there is a token \(name) with the rights of the scope map \(OutsideText.clean(token.scopeMap, limit: 60)), which is not "
      + "ours. Choose another name with registry.token."
  }

  private static func words(_ rights: [AzureRight]) -> String {
    rights.map { "\($0.repository) (\($0.actions.joined(separator: ", ")))" }.joined(separator: "; ")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let (map, token) = try await AzureScopeMap.look(azure, name, setup)
    let wanted = Set(rights.flatMap(\.entries))
    if let map {
      let missing = AzureRight.rights(wanted.subtracting(map.actions))
      let surplus = AzureRight.rights(map.actions.subtracting(wanted))
      if !missing.isEmpty || !surplus.isEmpty {
        progress(StepProgress("changing the scope map \(name)"))
        _ = try await azure.json(azure.scopeMap(update: name, add: missing, remove: surplus), setup.world)
      }
    } else {
      progress(StepProgress("creating the scope map \(name)"))
      _ = try await azure.json(azure.scopeMap(create: name, rights, description: mark), setup.world)
    }
    guard token == nil else { return }
    progress(StepProgress("creating the token \(name)"))
    _ = try await azure.json(azure.token(create: name, scopeMap: name), setup.world)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let (map, token) = try await AzureScopeMap.look(azure, name, setup)
    let foreign = Trace.stays("the token \(name) stays: it is not ours")
    guard let map else { return [token == nil ? .gone("there is no token \(name)") : foreign] }
    guard map.description == mark else {
      return [.stays("the token \(name) stays: it was not made for this installation")]
    }
    if let token, token.scopeMap != name { return [foreign] }
    return [
      .removable("the token \(name) and its scope map") {
        if token != nil { _ = try await azure.json(azure.token(delete: name), setup.world) }
        _ = try await azure.json(azure.scopeMap(delete: name), setup.world)
      }
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let quiet = " --only-show-errors --output none"
    return [
      EquivalentCommand(
        """
        if made_by=$(\(azure.line(azure.scopeMap(show: name), printing: "description")) 2>/dev/null); then
          if [ "$made_by" != \(Shell.quote(mark)) ]; then
            echo \(Shell.quote("the scope map \(name) was not made for this installation")) >&2
            exit 1
          fi
          \(azure.line(azure.scopeMap(update: name, add: rights)))\(quiet)
        else
          \(azure.line(azure.scopeMap(create: name, rights, description: mark)))\(quiet)
        fi
        """),
      EquivalentCommand(
        """
        \(azure.line(azure.token(show: name))) >/dev/null 2>&1 ||
          \(azure.line(azure.token(create: name, scopeMap: name)))\(quiet)
        """),
    ]
  }
}

/// A scope map, as far as it matters here.
struct AzureScopeMap: Sendable {
  let actions: Set<String>
  let description: String

  /// Its description, for a message.
  var words: String { description.isEmpty ? "it has no description" : "its description is \"\(description)\"" }

  /// The scope map and the token of a name.
  static func look(
    _ azure: AzureProgram, _ name: String, _ setup: Setup
  ) async throws -> (map: AzureScopeMap?, token: AzureToken?) {
    let map = try await azure.find(azure.scopeMap(show: name), setup.world)
    let token = try await azure.find(azure.token(show: name), setup.world)
    return (
      map.map { map in
        AzureScopeMap(
          actions: Set((map["actions"]?.array ?? []).compactMap(\.string)),
          description: map["description"]?.string ?? "")
      }, token.map(AzureToken.init)
    )
  }
}
