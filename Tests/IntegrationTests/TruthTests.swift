import Foundation
import Testing

extension PageServerTests {
    struct TruthTests {
        @Test("what the page shows lies between what the server said before and after", arguments: PageServers.all)
        func truth(major: Int, isStandby: Bool) async throws {
            let server = try await PageServers.shared.server(major, isStandby: isStandby)
            let cases = TruthCase.all.filter { $0.majors.contains(major) && $0.onStandby ?? isStandby == isStandby }
            let (before, text, after) =
                isStandby
                ? try await Self.round(server, cases)
                : try await server.withWork { try await Self.round(server, cases) }
            let page = try PageText(text)
            var checked = 0
            for (index, wanted) in cases.enumerated() {
                checked += Self.compare(wanted, before[index], page, after[index], on: server)
            }
            // So that it does not go unnoticed if the truth is asked for and never given.
            #expect(checked > 300, "\(server.testDescription): only \(checked) values were checked")
        }

        /// The truth, the page, the truth again.
        private static func round(
            _ server: PageServer, _ cases: [TruthCase]
        ) async throws -> ([[[String]: Double]], String, [[[String]: Double]]) {
            // Statistics of sessions that have just ended may be on their way until 14.
            try await Task.sleep(for: .seconds(server.major < 15 ? 2 : 1))
            return (try await ask(server, cases), try await server.once(), try await ask(server, cases))
        }

        /// The values by labels that the cases' SQL gives; NULL is none.
        static func ask(_ server: PageServer, _ cases: [TruthCase]) async throws -> [[[String]: Double]] {
            var answers = [[[String]: Double]](repeating: [:], count: cases.count)
            for database in Set(cases.map(\.database)) {
                let script = cases.indices.filter { cases[$0].database == database }
                    .map { "\\echo @@ \($0)\n\(cases[$0].sql);\n" }.joined()
                var current = 0
                for line in try await server.sql(script, database: database).split(separator: "\n") {
                    if line.hasPrefix("@@ ") {
                        current = try #require(Int(line.dropFirst(3)))
                        continue
                    }
                    let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                    guard let last = cells.last, !last.isEmpty else { continue }
                    guard let number = Double(last) else {
                        throw PageText.Fault(description: "no number: \(cases[current].sql): \(line)")
                    }
                    answers[current][cells.dropLast()] = number
                }
            }
            return answers
        }

        /// Compares a family with its truth.
        ///
        /// - Returns: how many values there were to compare.
        static func compare(
            _ wanted: TruthCase, _ before: [[String]: Double], _ page: PageText, _ after: [[String]: Double],
            on server: PageServer
        ) -> Int {
            var ours: [[String]: Double] = [:]
            for sample in page.samples(wanted.family) {
                // A truth that was asked of one database says nothing of the others.
                if wanted.labels.contains("datname"), wanted.database != "postgres",
                    sample.labels["datname"] != wanted.database
                {
                    continue
                }
                // What a limit leaves without a name begins at 0, and so few rows are all named.
                if wanted.labels.contains(where: {
                    ["relname", "funcname"].contains($0) && sample.labels[$0] == "other"
                }) {
                    #expect(sample.value == 0, "\(server.testDescription): \(wanted.family)")
                    continue
                }
                // Some truths are sums over labels that the page has and the SQL does not.
                ours[wanted.labels.map { sample.labels[$0] ?? "?" }, default: 0] += sample.value
            }
            var count = 0
            for (labels, first) in before {
                guard let last = after[labels] else { continue }
                guard let value = ours.removeValue(forKey: labels) else {
                    Issue.record("\(server.testDescription): \(wanted.family) \(labels) is missing: it is \(last)")
                    continue
                }
                count += 1
                let (low, high) = (min(first, last), max(first, last))
                // What is printed in decimal may differ from what was read in the last places.
                let slack = 2e-6 + high.magnitude.ulp * 2
                #expect(
                    low - slack <= value && value <= high + slack,
                    "\(server.testDescription): \(wanted.family) \(labels): \(first) before, \(value) on the page, \(last) after"
                )
            }
            for (labels, value) in ours where wanted.isWhole && before[labels] == nil && after[labels] == nil {
                Issue.record(
                    "\(server.testDescription): \(wanted.family) \(labels) is \(value), but there is no such thing")
            }
            return count
        }
    }
}
