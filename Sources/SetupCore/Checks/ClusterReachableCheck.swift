extension Check {
  /// The API server answers, over a connection that we can trust.
  static let clusterReachable = Check(
    "cluster.reachable", title: "API server answers", required: "the context's API server answers /version",
    why: "Everything else is asked of it.", needs: [.kubeconfig, .cluster]
  ) { survey, _, _ in
    switch survey.cluster {
    case .seen(let cluster):
      Finding(
        .pass, observed: cluster.server, message: "\(cluster.server) answers as Kubernetes \(cluster.gitVersion).")
    case .failed(let failure):
      switch failure.kind {
      case .unauthorized: Finding(.pass, observed: "401", message: "The API server answers, and asks who we are.")
      case .noCredential: Finding(.skipped, observed: "", message: "Not asked, because no credential could be had.")
      case .timedOut, .denied: .unknown(failure)
      // The same gateway serves a cluster that runs and one that does not: neither was seen, and only a look past it or
      // another try tells which. What answers with no error at all and is no API server is another matter.
      case .obstructed:
        Finding(
          .unknown, observed: failure.message,
          message: "Something in front of the API server does not get through to it: \(failure.message)",
          remedy: Remedy(
            "Ask whoever runs the proxy or load balancer (see also HTTPS_PROXY, NO_PROXY and proxy-url), see that the control plane runs, and try again."
          ))
      default: .failed(failure)
      }
    case .notAsked: .notAsked
    }
  }

  /// It knows who we are.
  static let clusterCredentials = Check(
    "cluster.credentials", title: "Credentials accepted", required: "the API server accepts the context's user",
    why: "Nothing can be read or made without it.", needs: [.cluster]
  ) { survey, _, _ in
    switch survey.cluster {
    case .seen(let cluster):
      switch cluster.credentials {
      case .seen(let user): Finding(.pass, observed: user, message: "The API server accepts \(user).")
      case .failed(let failure): failure.kind == .unauthorized ? .failed(failure) : .unknown(failure)
      case .notAsked: .notAsked
      }
    case .failed(let failure) where failure.kind == .unauthorized || failure.kind == .noCredential: .failed(failure)
    case .failed:
      .left(to: "cluster.reachable", "Not looked at, because cluster.reachable did not pass.")
    case .notAsked: .notAsked
    }
  }
}

extension Finding {
  /// Nobody looked: an error of ours, and never green.
  static let notAsked = Finding(.unknown, observed: "nothing", message: "This was not looked at.")

  /// What was to be seen is known to be wrong.
  static func failed(_ failure: ObservationFailure) -> Finding {
    Finding(.fail, observed: failure.message, message: failure.message, remedy: failure.remedy)
  }

  /// What was to be seen could not be seen. Where our own tool is what cannot look, that says nothing against the cluster:
  /// it is a warning, and no green either.
  static func unknown(_ failure: ObservationFailure) -> Finding {
    Finding(
      failure.kind == .unsupported ? .warn : .unknown, observed: failure.message, message: failure.message,
      remedy: failure.remedy)
  }

  /// The verdict on something observed; what was not seen is unknown.
  static func judging<Value>(_ observed: Observed<Value>, _ verdict: (Value) -> Finding) -> Finding {
    switch observed {
    case .seen(let value): verdict(value)
    case .failed(let failure): .unknown(failure)
    case .notAsked: .notAsked
    }
  }
}
