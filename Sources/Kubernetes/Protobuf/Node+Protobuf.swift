/// Reads nodes from protobuf. Field numbers are those of k8s.io/api, core/v1/generated.proto, and of apimachinery,
/// pkg/apis/meta/v1/generated.proto; other fields are stepped over, `status.images` (8) above all, which is nearly all
/// of a node.
struct NodeDecoder {
  private var pool = TextPool()

  /// A node: metadata = 1, spec = 2, status = 3.
  mutating func node(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Node {
    var node = Node()
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: try metadata(value.message, &node.metadata)
      case 2: try spec(value.message, &node.spec)
      case 3: try status(value.message, &node.status)
      default: break
      }
    }
    return node
  }

  /// ObjectMeta, as much of it as `ObjectMeta.ofNode` keeps.
  private mutating func metadata(_ bytes: UnsafeRawBufferPointer, _ meta: inout ObjectMeta) throws(ProtobufError) {
    var labels: [String: String] = [:]
    // Clouds write ten to twenty; growing step by step would hash each several times.
    labels.reserveCapacity(16)
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: meta.name = pool.text(try value.message)
      case 5: meta.uid = pool.nonEmpty(try value.message)
      case 6: meta.resourceVersion = pool.nonEmpty(try value.message)
      case 8: meta.creationTimestamp = try time(value.message)
      case 9: meta.deletionTimestamp = try time(value.message)
      case 11:
        let (key, content) = try entry(value.message)
        labels[key] = content.map { pool.text($0) } ?? ""
      default: break
      }
    }
    meta.labels = labels
  }

  /// NodeSpec: providerID = 3, unschedulable = 4, taints = 5.
  private mutating func spec(_ bytes: UnsafeRawBufferPointer, _ spec: inout Node.Spec) throws(ProtobufError) {
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 3: spec.providerID = pool.nonEmpty(try value.message)
      case 4: spec.unschedulable = try value.integer != 0
      case 5: spec.taints.append(try taint(value.message))
      default: break
      }
    }
  }

  /// Taint: key = 1, value = 2, effect = 3.
  private mutating func taint(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Node.Taint {
    var taint = Node.Taint()
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: taint.key = pool.text(try value.message)
      case 2: taint.value = pool.nonEmpty(try value.message)
      case 3: taint.effect = pool.text(try value.message)
      default: break
      }
    }
    return taint
  }

  /// NodeStatus: capacity = 1, allocatable = 2, conditions = 4, addresses = 5, nodeInfo = 7.
  private mutating func status(_ bytes: UnsafeRawBufferPointer, _ status: inout Node.Status) throws(ProtobufError) {
    var (capacity, allocatable): ([String: Quantity], [String: Quantity]) = ([:], [:])
    capacity.reserveCapacity(8)
    allocatable.reserveCapacity(8)
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: try quantity(value.message, &capacity)
      case 2: try quantity(value.message, &allocatable)
      case 4: status.conditions.append(try condition(value.message))
      case 5: status.addresses.append(try address(value.message))
      case 7: try nodeInfo(value.message, &status.nodeInfo)
      default: break
      }
    }
    (status.capacity, status.allocatable) = (capacity, allocatable)
  }

  /// NodeCondition: type = 1, status = 2, lastTransitionTime = 4, reason = 5, message = 6.
  private mutating func condition(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Condition {
    var condition = Condition()
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: condition.type = pool.text(try value.message)
      case 2: condition.status = pool.text(try value.message)
      case 4: condition.lastTransitionTime = try time(value.message)
      case 5: condition.reason = pool.nonEmpty(try value.message)
      case 6: condition.message = pool.nonEmpty(try value.message)
      default: break
      }
    }
    return condition
  }

  /// NodeAddress: type = 1, address = 2.
  private mutating func address(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Node.Address {
    var address = Node.Address()
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: address.type = pool.text(try value.message)
      case 2: address.address = pool.text(try value.message)
      default: break
      }
    }
    return address
  }

  /// NodeSystemInfo: osImage = 5, containerRuntimeVersion = 6, kubeletVersion = 7, operatingSystem = 9, architecture = 10.
  private mutating func nodeInfo(_ bytes: UnsafeRawBufferPointer, _ info: inout Node.NodeInfo) throws(ProtobufError) {
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 5: info.osImage = pool.nonEmpty(try value.message)
      case 6: info.containerRuntimeVersion = pool.nonEmpty(try value.message)
      case 7: info.kubeletVersion = pool.text(try value.message)
      case 9: info.operatingSystem = pool.text(try value.message)
      case 10: info.architecture = pool.text(try value.message)
      default: break
      }
    }
  }

  /// An entry of a map of amounts; a Quantity is its text (apimachinery, pkg/api/resource/generated.proto: string = 1).
  private mutating func quantity(
    _ bytes: UnsafeRawBufferPointer, _ amounts: inout [String: Quantity]
  ) throws(ProtobufError) {
    let (key, content) = try entry(bytes)
    var amount = Quantity()
    if let content {
      var reader = WireReader(content)
      while let (number, value) = try reader.next() {
        if number == 1 { amount = try pool.quantity(value.message) }
      }
    }
    amounts[key] = amount
  }

  /// A map's entry: key = 1, value = 2.
  private mutating func entry(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ProtobufError) -> (key: String, value: UnsafeRawBufferPointer?) {
    var key = ""
    var content: UnsafeRawBufferPointer?
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      switch number {
      case 1: key = pool.text(try value.message)
      case 2: content = try value.message
      default: break
      }
    }
    return (key, content)
  }

  /// A meta/v1 Time (seconds = 1) as JSON has it. No time at all is written as 0.
  private mutating func time(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> String? {
    var seconds: Int64 = 0
    var reader = WireReader(bytes)
    while let (number, value) = try reader.next() {
      if number == 1 { seconds = try value.integer }
    }
    return seconds == 0 ? nil : Timestamp.text(unixSeconds: seconds)
  }
}
