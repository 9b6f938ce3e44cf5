// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every Swift target. Each feature names its proposal.
let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
  .treatAllWarnings(as: .error),  // SE-0443
]

/// A Swift target with the house settings. The files below Resources that it embeds become bytes in its code, so the
/// program stays one file: `values.yaml` is `PackageResources.values_yaml`.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], embeds files: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: files.map { .embedInCode("../../Resources/\($0)") },
    swiftSettings: swiftSettings)
}

/// The stand-in chart's files; a folder cannot be embedded as a whole.
let standInChart = [
  "Chart.yaml", "values.yaml", "values.schema.json", "examples/AKE_values.yaml", "examples/AWS_values.yaml",
  "templates/NOTES.txt", "templates/_helpers.tpl", "templates/configmap.yaml", "templates/deployment.yaml",
  "templates/image-builder.yaml", "templates/rbac.yaml", "templates/serviceaccount.yaml",
].map { "chart/datarobot-management-agent/\($0)" }

/// The tests of one module. What they share stands in TestSupport.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name,
    dependencies: dependencies + [
      "TestSupport",
      .product(name: "CustomDump", package: "swift-custom-dump"),
      // Without it a failed expectNoDifference passes silently under Swift Testing.
      .product(name: "IssueReportingTestSupport", package: "xctest-dynamic-overlay"),
    ],
    swiftSettings: swiftSettings)
}

/// The program is looked up and relocated each time it starts: its 54,000 addresses are written in their packed form,
/// which gold cannot, and no symbol is offered to libraries that ask for none.
let quickStart = [
  "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic",
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let flyingFox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let orderedCollections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")

let package = Package(
  name: "mlops-setup",
  products: [.executable(name: "mlops-setup", targets: ["mlops-setup"])],
  dependencies: [
    // The command line: parsing, help, completion.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Children with their own process group, timeouts and bounded output; `traits: []` leaves Foundation out.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    // Needed by swift-subprocess' API (FilePath, Errno).
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    // Answers, values and plans keep the order they were written in.
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    // The expiry date of a client certificate is read from its DER.
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
    // FlyingSocks: sockets of the simulated world. FlyingFox, the HTTP server over them, is for tests alone: it links
    // Foundation and URLSession, which are 45 MB and libcurl.
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
    // Tests: readable differences of large values.
    .package(url: "https://github.com/pointfreeco/swift-custom-dump", from: "1.7.0"),
    .package(url: "https://github.com/pointfreeco/xctest-dynamic-overlay", from: "1.13.0"),
  ],
  targets: [
    // C libraries, behind one module map each. No pkg-config for ncursesw: SwiftPM refuses its -D flags.
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    // Loads libcurl (libcurl4-openssl-dev) with the first request; linked, its thirty libraries doubled the time to start.
    .target(name: "CCurl"),
    .target(name: "CTerminalSupport"),

    module("Text"),
    module("YAML", ["CYAML"]),
    module("HTTP", ["CCurl"]),
    module("Kubernetes", ["HTTP", "YAML", "Text", orderedCollections, asn1]),
    module("Registry", ["HTTP", "Text"]),
    module(
      "SetupCore",
      ["Kubernetes", "Registry", "HTTP", "YAML", "Text", orderedCollections, subprocess, systemPackage],
      embeds: ["requirements.yaml", "preflight-report.schema.json"]),
    module("Screen", ["Text"]),
    module("Wizard", ["SetupCore", "Screen", "Text"]),
    module("Terminal", ["Screen", "CNcurses", "CTerminalSupport"]),
    module("Simulator", ["Kubernetes", "YAML", flyingSocks, orderedCollections], embeds: standInChart),
    module(
      "Commands",
      ["SetupCore", "Wizard", "Terminal", "Screen", "Simulator", "Kubernetes", "HTTP", "Text", argumentParser]),
    .executableTarget(
      name: "mlops-setup", dependencies: ["Commands"], swiftSettings: swiftSettings,
      linkerSettings: [.unsafeFlags(quickStart, .when(platforms: [.linux], configuration: .release))]),

    .target(
      name: "TestSupport", dependencies: ["Commands", "HTTP", "Screen", "SetupCore", subprocess, systemPackage],
      path: "Tests/Support", exclude: ["TerminalProbe", "helm", "cloud", "docker"], swiftSettings: swiftSettings),
    // Shows what the terminal reports; the tests drive it inside tmux.
    .executableTarget(
      name: "terminal-probe", dependencies: ["Terminal", "Screen"],
      path: "Tests/Support/TerminalProbe", swiftSettings: swiftSettings),
    tests("TextTests", ["Text"]),
    tests("YAMLTests", ["YAML"]),
    tests("HTTPTests", ["HTTP", flyingFox, flyingSocks]),
    tests("KubernetesTests", ["Text", "Kubernetes", "HTTP", "YAML"]),
    tests("RegistryTests", ["Registry", "HTTP", "Simulator"]),
    tests(
      "SetupCoreTests",
      ["Text", "SetupCore", "Kubernetes", "Registry", "HTTP", "YAML", "Simulator", orderedCollections]),
    tests("WizardTests", ["Text", "Wizard", "SetupCore", "Screen", "YAML"]),
    tests("ScreenTests", ["Text", "Screen"]),
    tests("TerminalTests", ["Terminal", "Screen", "terminal-probe"]),
    tests("SimulatorTests", [flyingSocks, orderedCollections, "Simulator", "Kubernetes", "HTTP"]),
    tests("CommandsTests", ["Text", "Commands", "Wizard", "Screen", "SetupCore", "Kubernetes", "HTTP"]),
    tests("EndToEndTests", ["Text", "Commands", "SetupCore", "Simulator", "Kubernetes", "HTTP", orderedCollections]),
  ]
)
