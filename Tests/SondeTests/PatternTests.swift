import Testing

@testable import Sonde

@Test(
    "patterns match names as a shell does",
    arguments: [
        ("postgres", "*", true), ("", "*", true), ("", "", true), ("a", "", false), ("app", "app", true),
        ("app_1", "app_*", true), ("apple", "app_*", false), ("abc", "a?c", true), ("ac", "a?c", false),
        ("x_test_y", "*test*", true), ("aab", "*ab", true), ("a*b", "a*b", true), ("ééé", "é?é", true),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false), ("a b%'\"c", "a b%'\"c", true),
    ])
func patterns(text: String, pattern: String, matches: Bool) {
    #expect(Pattern.matches(text, pattern) == matches)
}

@Test("databases are those that are included and not excluded")
func databases() {
    #expect(Databases.all.contains("x") && Databases.all.contains(""))
    let some = Databases(include: ["shop_*", "app"], exclude: ["*_test"])
    #expect(
        ["shop_1", "app", "shop_", "shop_test", "apps", "postgres"].map(some.contains) == [
            true, true, true, false, false, false,
        ])
    #expect(!Databases(include: []).contains("x"))
}
