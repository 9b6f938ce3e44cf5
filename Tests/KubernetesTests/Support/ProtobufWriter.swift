/// Writes protobuf messages, field by field, as an API server does.
struct ProtobufWriter {
  var bytes: [UInt8] = []

  static func message(_ fill: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    fill(&writer)
    return writer.bytes
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func number(_ field: UInt64, _ value: UInt64) {
    varint(field << 3)
    varint(value)
  }

  mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
    varint(field << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func text(_ field: UInt64, _ value: String) { bytes(field, Array(value.utf8)) }

  mutating func message(_ field: UInt64, _ fill: (inout ProtobufWriter) -> Void) { bytes(field, Self.message(fill)) }

  mutating func entry(_ field: UInt64, _ key: String, _ value: [UInt8]) {
    message(field) {
      $0.text(1, key)
      $0.bytes(2, value)
    }
  }

  mutating func quantity(_ field: UInt64, _ key: String, _ amount: String) {
    entry(field, key, Self.message { $0.text(1, amount) })
  }

  /// A list as it is sent: prefix, envelope, metadata, items.
  static func list(
    _ items: [[UInt8]], kind: String = "NodeList", continuation: String = "", resourceVersion: String = "7"
  ) -> [UInt8] {
    let raw = message {
      $0.message(1) {
        $0.text(1, "")
        $0.text(2, resourceVersion)
        $0.text(3, continuation)
        $0.number(4, 3)
      }
      for item in items { $0.bytes(2, item) }
    }
    return [0x6B, 0x38, 0x73, 0x00]
      + message {
        $0.message(1) {
          $0.text(1, "v1")
          $0.text(2, kind)
        }
        $0.bytes(2, raw)
        $0.text(3, "")
        $0.text(4, "")
      }
  }

  /// A node with that name and, besides what is read, what real nodes have and no check reads.
  static func node(_ name: String) -> [UInt8] {
    message {
      $0.message(1) {
        $0.text(1, name)
        $0.text(2, "")
        $0.text(3, "")
        $0.text(5, "7e5c2f5e-1cf5-4b51-9a35-0d6c1f1b2a3c")
        $0.text(6, "1234")
        $0.number(7, 0)
        $0.message(8) {
          $0.number(1, 1_795_501_767)
          $0.number(2, 0)
        }
        $0.entry(11, "kubernetes.io/arch", Array("amd64".utf8))
        $0.entry(11, "node-role.kubernetes.io/control-plane", [])
        $0.entry(12, "volumes.kubernetes.io/controller-managed-attach-detach", Array("true".utf8))
        $0.message(17) { $0.text(1, "kubelet") }
      }
      $0.message(2) {
        $0.text(1, "10.244.0.0/24")
        $0.text(3, "kind://docker/kind/\(name)")
        $0.number(4, 1)
        $0.message(5) {
          $0.text(1, "node-role.kubernetes.io/control-plane")
          $0.text(2, "")
          $0.text(3, "NoSchedule")
        }
      }
      $0.message(3) {
        $0.quantity(1, "cpu", "8")
        $0.quantity(2, "cpu", "7910m")
        $0.quantity(2, "memory", "15Gi")
        $0.quantity(2, "ephemeral-storage", "100G")
        $0.text(3, "")
        $0.message(4) {
          $0.text(1, "Ready")
          $0.text(2, "True")
          $0.message(3) { $0.number(1, 1_795_501_900) }
          $0.message(4) { $0.number(1, 1_795_501_767) }
          $0.text(5, "KubeletReady")
          $0.text(6, "kubelet is posting ready status")
        }
        $0.message(5) {
          $0.text(1, "InternalIP")
          $0.text(2, "10.0.0.7")
        }
        $0.message(7) {
          $0.text(1, "machine")
          $0.text(5, "Debian GNU/Linux 12 (bookworm)")
          $0.text(6, "containerd://1.7.2")
          $0.text(7, "v1.30.2")
          $0.text(9, "linux")
          $0.text(10, "amd64")
        }
        for index in 0..<50 {
          $0.message(8) {
            $0.text(1, "registry.example/team/image-\(index)@sha256:\(String(repeating: "a", count: 64))")
            $0.number(2, 123_456_789)
          }
        }
      }
    }
  }

  /// The same node in JSON.
  static func nodeJSON(_ name: String) -> String {
    """
    {"metadata":{"name":"\(name)","uid":"7e5c2f5e-1cf5-4b51-9a35-0d6c1f1b2a3c","resourceVersion":"1234",
     "creationTimestamp":"2026-11-24T06:29:27Z","labels":{"kubernetes.io/arch":"amd64","node-role.kubernetes.io/control-plane":""},
     "annotations":{"volumes.kubernetes.io/controller-managed-attach-detach":"true"},"managedFields":[{"manager":"kubelet"}]},
     "spec":{"podCIDR":"10.244.0.0/24","providerID":"kind://docker/kind/\(name)","unschedulable":true,
      "taints":[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}]},
     "status":{"capacity":{"cpu":"8"},"allocatable":{"cpu":"7910m","memory":"15Gi","ephemeral-storage":"100G"},
      "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-24T06:29:27Z","reason":"KubeletReady",
       "message":"kubelet is posting ready status"}],
      "addresses":[{"type":"InternalIP","address":"10.0.0.7"}],
      "nodeInfo":{"machineID":"machine","osImage":"Debian GNU/Linux 12 (bookworm)","containerRuntimeVersion":"containerd://1.7.2",
       "kubeletVersion":"v1.30.2","operatingSystem":"linux","architecture":"amd64"},
      "images":[{"names":["registry.example/team/image"],"sizeBytes":123456789}]}}
    """
  }
}
