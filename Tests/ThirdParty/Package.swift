// swift-tools-version: 6.2
import PackageDescription

// A stranger's package: it sees pgsonde's products and nothing else.
let package = Package(
    name: "pgsonde-queue",
    dependencies: [.package(name: "pgsonde", path: "../..")],
    targets: [
        .target(name: "QueueCollectors", dependencies: [.product(name: "Sonde", package: "pgsonde")]),
        .executableTarget(
            name: "queue-sonde",
            dependencies: ["QueueCollectors", .product(name: "SondeDaemon", package: "pgsonde")]),
        .testTarget(
            name: "QueueCollectorsTests",
            dependencies: [
                "QueueCollectors", .product(name: "Sonde", package: "pgsonde"),
                .product(name: "SondeTesting", package: "pgsonde"),
            ]),
    ]
)
