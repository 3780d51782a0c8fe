import ArgumentParser
import NIOCore
import NIOPosix
import Sonde

/// `pgsonde compare`: two metrics pages, family by family.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two metrics pages, family by family.",
        discussion: """
            Meant for two exporters that watch the same server: the page as it should be, then the one as it is. What may \
            differ between two moments, and what is each program's own, is known by rules; --rules prints them. Values of \
            the label server, unless a page has several, and labels that are empty, are not compared. On a server at work everything moves, so \
            compare the shape there.

            The exit code is 0 if the pages agree, 1 if they differ, and 2 if one cannot be read.
            """)

    @Argument(help: ArgumentHelp("A file, - for standard input, or http[s]://HOST[:PORT]/PATH.", valueName: "left"))
    var left: String?

    @Argument(help: ArgumentHelp("The other page.", valueName: "right"))
    var right: String?

    @Flag(help: "Compare families, types and names of labels only.")
    var shape = false

    @Option(
        help: ArgumentHelp("Compare only families of these names, with * and ?; may be repeated.", valueName: "pattern")
    )
    var only: [String] = []

    @Flag(help: "Print every difference, and not only the first ones of each family.")
    var all = false

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp(
            "Over https, trust certificates signed by those in this file, and not those that the system trusts.",
            valueName: "file"), completion: .file())
    var authorities: String?

    @Flag(help: "Over https, trust any certificate.")
    var insecure = false

    @Option(
        name: .customLong("netrc-file"),
        help: ArgumentHelp(
            "Users and passwords: machine HOST login USER password PASSWORD.", valueName: "file"), completion: .file())
    var logins: String?

    @Flag(help: "Print the rules, and end.")
    var rules = false

    /// The most lines of one family, unless all are wanted.
    private static let most = 5

    func validate() throws {
        if !rules, left == nil || right == nil { throw ValidationError("name two pages to compare") }
    }

    func run() async throws {
        if rules { return printRules() }
        guard let left, let right else { return }
        var access = PageRequest.Access(isInsecure: insecure)
        do {
            access.authorities = try authorities.map { try PageRequest.Access.certificates(in: $0) }
            access.logins = try logins.map { try NetrcFile(path: $0) }
        } catch { throw Setup.Failure("\(error)", exitCode: 2) }
        let pages = [try await page(left, access), try await page(right, access)]
        let comparison = Comparison(pages[0], pages[1], isShape: shape) { name in
            only.isEmpty || only.contains { Pattern.matches(name, $0) }
        }
        var counts: [String: Int] = [:]
        for difference in comparison.differences {
            counts[difference.family, default: 0] += 1
            if all || counts[difference.family, default: 0] <= Self.most { print(difference.text) }
        }
        if !all {
            for (family, count) in counts.sorted(by: { $0.key < $1.key }) where count > Self.most {
                print("... and \(count - Self.most) more of \(family)")
            }
        }
        print(
            "differences: \(comparison.differences.count), families in common: \(comparison.families), "
                + "samples equal: \(comparison.equal), compared by a rule: \(comparison.byRule)")
        if !comparison.differences.isEmpty { throw ExitCode(1) }
    }

    private func printRules() {
        for rule in ComparisonRule.all {
            let labels = rule.labels.isEmpty ? "" : "{\(rule.labels.map { "\($0)=\"\($1)\"" }.joined(separator: ","))}"
            let kind =
                switch rule.kind {
                case .grows: "not smaller in the second, but for rounding"
                case .anyValue: "same samples, any value"
                case .only(let names): "same \(names.joined(separator: " and ")), any value"
                case .common: "what both have, not smaller in the second, but for rounding"
                case .ignored: "not compared"
                }
            print("\(rule.families)\(labels): \(kind): \(rule.reason)")
        }
    }

    private func page(_ source: String, _ access: PageRequest.Access) async throws -> ScrapedPage {
        do {
            let page = try ScrapedPage(try await text(source, access))
            guard !page.families.isEmpty else {
                throw ScrapedPage.Fault(description: "has no samples, and so is no page")
            }
            return page
        } catch {
            throw Setup.Failure("\(Self.shown(source)): \(error)", exitCode: 2)
        }
    }

    /// The page's name, without a password that stands in it.
    private static func shown(_ source: String) -> Substring {
        let at = source.contains("://") ? source.lastIndex(of: "@") : nil
        return at.map { source[source.index(after: $0)...] } ?? source[...]
    }

    private func text(_ source: String, _ access: PageRequest.Access) async throws -> String {
        if source.hasPrefix("http://") || source.hasPrefix("https://") {
            return try await PageRequest(source).text(access)
        }
        let path = source == "-" ? "/dev/stdin" : source
        let bytes = try BoundedFile.read(path, atMost: 1 << 30).bytes
        guard !bytes.starts(with: [0x1F, 0x8B]) else {
            throw ScrapedPage.Fault(description: "is compressed: gunzip it")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
