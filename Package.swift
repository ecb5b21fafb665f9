// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "growth-engine",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "growth-intake", targets: ["growth-intake"]),
        .executable(name: "growth-worker", targets: ["growth-worker"]),
        .executable(name: "growth-dashboard", targets: ["growth-dashboard"]),
        .executable(name: "growthctl", targets: ["growthctl"]),
        // For the Benchmarks package.
        .library(name: "Shared", targets: ["Shared"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // The traits that Hummingbird switches on by default pull in a configuration system that we do not use.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Shared/Core: pure Swift. No C, no sockets, no files, no clock of its own.
        .target(
            name: "Shared",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            path: "Sources/Shared/Core"
        ),
        // Adapter: the Redis lists.
        .target(name: "SharedRedis", dependencies: ["Shared", "CHiredis"], path: "Sources/Shared/Redis"),
        // Adapter: the database.
        .target(
            name: "SharedStore",
            dependencies: [
                "Shared", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Sources/Shared/Store"
        ),
        // Adapter: what is sent out over HTTP.
        .target(
            name: "SharedOutgoing",
            dependencies: [
                "Shared",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Shared/Outgoing"
        ),
        // What every executable needs to run: logs, environment, process lifecycle.
        .target(
            name: "SharedRuntime",
            dependencies: [
                "Shared",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Shared/Runtime"
        ),
        // Debian's libhiredis. No pkgConfig: the flags it prints are refused by the build.
        .systemLibrary(name: "CHiredis", path: "Sources/CHiredis", providers: [.apt(["libhiredis-dev"])]),
        // Debian's zlib, which decodes compressed webhooks.
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
        // Two hashes of one body at the price of one; see docs/decisions/0021.
        .target(name: "CDigest", path: "Sources/CDigest"),
        .executableTarget(
            name: "growth-intake",
            dependencies: [
                "CDigest", "CZlib", "Shared", "SharedRedis", "SharedRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Intake"
        ),
        .executableTarget(
            name: "growth-worker",
            dependencies: [
                "Shared", "SharedOutgoing", "SharedRedis", "SharedStore", "SharedRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Worker"
        ),
        .executableTarget(
            name: "growth-dashboard",
            dependencies: [
                "Shared", "SharedStore", "SharedRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Dashboard",
            resources: [.copy("Page")]
        ),
        .executableTarget(
            name: "growthctl",
            dependencies: [
                "Shared", "SharedOutgoing", "SharedRedis", "SharedStore", "SharedRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Ops"
        ),

        // Seeds, process runners and servers on free ports, shared by the test targets.
        .target(name: "TestSupport", dependencies: ["Shared"], path: "Tests/TestSupport"),
        // A whole installation under load with things going wrong: for deploy/chaos and the end-to-end tests.
        .target(
            name: "Chaos",
            dependencies: ["TestSupport", .product(name: "GRDB", package: "GRDB.swift")],
            path: "Tests/Chaos"
        ),
        .executableTarget(
            name: "growth-chaos",
            dependencies: ["Chaos", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/ChaosCommand"
        ),
        // What the books must hold, by another implementation: it depends on nothing of the engine.
        .target(name: "MoneyModel", path: "Tests/MoneyModel"),
        .target(
            name: "MoneyCheck",
            dependencies: [
                "MoneyModel", "Shared", "SharedStore", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/MoneyCheck"
        ),
        .executableTarget(
            name: "growth-quarter",
            dependencies: [
                "MoneyCheck", "MoneyModel", "Shared", "SharedStore", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/QuarterCommand"
        ),
        .executableTarget(
            name: "growth-measure",
            dependencies: [
                "Shared", "SharedStore", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/MeasureCommand"
        ),
        .testTarget(
            name: "MoneyTests",
            dependencies: [
                "MoneyCheck", "MoneyModel", "growth-worker", "growthctl", "Shared", "SharedStore",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "SharedTests",
            dependencies: ["Shared", "TestSupport", .product(name: "Crypto", package: "swift-crypto")],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "SharedRuntimeTests",
            dependencies: [
                "Shared", "SharedRuntime", "TestSupport", .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "SharedRedisTests", dependencies: ["Shared", "SharedRedis", "TestSupport"]),
        .testTarget(
            name: "SharedStoreTests",
            dependencies: [
                "Shared", "SharedStore", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "IntakeTests",
            dependencies: [
                "CZlib", "growth-intake", "Shared", "SharedRedis", "SharedRuntime", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "growth-worker", "Shared", "SharedOutgoing", "SharedRedis", "SharedRuntime", "SharedStore",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "OpsTests",
            dependencies: [
                "growthctl", "growth-intake", "growth-worker", "growth-dashboard", "Shared", "SharedRedis",
                "SharedStore", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(
            name: "DashboardTests",
            dependencies: [
                "growth-dashboard", "Shared", "SharedStore", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "growth-intake", "growth-worker", "growth-dashboard", "growthctl", "Chaos", "Shared",
                "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        // Targets for fuzzing: a few seconds each in the suite, for long with libFuzzer (deploy/fuzz).
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Shared", "SharedRedis", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Found", "LibFuzzer"]
        ),
        .testTarget(name: "TidyTests"),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        // `any` in front of every existential: its cost stays visible (SE-0335).
        .enableUpcomingFeature("ExistentialAny"),
        // A member is usable only where its module is imported (SE-0444).
        .enableUpcomingFeature("MemberImportVisibility"),
        // An import is private to the target unless it says otherwise (SE-0409).
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
