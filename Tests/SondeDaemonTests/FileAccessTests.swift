import Glibc
import Testing

@testable import SondeDaemon

@Suite("What others may do with files")
struct FileAccessTests {
    @Test(
        "whoever may write beside root, the owner and us is seen by the mode",
        arguments: [
            (0o644, 0, 0, nil), (0o600, 7, 7, nil), (0o664, 0, 0, nil), (0o664, 0, 50, .group),
            // A user's own group; and ours, as where a container's engine has given us a group for its volumes.
            (0o664, 1_000, 1_000, nil), (0o664, 1_000, 50, .group), (0o660, 0, 65_534, nil),
            (0o660, 1_000, 65_534, .group),
            (0o666, 0, 0, .everyone), (0o646, 1_000, 1_000, .everyone), (0o400, 0, 0, nil),
        ] as [(mode_t, uid_t, gid_t, FileAccess.Others?)])
    func writers(mode: mode_t, owner: uid_t, group: gid_t, others: FileAccess.Others?) {
        #expect(FileAccess.writers(mode: mode, owner: owner, group: group, ours: 65_534) == others)
    }

    @Test("a file that everybody can write to, or put another in the place of, is told")
    func files() throws {
        try withFolder(["a.yaml": "servers: [{host: h}]\n"]) { folder in
            let file = "\(folder)/a.yaml"
            for (mode, folderMode, place) in [
                (0o644, 0o755, nil), (0o646, 0o755, file), (0o600, 0o757, folder),
                // As /tmp is: nobody can put another file in the place of ours.
                (0o600, 0o1777, nil),
            ] as [(mode_t, mode_t, String?)] {
                #expect(unsafe chmod(file, mode) == 0 && chmod(folder, folderMode) == 0)
                let danger = FileAccess.danger(ofWriting: file)
                #expect(danger?.hasPrefix("\(place ?? "-"): every user can write to it") == (place == nil ? nil : true))
                let read = try ConfigurationFile.read(file, environment: [:], parse: plainKeywords)
                #expect(read.warnings == [danger].compactMap { $0 })
            }
        }
    }

    @Test("definitions that others can change are told, and count all the same; a folder's danger is told once")
    func definitions() throws {
        let text = { (name: String) in
            "name: \(name)\nhelp: h\nfrom: t\ncolumns: [{gauge: x, sql: x, help: h}]\n"
        }
        try withFolder(["a.yaml": text("a"), "b.yaml": text("b")]) { folder in
            #expect(unsafe chmod("\(folder)/b.yaml", 0o666) == 0)
            let one = CollectorsDirectory(folder, among: [])
            #expect(one.entries.count == 2 && one.dangers.count == 1)
            #expect(one.dangers.first?.hasPrefix("\(folder)/b.yaml: every user can write to it") == true)
            #expect(unsafe chmod("\(folder)/b.yaml", 0o644) == 0 && chmod(folder, 0o777) == 0)
            let all = CollectorsDirectory(folder, among: [])
            #expect(all.entries.count == 2 && all.dangers.count == 1)
            #expect(all.dangers.first?.hasPrefix("\(folder): every user can write to it") == true)
        }
    }

    @Test("modes of what the kubelet puts into a container say nothing", .enabled(if: geteuid() == 0))
    func kubelet() throws {
        try withFolder([:]) { folder in
            // As a Secret looks there: drwxrwxrwx, and links that lead through ..data.
            let made = unsafe mkdir("\(folder)/..1", 0o755) == 0 && symlink("..1", "\(folder)/..data") == 0
            try #require(unsafe made && symlink("..data/password", "\(folder)/password") == 0)
            defer {
                for name in ["password", "..data", "..1/password"] { unsafe unlink("\(folder)/\(name)") }
                unsafe rmdir("\(folder)/..1")
            }
            let descriptor = unsafe open("\(folder)/..1/password", O_WRONLY | O_CREAT, 0o644)
            close(descriptor)
            #expect(unsafe chmod("\(folder)/..1/password", 0o666) == 0 && chmod(folder, 0o777) == 0)
            let file = "\(folder)/password"
            #expect(FileAccess.danger(ofWriting: file) == nil && FileAccess.danger(ofAddingTo: folder) == nil)
            #expect(!FileAccess.isShown(file))
            #expect(FileAccess.isShown("\(folder)/..1/password"))
        }
    }

    @Test("passwords that every user can read are told, and those that libpq does not read")
    func passwords() {
        let folder = "/tmp/pgsonde-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        let file = "\(folder)/p"
        #expect(unsafe mkdir(folder, 0o700) == 0)
        close(unsafe open(file, O_WRONLY | O_CREAT, 0o600))
        defer {
            unsafe unlink(file)
            unsafe rmdir(folder)
        }
        var own = Configuration.Server(name: "a", keywords: ["host": "h"])
        own.passwordFile = file
        var libpqs = Configuration.Server(name: "b", keywords: ["host": "h", "passfile": file])
        for (mode, ours, theirs) in [
            (0o600, false, false), (0o640, false, true), (0o644, true, true), (0o400, false, false),
        ] as [(mode_t, Bool, Bool)] {
            #expect(unsafe chmod(file, mode) == 0)
            let warnings = own.lookAtPasswordFiles()
            #expect(warnings == (ours ? ["\(file): every user can read this password: chmod o= it"] : []))
            let flaws = libpqs.lookAtPasswordFiles()
            #expect(flaws.count == (theirs ? 1 : 0) && flaws.allSatisfy { $0.contains("\(file), since its group") })
        }
        libpqs.keywords["password"] = "known"
        #expect(libpqs.lookAtPasswordFiles().isEmpty)
        libpqs.keywords = ["host": "h", "passfile": "/dev/null"]
        #expect(libpqs.lookAtPasswordFiles().isEmpty)
        libpqs.keywords["passfile"] = folder
        #expect(libpqs.lookAtPasswordFiles().first?.contains("no plain file") == true)
    }
}
