// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "ntprof",
  products: [
    .executable(name: "ntprof", targets: ["ntprof"]),
    // What the command does, for other programs; its settings and records are of `Session` and `Profiling`.
    .library(name: "Session", targets: ["Session", "Profiling"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    // `swift package generate-documentation`; no target depends on it.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // C libraries: a module map and a header each. CDNNL first: its -L must precede other .pc files'.
    .systemLibrary(
      name: "CDNNL", pkgConfig: Context.environment["DNNL_PKG_CONFIG"],
      providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(
      name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CPAPI", providers: [.apt(["libpapi-dev"])]),
    .systemLibrary(name: "CCallgrind", providers: [.apt(["valgrind"])]),
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CMachine"),
    // What the program was built from; `make build` says it in NTPROF_COMMIT.
    .target(
      name: "CBuild",
      cSettings: Context.environment["NTPROF_COMMIT"].map {
        [.define("NTPROF_COMMIT", to: "\"\($0)\"")]
      } ?? []),

    // Swift over one C library each; nothing about networks.
    .target(name: "XMLTree", dependencies: ["CLibXML2"]),
    .target(name: "DNNL", dependencies: ["CDNNL"]),
    .target(name: "PAPI", dependencies: ["CPAPI"]),
    .target(name: "HTTP", dependencies: ["CCurl"]),

    // The system: files, then threads, processes and what the machine is. Nothing else sees the C library.
    .target(
      name: "Files",
      dependencies: ["CMachine", .product(name: "SystemPackage", package: "swift-system")]),
    .target(
      name: "Machine",
      dependencies: ["CMachine", "Files", .product(name: "SystemPackage", package: "swift-system")]),

    // The model: pure Swift.
    .target(
      name: "Topology", dependencies: [.product(name: "RealModule", package: "swift-numerics")]),
    .target(
      name: "Profiling", dependencies: [.product(name: "RealModule", package: "swift-numerics")]),

    // A graph and its weights by key.
    .target(name: "Model", dependencies: ["Topology", "Files"]),

    // ONNX's messages, generated from onnx.proto.
    .target(
      name: "ONNX", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["onnx.proto"]),

    // The model meets the libraries.
    .target(
      name: "TopologyXML",
      dependencies: [
        "Topology", "XMLTree", "Files", .product(name: "SystemPackage", package: "swift-system"),
      ],
      resources: [.embedInCode("Resources/language.xsd")]),
    .target(
      name: "Counters",
      dependencies: [
        "Profiling", "PAPI", "Machine", "CCallgrind", "Files",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(name: "Measuring", dependencies: ["Topology", "Profiling", "Machine"]),
    .target(
      name: "Execution",
      dependencies: [
        "Topology", "Profiling", "Measuring", "DNNL", "Machine",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Exporters",
      dependencies: [
        "Topology", "TopologyXML", "Model", "ONNX",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(
      name: "Importers",
      dependencies: [
        "Topology", "TopologyXML", "Model", "ONNX", "Profiling", "XMLTree", "Exporters", "Files",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Engines", dependencies: ["Topology", "Profiling", "Machine", "Exporters", "Files"],
      resources: [.embedInCode("Resources/worker.py")]),
    .target(
      name: "Reports",
      dependencies: ["Profiling", .product(name: "RealModule", package: "swift-numerics")]),
    // What the command does, as a library: it neither parses arguments nor prints.
    .target(
      name: "Session",
      dependencies: [
        "Topology", "TopologyXML", "Model", "Profiling", "Execution", "Measuring", "Counters",
        "Reports", "Machine", "Exporters", "Importers", "Engines", "Files", "HTTP",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // Arguments in, words out.
    .executableTarget(
      name: "ntprof",
      dependencies: [
        "Session", "Topology", "TopologyXML", "Model", "Profiling", "Execution", "Measuring",
        "Counters", "Reports", "Machine", "Exporters", "Importers", "Engines", "CBuild", "Files",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "RealModule", package: "swift-numerics"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests: one target a module, and what they share.
    // Its naive loops are most of what tests compute: optimised in debug builds, too.
    .target(
      name: "TestSupport", dependencies: ["Machine", "Topology", "Profiling"],
      path: "Tests/TestSupport",
      swiftSettings: [.unsafeFlags(["-O"])]),
    .executableTarget(
      name: "counter-probe", dependencies: ["Counters", "Profiling", "Machine", "PAPI"],
      path: "Tests/CounterProbe"),
    .testTarget(name: "XMLTreeTests", dependencies: ["XMLTree"]),
    .testTarget(name: "DNNLTests", dependencies: ["DNNL", "TestSupport"]),
    // Software-defined events, to test PAPI's event sets without hardware counters.
    .systemLibrary(name: "CSDE", path: "Tests/CSDE", providers: [.apt(["libpapi-dev"])]),
    .testTarget(name: "PAPITests", dependencies: ["PAPI", "CSDE"]),
    .testTarget(name: "FilesTests", dependencies: ["Files"]),
    .testTarget(name: "MachineTests", dependencies: ["Machine"]),
    .testTarget(name: "TopologyTests", dependencies: ["Topology", "TestSupport"]),
    .testTarget(
      name: "ModelTests",
      dependencies: ["Model", "Files", "Topology", "TopologyXML", "TestSupport"]),
    .testTarget(
      name: "TopologyXMLTests",
      dependencies: ["TopologyXML", "Topology", "XMLTree", "TestSupport", "schema-writer"]),
    // What is made of the layer kinds: the schema for editors and the tables of the guide.
    .executableTarget(
      name: "schema-writer", dependencies: ["TopologyXML", "Topology"],
      path: "Tests/SchemaWriter"),
    .testTarget(name: "ProfilingTests", dependencies: ["Profiling", "TestSupport"]),
    .testTarget(
      name: "CountersTests",
      dependencies: [
        "Counters", "Profiling", "Machine", "TestSupport", "counter-probe",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["FakePMU"]),
    .executableTarget(
      name: "kernel-probe", dependencies: ["Execution", "Measuring", "Topology", "TestSupport"],
      path: "Tests/KernelProbe", swiftSettings: [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "MeasuringTests",
      dependencies: [
        "Measuring", "Counters", "Machine", "Profiling", "Topology", "TestSupport",
      ]),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Execution", "Measuring", "Topology", "TopologyXML", "Profiling", "DNNL", "TestSupport",
        "kernel-probe", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "ExportersTests",
      dependencies: [
        "Exporters", "ONNX", "Topology", "TopologyXML", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .executableTarget(
      name: "conformance",
      dependencies: ["Importers", "Model", "Topology", "Execution", "Measuring"],
      path: "Tests/Conformance"),
    .testTarget(
      name: "ImportersTests",
      dependencies: [
        "Importers", "Model", "ONNX", "Topology", "Execution", "Measuring", "Exporters",
        "TopologyXML", "Profiling", "TestSupport", "conformance",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "EnginesTests",
      dependencies: [
        "Engines", "Exporters", "Topology", "TopologyXML", "Profiling", "TestSupport",
      ],
      exclude: ["Profiles"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "Profiling", "TestSupport"]),
    .testTarget(
      name: "SessionTests",
      dependencies: [
        "Session", "Engines", "Machine", "Measuring", "Profiling", "TestSupport",
      ]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "FuzzTargets", "HTTP", "ntprof", "Session", "Importers", "Machine", "Measuring", "Model",
        "Profiling", "TestSupport", "Topology", "TopologyXML",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ], exclude: ["ByHand"]),
    .testTarget(name: "ArchitectureTests"),
    // Readers of files, and documents changed at random: a program and a test drive them.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Counters", "Engines", "Execution", "Exporters", "Files", "HTTP", "Importers", "Measuring",
        "Model", "Profiling", "Reports", "Session", "Topology", "TopologyXML", "TestSupport",
      ],
      path: "Tests/FuzzTargets"),
    // Numbered cases in a child process that may crash.
    .target(name: "NumberedWork", dependencies: ["Machine", "Files"], path: "Tests/NumberedWork"),
    .executableTarget(
      name: "ntprof-fuzz", dependencies: ["FuzzTargets", "Files", "Machine", "NumberedWork"],
      path: "Tests/FuzzRunner"),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport", "ntprof-fuzz"],
      exclude: ["Crashes"]),
    // Random networks, what they are compared with, and what makes those that fail smaller.
    .target(
      name: "TortureTargets",
      dependencies: [
        "Engines", "Execution", "Exporters", "Files", "Measuring", "Topology", "TopologyXML",
        "TestSupport",
      ],
      path: "Tests/TortureTargets"),
    .executableTarget(
      name: "ntprof-torture",
      dependencies: [
        "TortureTargets", "Machine", "Files", "NumberedWork",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/TortureRunner"),
    .testTarget(
      name: "TortureTests",
      dependencies: [
        "TortureTargets", "ntprof-torture", "Topology", "TopologyXML", "TestSupport",
      ], exclude: ["Found"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
    ]
}
