import Glibc
import Testing

@testable import SondeDaemon

@Test("what becomes of files in a folder, or behind a link, is seen; what is hidden is not")
func fileStamps() throws {
    try withFolder(["a.yaml": "x", "b.yaml": "y"]) { folder in
        let link = "\(folder).link"
        #expect(unsafe symlink("\(folder)/a.yaml", link) == 0)
        defer { unsafe unlink(link) }
        let look = { FileStamp([folder, link, "\(folder)/none"]) }
        var last = look()
        #expect(last == look())
        #expect(unsafe rename("\(folder)/b.yaml", "\(folder)/c.yaml") == 0)
        #expect(last != look())
        last = look()
        #expect(unsafe unlink(link) == 0)
        #expect(unsafe symlink("\(folder)/c.yaml", link) == 0)
        #expect(last != look())
        last = look()
        #expect(unsafe truncate("\(folder)/a.yaml", 0) == 0)
        #expect(last != look())
        #expect(unsafe rename("\(folder)/c.yaml", "\(folder)/b.yaml") == 0)
    }
}
