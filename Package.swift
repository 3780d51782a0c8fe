// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "pgsonde",
    products: [
        .library(name: "Sonde", targets: ["Sonde"]),
        .library(name: "SondeDaemon", targets: ["SondeDaemon"]),
        .library(name: "SondeTesting", targets: ["SondeTesting"]),
        .executable(name: "pgsonde", targets: ["pgsonde"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
        // Without its trait, which would bring Foundation.
        .package(url: "https://github.com/swiftlang/swift-subprocess", .upToNextMinor(from: "1.0.2"), traits: []),
        .package(url: "https://github.com/apple/swift-system", .upToNextMinor(from: "1.8.1")),
    ],
    // In the order in which a number travels: from the server to the scrape.
    targets: [
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CGlibc"),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .target(name: "Sonde"),
        .target(name: "SondePostgres", dependencies: ["Sonde", "CLibPQ"]),
        .target(name: "SondeCollectors", dependencies: ["Sonde"]),
        .target(
            name: "SondeDaemon",
            dependencies: [
                "Sonde", "SondePostgres", "SondeCollectors", "CCrypt", "CGlibc", "CLibYAML", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "SondeTesting", dependencies: ["Sonde", "SondePostgres"]),
        .executableTarget(name: "pgsonde", dependencies: ["SondeDaemon"]),
        .testTarget(name: "SondeTests", dependencies: ["Sonde", "SondeTesting"]),
        .testTarget(name: "SondePostgresTests", dependencies: ["Sonde", "SondePostgres"]),
        .testTarget(name: "SondeCollectorsTests", dependencies: ["Sonde", "SondeCollectors", "SondeTesting"]),
        .testTarget(
            name: "SondeDaemonTests",
            dependencies: [
                "Sonde", "SondeDaemon", "SondeCollectors", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Sonde", "SondePostgres", "SondeCollectors", "SondeDaemon", "SondeTesting", "pgsonde",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Golden"]),
    ]
)

// One list of strict settings for every target of ours. PGSONDE_STRICT=1 (set by CI) turns warnings into errors, so that a new
// compiler or dependency never breaks a user's build; deprecations stay warnings even then.
let strict = Context.environment["PGSONDE_STRICT"] == "1"
for target in package.targets where target.type != .system {
    var settings: [SwiftSetting] = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .strictMemorySafety(),
    ]
    if strict {
        settings += [.treatAllWarnings(as: .error), .treatWarning("DeprecatedDeclaration", as: .warning)]
    }
    target.swiftSettings = (target.swiftSettings ?? []) + settings
}
