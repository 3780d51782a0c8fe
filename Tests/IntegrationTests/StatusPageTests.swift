import Foundation
import Testing

/// The status page as a browser and a strict reader of HTML see it, with the worst names there are.
@Suite(.enabled(if: TestServers.isAvailable))
struct StatusPageTests {
    private static let hostile =
        #"x" onmouseover="document.title='ran'"><img src=x onerror="document.title='ran'"></td>"#
        + #"<script>document.title='ran'</script>'"#

    @Test("hostile names of servers and databases do nothing in a browser, which shows them as they are")
    func hostile() async throws {
        let server = try #require(TestServers.all.last)
        let name = String(Self.hostile.prefix(63))
        let quoted = name.replacing("\"", with: "\"\"")
        try Shell.psql(server, "CREATE DATABASE \"\(quoted)\"")
        try Shell.psql(
            server,
            "CREATE FUNCTION bad() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE '%', current_database(); END $$",
            database: name)
        defer { _ = try? Shell.psql(server, "DROP DATABASE \"\(quoted)\" WITH (FORCE)") }
        let yaml = { (text: String) in "'\(text.replacing("'", with: "''"))'" }
        let configuration = """
            servers:
              - name: \(yaml(Self.hostile))
                host: \(server.host)
                port: \(server.port)
                user: monitor
                password_file: '{folder}/password'
                dbname: \(yaml(name))
              - {name: dead, host: 127.0.0.1, port: 1}
            collectors_dir: d
            """
        let bad = """
            name: bad
            help: A function that fails with the database's name (bad())
            from: (SELECT public.bad() AS n) AS b
            columns: [{gauge: n, sql: b.n, help: Never (bad())}]
            every: 1s
            """
        let files = ["d/bad.yaml": bad, "password": "monitor\n"]
        try await withDaemon(configuration, files: files) { daemon in
            try await eventually("all have run, and bad has twice") {
                let text = try await daemon.get("/status.json").text
                let document = try Self.decoder.decode(Document.self, from: Data(text.utf8))
                let first = try #require(document.servers.first { $0.name == Self.hostile })
                let bad = first.collectors.first { $0.name == "bad" }
                return first.up && bad?.durationsSeconds?.count ?? 0 > 1 && bad?.detail?.contains(name) == true
                    && document.servers.contains { $0.name == "dead" && !$0.up && $0.reason == "network" }
            }
            let path = "/status?server=\(Self.encoded(Self.hostile))"
            for path in ["/", path] {
                let page = try await daemon.get(path)
                #expect(page.status == 200)
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.hasPrefix("default-src 'none'; style-src 'nonce-"))
                let read = try await Self.read(page.text)
                #expect(read.faults.isEmpty, "\(path)")
                #expect(Set(read.tags).isDisjoint(with: ["script", "img", "iframe", "link", "object", "form", "base"]))
                #expect(!read.attributes.contains { $0.hasPrefix("on") || ["src", "style"].contains($0) })
                #expect(read.targets.allSatisfy { $0.hasPrefix("./") }, "\(read.targets)")
                #expect(read.text.contains(Self.hostile) && read.text.contains(name), "\(path)")
                #expect(read.tags.contains("polyline"))
            }
            guard let browser = TestServers.shared?.tools.browser else {
                print("NOTE: there is no browser here: the status page was read by a parser only")
                return
            }
            for (path, width) in [("/", 1_100), (path, 390)] {
                let result = try await DaemonProgram.run(
                    [
                        "--user-data-dir={folder}/profile", "--window-size=\(width),900", "--dump-dom",
                        "http://\(daemon.address)\(path)",
                    ], environment: ["XDG_CACHE_HOME": "{folder}"], program: browser)
                #expect(result.code == 0, "\(result.error.suffix(500))")
                let seen = try await Self.read(result.output)
                #expect(seen.title.hasPrefix("pgsonde: 1 "), "\(seen.title)")
                #expect(seen.text.contains(Self.hostile) && seen.text.contains(name), "\(path)")
                #expect(Set(seen.tags).isDisjoint(with: ["script", "img"]))
                // What the browser complains of, such as a style that the policy forbids.
                #expect(!result.error.contains("Content Security Policy"), "\(result.error.suffix(500))")
            }
        }
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    private struct Document: Decodable {
        struct Server: Decodable {
            let name: String
            let up: Bool
            let reason: String?
            let collectors: [Collector]
        }
        struct Collector: Decodable {
            let name: String
            let detail: String?
            let durationsSeconds: [Double]?
        }
        let servers: [Server]
    }

    /// What a reader of HTML that is not a browser finds in a page.
    private struct Reading: Decodable {
        let title: String
        let text: String
        let tags: [String]
        let attributes: [String]
        let targets: [String]
        let faults: [String]
    }

    private static func read(_ page: String) async throws -> Reading {
        let code = """
            import html.parser, json, sys
            VOID = {"meta", "br", "img", "link", "base", "input"}
            class Reader(html.parser.HTMLParser):
                def __init__(self):
                    super().__init__(convert_charrefs=True)
                    self.open, self.found = [], {k: [] for k in ("tags", "attributes", "targets", "faults")}
                    self.pieces, self.titles = [], []
                def handle_starttag(self, tag, attributes):
                    self.found["tags"].append(tag)
                    self.found["attributes"] += [name for name, _ in attributes]
                    self.found["targets"] += [value for name, value in attributes if name in ("href", "src", "action")]
                    if tag not in VOID: self.open.append(tag)
                def handle_startendtag(self, tag, attributes):
                    self.handle_starttag(tag, attributes)
                    self.handle_endtag(tag)
                def handle_endtag(self, tag):
                    if not self.open or self.open.pop() != tag: self.found["faults"].append("</%s> at %s" % (tag, self.getpos()))
                def handle_data(self, data):
                    self.pieces.append(data)
                    if self.open and self.open[-1] == "title": self.titles.append(data)
                def handle_comment(self, data): self.found["faults"].append("comment at %s" % (self.getpos(),))
            reader = Reader()
            reader.feed(open(sys.argv[1], encoding="utf-8").read())
            reader.close()
            reader.found["faults"] += ["<%s> is not closed" % tag for tag in reader.open]
            print(json.dumps({**reader.found, "text": "".join(reader.pieces), "title": "".join(reader.titles)}))
            """
        let result = try await DaemonProgram.run(
            ["-c", code, "{folder}/page.html"], environment: ["PYTHONUTF8": "1"], files: ["page.html": page],
            program: "/usr/bin/python3")
        guard result.code == 0 else { throw DaemonProgram.Failure(description: result.error) }
        return try JSONDecoder().decode(Reading.self, from: Data(result.output.utf8))
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { "%" + (String($0, radix: 16).count < 2 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
