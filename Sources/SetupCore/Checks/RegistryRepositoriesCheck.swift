import Registry
import Text

extension Check {
  /// Each repository at the registry is there, or the first push makes it. Advisory: `registry.push` is what blocks.
  static let registryRepositories = Check(
    "registry.repositories", title: "Repositories",
    required: "the images' repositories exist, or the registry makes them on the first push",
    why: "Registries like ECR refuse a push to a repository that nobody has created.", isBlocking: false,
    needs: [.registry, .registryImages], after: ["registry.credentials"],
    exemption: { answers, survey in
      if let reason = noRegistry(answers) ?? noWay(survey.registry) { return reason }
      return answers[.generated] == nil ? noImages(answers, survey) : nil
    }
  ) { survey, answers, _ in
    .judging(survey.registryImages) { images in
      let push = survey.registry.value?.push ?? [:]
      // A registry does the same for every repository: what it did for that of the generated images tells.
      let generated = images.first { $0.use == .generated }
      let creates: Bool? =
        switch generated.flatMap({ push[$0.reference] }).flatMap(RepositoryState.init(pushed:)) {
        case .takesPushes where generated?.repository == .seen(false): true
        case .mustBeCreated: false
        default: nil
        }
      var states = images.filter(\.isAtOurRegistry).map { image in
        (name: name(image.reference), state: RepositoryState(image, push, creates))
      }
      if let generated = answers[.generated], push[generated] == .seen(true), let cache = answers.layerCache {
        if let state = push[cache].flatMap(RepositoryState.init(pushed:)) { states.append((cache, state)) }
      }
      return judge(
        states.map { state in
          let isMissing = state.state == .mustBeCreated || state.state == .missing
          return isMissing && planMakes(state.name, answers) ? (state.name, .madeByPlan) : state
        })
    }
  }

  private static func name(_ reference: String) -> String {
    do { return try ImageReference(reference).name } catch { return reference }
  }

  private static func judge(_ states: [(name: String, state: RepositoryState)]) -> Finding {
    let lines = states.map { "\($0.name): \($0.state.words)" }
    func names(_ wanted: (RepositoryState) -> Bool) -> [String] {
      var seen: Set<String> = []
      return states.filter { wanted($0.state) && seen.insert($0.name).inserted }.map(\.name)
    }
    let uncreated = names { $0 == .mustBeCreated }
    if !uncreated.isEmpty {
      return Finding(
        .fail, observed: "\(uncreated.count) missing",
        message:
          "\(uncreated.joined(separator: ", ")) must be created first: the registry makes no repository by itself.",
        remedy: Remedy("Create them in the registry.", command: creation(uncreated)), details: lines)
    }
    let missing = names { $0 == .missing }
    if !missing.isEmpty {
      return Finding(
        .warn, observed: "\(missing.count) missing",
        message:
          "\(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not there yet; whether the first push makes "
          + "\(missing.count == 1 ? "it" : "them") could not be told without pushing.",
        remedy: Remedy("Push the images, or create the repositories first.", command: creation(missing)),
        details: lines)
    }
    if let unseen = states.first(where: { if case .unseen = $0.state { true } else { false } }) {
      return Finding(
        .unknown, observed: "not seen",
        message: "Whether there is \(unseen.name) could not be seen: \(unseen.state.words).",
        remedy: Remedy("See for yourself in the registry that it is there."), details: lines)
    }
    if states.isEmpty {
      return Finding(.skipped, observed: "", message: "No image lies at this registry.")
    }
    let made = [("first push", names { $0 == .madeByPush }), ("plan", names { $0 == .madeByPlan })]
      .filter { !$0.1.isEmpty }
    return Finding(
      .pass,
      observed: made.isEmpty ? "all there" : made.map { "\($1.count) made by the \($0)" }.joined(separator: ", "),
      message: "All repositories are there"
        + made.map { " but \($1.joined(separator: ", ")), which the \($0) makes" }.joined(separator: ",") + ".",
      details: lines)
  }

  /// The command that makes them, where we know the registry's kind by its name.
  private static func creation(_ names: [String]) -> String? {
    let commands = names.compactMap { name -> String? in
      let image: ImageReference
      do { image = try ImageReference(name) } catch { return nil }  // no reference, no command
      let labels = image.host.split(separator: ".").map(String.init)
      guard image.host.contains(".amazonaws.com"), labels.count > 3, labels[1] == "dkr" else { return nil }
      return
        "aws ecr create-repository --repository-name \(Shell.quote(image.repository)) --region \(Shell.quote(labels[3]))"
    }
    return commands.isEmpty ? nil : commands.joined(separator: " && ")
  }
}

/// Whether a repository is there, and what happens where it is not.
private enum RepositoryState: Equatable {
  case there
  case madeByPush
  case madeByPlan
  /// An upload was opened there, and it could not be seen whether it was there before.
  case takesPushes
  case mustBeCreated
  /// It is not there, and only a push could tell whether that makes it.
  case missing
  case unseen(String)

  init(_ image: ImageObservation, _ push: [String: Observed<Bool>], _ creates: Bool?) {
    let own = push[image.reference].flatMap(RepositoryState.init(pushed:))
    switch image.repository {
    case .seen(true): self = .there
    case .seen(false):
      self = own == .takesPushes || creates == true ? .madeByPush : creates == false ? .mustBeCreated : .missing
    case .failed(let failure): self = own ?? .unseen(failure.message)
    case .notAsked: self = own ?? .unseen(image.presence.failure?.message ?? "it was not looked at")
    }
  }

  /// What an opened upload tells of a repository; nil: nothing.
  init?(pushed: Observed<Bool>) {
    switch pushed {
    case .seen(true): self = .takesPushes
    case .failed(let failure) where failure.kind == .absent: self = .mustBeCreated
    default: return nil
    }
  }

  var words: String {
    switch self {
    case .there: "is there"
    case .madeByPush: "is not there, the first push makes it"
    case .madeByPlan: "is not there, the plan makes it"
    case .takesPushes: "takes a push"
    case .mustBeCreated: "is not there and must be created first"
    case .missing: "is not there"
    case .unseen(let why): why
    }
  }
}
