import Sonde

/// A file of queries that was written for another exporter.
struct ForeignFile {
    let path: String
    let format: ForeignFormat
    /// In the order of the file; some may have nothing to show.
    let queries: [ForeignQuery]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: where it is, `-` for standard input.
    ///   - format: whose it is; nil to tell by its keys.
    ///   - discovers: whether queries of postgres_exporter's that are not `master` run in every database.
    /// - Throws: everything that is wrong.
    init(_ path: String, from format: ForeignFormat? = nil, discovers: Bool) throws(FileProblems) {
        let isInput = path == "-"
        let name = isInput ? "standard input" : path
        let bytes = try BoundedFile.read(isInput ? "/dev/stdin" : path, atMost: YAMLParser.maxBytes).bytes
        try self.init(bytes, named: name, from: format, discovers: discovers)
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: everything that is wrong.
    init(
        _ bytes: [UInt8], named path: String, from format: ForeignFormat? = nil, discovers: Bool
    ) throws(FileProblems) {
        guard let document = try YAMLParser.document(in: bytes, file: path), !document.isNull else {
            throw FileProblems(problems: [FileProblem(path, "there is nothing in it")])
        }
        let format = format ?? ForeignFormat(of: document)
        self.path = path
        self.format = format
        switch format {
        case .postgresExporter, .cloudNativePG:
            let inner = ConfigMap.isOne(document) ? try ConfigMap.queries(in: document, file: path) : document
            queries = try QueriesReader.queries(in: inner, file: path, of: format, discovers: discovers)
        case .pgExporter, .sqlExporter:
            queries = []
        }
    }
}
