/// A node (core/v1).
public struct Node: Sendable, Equatable, Codable {}
/// An ingress class (networking.k8s.io/v1).
public struct IngressClass: Sendable, Equatable, Codable {}
/// A namespace (core/v1).
public struct Namespace: Sendable, Equatable, Codable {}
