// swift-tools-version: 6.2
import PackageDescription

// Measures what pgsonde claims, beside a floor in C that does the same work: make bench.
let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "pgsonde", path: "../..")],
    targets: [
        .target(name: "CFloor"),
        .target(name: "CMalloc"),
        .executableTarget(
            name: "Benchmarks", dependencies: ["CFloor", "CMalloc", .product(name: "Sonde", package: "pgsonde")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
            ]),
    ]
)
