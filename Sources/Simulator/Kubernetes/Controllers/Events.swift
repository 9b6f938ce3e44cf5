import FoundationEssentials
import Kubernetes

extension KubernetesCluster {
  /// Reports something about an object as a controller or kubelet does.
  func report(
    _ object: JSONValue, type: String = "Normal", reason: String, message: String, component: String,
    host: String? = nil,
    manager: String = KubernetesCluster.controllerManager
  ) {
    var source: JSONValue = ["component": .string(component)]
    if let host { source["host"] = .string(host) }
    var event = blankEvent(object)
    event["reason"] = .string(reason)
    event["message"] = .string(message)
    event["source"] = source
    event["firstTimestamp"] = .string(now)
    event["lastTimestamp"] = .string(now)
    event["count"] = 1
    event["type"] = .string(type)
    event["eventTime"] = .null
    // Older servers leave the reporter of such events empty.
    let isNamed = discovery.version.minor >= 29
    event["reportingComponent"] = isNamed ? .string(component) : ""
    event["reportingInstance"] = isNamed ? .string(host ?? "") : ""
    storeEvent(
      event, manager: manager, apiVersion: "v1",
      fields: ["count", "firstTimestamp", "involvedObject", "lastTimestamp", "message", "reason", "type"],
      sourceFields: host == nil ? ["component"] : ["component", "host"])
  }

  /// Reports something as the scheduler does, in the newer form.
  func reportScheduling(_ pod: JSONValue, type: String, reason: String, message: String, action: String) {
    var event = blankEvent(pod)
    event["reason"] = .string(reason)
    event["message"] = .string(message)
    event["source"] = [:]
    event["firstTimestamp"] = .null
    event["lastTimestamp"] = .null
    event["type"] = .string(type)
    event["eventTime"] = .string(Timestamp.microseconds(time.now()))
    event["action"] = .string(action)
    event["reportingComponent"] = "default-scheduler"
    event["reportingInstance"] = "default-scheduler-simulated"
    storeEvent(
      event, manager: "kube-scheduler", apiVersion: "events.k8s.io/v1",
      fields: [
        "action", "eventTime", "note", "reason", "regarding", "reportingController", "reportingInstance", "type",
      ],
      sourceFields: [])
  }

  private func blankEvent(_ object: JSONValue) -> JSONValue {
    let namespace = object.namespace.isEmpty ? "default" : object.namespace
    var involved: JSONValue = ["kind": .string(object.kind)]
    if !object.namespace.isEmpty { involved["namespace"] = .string(object.namespace) }
    involved["name"] = .string(object.name)
    involved["uid"] = .string(object.uid)
    involved["apiVersion"] = object["apiVersion"]
    involved["resourceVersion"] = .string(object.resourceVersion)
    return [
      "kind": "Event", "apiVersion": "v1",
      "metadata": [
        "name": .string("\(object.name).\(eventSuffix())"), "namespace": .string(namespace),
        "uid": .string(random.uuid()),
        "creationTimestamp": .string(now),
      ],
      "involvedObject": involved,
    ]
  }

  /// The time in nanoseconds as hexadecimal digits, unique and growing.
  private func eventSuffix() -> String {
    let micros = UInt64(max(0, time.now().timeIntervalSince1970 * 1_000_000))
    return String(micros &* 1000 &+ UInt64(revision % 1000), radix: 16)
  }

  private func storeEvent(
    _ event: JSONValue, manager: String, apiVersion: String, fields: [String], sourceFields: [String]
  ) {
    guard find("namespaces", "", event.namespace)?.isBeingDeleted == false else { return }
    var event = event
    var set = FieldSet()
    for field in fields { set.children["f:\(field)"] = .member }
    if !sourceFields.isEmpty {
      var source = FieldSet()
      for field in sourceFields { source.children["f:\(field)"] = .member }
      set.children["f:source"] = source
    }
    var managed = ManagedFields(of: [:])
    managed.entries = [
      .init(manager: manager, operation: "Update", apiVersion: apiVersion, time: now, subresource: "", fields: set)
    ]
    event.set(managed.json, at: "metadata", "managedFields")
    persist(event, type: knownType("v1", "Event"))
  }
}
