/// The messages of the kinds that kubectl's and Helm's typed clients write (k8s.io/api, generated.proto).
extension ProtobufMessage {
  /// By kind.
  static let kinds: [String: ProtobufMessage] = [
    "Secret": secret,
    "DeleteOptions": deleteOptions,
    "Namespace": object(spec: ProtobufMessage(fields: [1: .strings("finalizers")])),
    "ConfigMap": ProtobufMessage(fields: [
      1: .message("metadata", metadata), 2: .stringMap("data"), 3: .bytesMap("binaryData"), 4: .flag("immutable"),
    ]),
    "ServiceAccount": ProtobufMessage(fields: [
      1: .message("metadata", metadata), 2: .messages("secrets", objectReference),
      3: .messages("imagePullSecrets", ProtobufMessage(fields: [1: .string("name")])),
      4: .flag("automountServiceAccountToken"),
    ]),
    "Role": ProtobufMessage(fields: [1: .message("metadata", metadata), 2: .messages("rules", policyRule)]),
    "ClusterRole": ProtobufMessage(fields: [
      1: .message("metadata", metadata), 2: .messages("rules", policyRule), 3: .ignored,
    ]),
    "RoleBinding": binding,
    "ClusterRoleBinding": binding,
    "SelfSubjectAccessReview": object(spec: accessReviewSpec),
    "SubjectAccessReview": object(spec: accessReviewSpec),
    "LocalSubjectAccessReview": object(spec: accessReviewSpec),
    "SelfSubjectRulesReview": object(spec: ProtobufMessage(fields: [1: .string("namespace")])),
    "SelfSubjectReview": ProtobufMessage(fields: [1: .message("metadata", metadata), 2: .ignored]),
    "TokenRequest": object(
      spec: ProtobufMessage(fields: [
        1: .strings("audiences"),
        3: .message(
          "boundObjectRef",
          ProtobufMessage(fields: [1: .string("kind"), 2: .string("apiVersion"), 3: .string("name"), 4: .string("uid")])
        ),
        4: .integer("expirationSeconds"),
      ])),
    "Deployment": object(
      spec: ProtobufMessage(fields: [
        1: .integer("replicas"), 2: .message("selector", labelSelector), 3: .message("template", podTemplate),
        4: .message("strategy", ProtobufMessage(fields: [1: .string("type")])), 5: .integer("minReadySeconds"),
        6: .integer("revisionHistoryLimit"), 7: .ignored, 9: .integer("progressDeadlineSeconds"),
      ])),
  ]

  /// An object with metadata, spec and a status that is the server's.
  private static func object(spec: ProtobufMessage) -> ProtobufMessage {
    ProtobufMessage(fields: [1: .message("metadata", metadata), 2: .message("spec", spec), 3: .ignored])
  }

  private static let objectReference = ProtobufMessage(fields: [
    1: .string("kind"), 2: .string("namespace"), 3: .string("name"), 4: .string("uid"), 5: .string("apiVersion"),
    6: .string("resourceVersion"), 7: .string("fieldPath"),
  ])

  private static let policyRule = ProtobufMessage(fields: [
    1: .strings("verbs"), 2: .strings("apiGroups"), 3: .strings("resources"), 4: .strings("resourceNames"),
    5: .strings("nonResourceURLs"),
  ])

  private static let binding = ProtobufMessage(fields: [
    1: .message("metadata", metadata),
    2: .messages(
      "subjects",
      ProtobufMessage(fields: [1: .string("kind"), 2: .string("apiGroup"), 3: .string("name"), 4: .string("namespace")])
    ),
    3: .message("roleRef", ProtobufMessage(fields: [1: .string("apiGroup"), 2: .string("kind"), 3: .string("name")])),
  ])

  private static let accessReviewSpec = ProtobufMessage(fields: [
    1: .message(
      "resourceAttributes",
      ProtobufMessage(fields: [
        1: .string("namespace"), 2: .string("verb"), 3: .string("group"), 4: .string("version"), 5: .string("resource"),
        6: .string("subresource"), 7: .string("name"), 8: .ignored, 9: .ignored,
      ])),
    2: .message("nonResourceAttributes", ProtobufMessage(fields: [1: .string("path"), 2: .string("verb")])),
    3: .string("user"), 4: .strings("groups"), 5: .ignored, 6: .string("uid"),
  ])

  private static let labelSelector = ProtobufMessage(fields: [
    1: .stringMap("matchLabels"),
    2: .messages(
      "matchExpressions", ProtobufMessage(fields: [1: .string("key"), 2: .string("operator"), 3: .strings("values")])),
  ])

  /// As `kubectl create deployment` fills it; other fields are refused.
  private static let podTemplate = ProtobufMessage(fields: [
    1: .message("metadata", metadata),
    2: .message(
      "spec",
      ProtobufMessage(fields: [
        2: .messages("containers", container), 3: .string("restartPolicy"),
        4: .integer("terminationGracePeriodSeconds"),
        6: .string("dnsPolicy"), 7: .stringMap("nodeSelector"), 8: .string("serviceAccountName"),
        9: .string("serviceAccount"), 10: .string("nodeName"), 11: .ignored, 12: .ignored, 13: .ignored,
        16: .string("hostname"), 17: .string("subdomain"), 19: .string("schedulerName"),
        24: .string("priorityClassName"),
      ])),
  ])

  private static let container = ProtobufMessage(fields: [
    1: .string("name"), 2: .string("image"), 3: .strings("command"), 4: .strings("args"), 5: .string("workingDir"),
    6: .messages(
      "ports",
      ProtobufMessage(fields: [
        1: .string("name"), 2: .integer("hostPort"), 3: .integer("containerPort"), 4: .string("protocol"),
        5: .string("hostIP"),
      ])),
    8: .ignored, 13: .string("terminationMessagePath"), 14: .string("imagePullPolicy"), 16: .ignored, 17: .ignored,
    18: .ignored, 20: .string("terminationMessagePolicy"),
  ])
}
