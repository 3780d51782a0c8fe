import Foundation
import Testing

@Suite("The guide for collectors in Swift")
struct GuideTests {
    /// A block of code, and the file that the guide says it is.
    private struct Block {
        let path: String?
        let text: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func blocks() throws -> [Block] {
        let parts = try text("Sources/Sonde/Sonde.docc/CollectorsInSwift.md").components(separatedBy: "```")
        return stride(from: 1, to: parts.count, by: 2).map { index in
            let name = parts[index - 1].split(separator: "\n").last { !$0.isEmpty }
            let isName = name?.hasPrefix("`") == true && name?.hasSuffix("`:") == true
            return Block(
                path: isName ? name.map { String($0.dropFirst().dropLast(2)) } : nil,
                text: String(parts[index].drop { $0 != "\n" }.dropFirst()))
        }
    }

    @Test(
        "shows what is built and tested: each block is a file of the stranger's package, which differs in where pgsonde is"
    )
    func blocks() throws {
        let blocks = try Self.blocks()
        #expect(blocks.count > 5)
        for block in blocks {
            let path = try #require(block.path, "no file is named before \(block.text)")
            let file = try Self.text("Tests/ThirdParty/\(path)")
            #expect(block.text.replacing("\"../pgsonde\"", with: "\"../..\"") == file, "\(path)")
        }
    }

    @Test("names metrics of pgsonde's own that there are")
    func metrics() throws {
        let guide = try Self.text("Sources/Sonde/Sonde.docc/CollectorsInSwift.md")
        let names = guide.matches(of: /pgsonde_[a-z_]+/).map { String($0.0) }
        #expect(names.count > 2)
        let known = try Self.text("Sources/SondeDaemon/Publish/SelfMetrics.swift")
        for name in names { #expect(known.contains("\"\(name)\""), "\(name)") }
    }
}
