// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that building the product never builds it.
let package = Package(
    name: "growth-engine-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "growth-engine", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "DecideBenchmark",
            dependencies: [
                .product(name: "Shared", package: "growth-engine"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        )
    ]
)
