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
    /// - Parameters:
    ///   - bytes: all of it.
    ///   - path: what it is called in problems.
    ///   - format: whose it is; nil to tell by its keys.
    ///   - discovers: whether queries of postgres_exporter's that are not `master` run in every database.
    ///   - isLiteral: whether what postgres_exporter reads and does not heed is not heeded here either.
    /// - Throws: everything that is wrong.
    init(
        _ bytes: [UInt8], named path: String, from format: ForeignFormat? = nil, discovers: Bool,
        isLiteral: Bool = false
    ) throws(FileProblems) {
        let all = try YAMLParser.documents(in: bytes, file: path).filter { !$0.isNull }
        // Other objects of Kubernetes may stand beside the one that holds queries.
        let documents = isLiteral ? Array(all.prefix(1)) : all.filter { ConfigMap.isOne($0) || !ConfigMap.isObject($0) }
        guard let first = documents.first else {
            throw FileProblems(problems: [FileProblem(path, "there is nothing in it")])
        }
        let format = format ?? ForeignFormat(of: first)
        self.path = path
        self.format = format
        var queries: [ForeignQuery] = []
        for document in documents {
            switch format {
            case .postgresExporter, .cloudNativePG:
                let inner = ConfigMap.isOne(document) ? try ConfigMap.queries(in: document, file: path) : document
                queries += try QueriesReader.queries(
                    in: inner, file: path, of: format, discovers: discovers, isLiteral: isLiteral)
            case .pgExporter: queries += try PgExporterReader.queries(in: document, file: path)
            case .sqlExporter: queries += try SQLExporterReader.queries(in: document, file: path)
            }
        }
        self.queries = queries
    }
}
