import Testing

@testable import SondeDaemon

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
