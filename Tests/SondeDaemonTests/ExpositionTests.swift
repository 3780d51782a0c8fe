import Sonde
import Testing

@testable import SondeDaemon

@Suite("What commands print")
struct ExpositionTests {
    @Test("types, help, labels, escapes and numbers are read as Prometheus reads them")
    func whole() throws {
        let page = try Exposition(
            Array(
                #"""
                # a comment, and a line of nothing

                # HELP a_total Back\\slash and \n line
                # TYPE a_total	counter
                a_total{x="q\"\\\n{},=",} 1.5e3
                  a_total { x = "é" , y="" }   +Inf
                b NaN
                # TYPE h histogram
                h_bucket{le="0.5",x="1"} 1
                h_bucket{le="+Inf",x="1"} 3
                h_sum{x="1"} -2
                h_count{x="1"} 3
                # TYPE s summary
                s{quantile="0.9"} 7
                s_sum 8
                s_count 9

                """#.utf8))
        #expect(page.families.map(\.name) == ["a_total", "b", "h", "s"])
        #expect(page.families.map(\.kind) == [.counter, .untyped, .histogram, .summary])
        #expect(page.families[0].help == "Back\\slash and \n line")
        #expect(page.families[0].labels == ["x", "y"])
        #expect(page.families[0].samples.map(\.value) == [1_500, .infinity])
        #expect(page.families[0].samples[0].labels == [ExpositionLine.Label(name: "x", value: "q\"\\\n{},=")])
        #expect(page.families[1].samples[0].value.isNaN)
        #expect(page.families[2].labels == ["x"])
        #expect(page.families[3].samples.map(\.name) == ["s", "s_sum", "s_count"])
    }

    @Test("what is not beyond doubt is refused with its line", arguments: mistakes)
    func mistake(text: String, problem: String) {
        #expect(told { _ = try Exposition(Array(text.utf8)) } == ["line \(problem)"])
    }

    private static let mistakes: [(String, String)] = [
        ("a 1", "1 of its output: it does not end: print a line feed after it"),
        ("a 1\nb", "2 of its output: it does not end: print a line feed after it"),
        ("a 1\r\n", "1 of its output: it ends in a carriage return: end lines by \\n alone"),
        ("a\n", "1 of its output: \"\" is not a number"),
        ("a x\n", "1 of its output: \"x\" is not a number"),
        ("a 0x10\n", "1 of its output: \"0x10\" is not a number"),
        ("a 1e999\n", "1 of its output: \"1e999\" is not a number"),
        ("a infinity\n", "1 of its output: \"infinity\" is not a number"),
        ("a 1_000\n", "1 of its output: \"1_000\" is not a number"),
        (
            "a 1 1700000000\n",
            "1 of its output: it goes on after its value: a timestamp would outlive the number, so leave it out"
        ),
        ("9a 1\n", "1 of its output: \"9a\" is not the name of a metric"),
        ("a{b=\"1\"\n", "1 of its output: after the label b comes neither a comma nor a brace"),
        ("a{b=\"1} 2\n", "1 of its output: the value of b has no end"),
        ("a{b=1} 2\n", "1 of its output: the value of b needs quotes"),
        ("a{b} 2\n", "1 of its output: the label b needs = and a value"),
        ("a{__b=\"1\"} 2\n", "1 of its output: \"__b\" is not the name of a label"),
        ("a{b=\"\\t\"} 2\n", "1 of its output: \"\\t\" is no escape: there are \\\\, \\n and, in values, \\\""),
        ("a{b=\"1\",b=\"2\"} 2\n", "1 of its output: it has the label b twice"),
        (
            "# TYPE a float\n",
            "1 of its output: \"float\" is no type: write counter, gauge, histogram, summary or untyped"
        ),
        (
            "# TYPE a gauge x\n",
            "1 of its output: \"gaugex\" is no type: write counter, gauge, histogram, summary or untyped"
        ),
        ("# TYPE 1 gauge\n", "1 of its output: TYPE needs the name of a metric, and \"1\" is none"),
        ("# TYPE a gauge\n# TYPE a gauge\n", "2 of its output: the TYPE of a comes twice, or after its samples"),
        ("a 1\n# TYPE a gauge\n", "2 of its output: the TYPE of a comes twice, or after its samples"),
        ("a 1\n# HELP a x\n", "2 of its output: the HELP of a comes twice, or after its samples"),
        ("a 1\nb 1\na{x=\"\"} 1\n", "3 of its output: the lines of a do not stand together"),
        ("# TYPE a counter\na -1\n", "2 of its output: a counts something and cannot be -1.0"),
        ("# TYPE a counter\na NaN\n", "2 of its output: a counts something and cannot be nan"),
        ("# TYPE h histogram\nh 1\n", "2 of its output: h is a histogram and has no sample of this name"),
        ("# TYPE h histogram\nh_bucket 1\n", "2 of its output: h_bucket needs the label le"),
        ("a{le=\"1\"} 1\n", "1 of its output: le is no label of a untyped's a"),
        ("# TYPE h histogram\nh_count{le=\"1\"} 1\n", "2 of its output: le is no label of a histogram's h_count"),
        ("# TYPE h histogram\nh_bucket{le=\"x\"} 1\n", "2 of its output: le is \"x\", which is no number"),
        (
            "# TYPE h histogram\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 2\n",
            "3 of its output: the bounds of a histogram grow from line to line, and its counts never fall"
        ),
        (
            "# TYPE h histogram\nh_bucket{le=\"2\"} 1\nh_count 1\n",
            "1 of its output: each set of labels of the histogram h needs a bucket le=\"+Inf\" and an equal _count"
        ),
    ]

    @Test("bytes that are no UTF-8, and more lines or samples than are allowed, are refused")
    func limits() {
        #expect(told { _ = try Exposition([97, 32, 0xFF, 10]) } == ["line 1 of its output: it is not UTF-8"])
        #expect(
            told { _ = try Exposition(Array("#\n#\n#\n".utf8), limits: .init(lines: 2)) }
                == ["line 3 of its output: more than 2 lines are not read"])
        #expect(
            told { _ = try Exposition(Array("a 1\nb 1\n".utf8), limits: .init(series: 1)) }
                == ["line 2 of its output: more than 1 samples are not read"])
        let labels = (0..<70).map { "l\($0)=\"\"" }.joined(separator: ",")
        #expect(
            told { _ = try Exposition(Array("a{\(labels)} 1\n".utf8)) }
                == ["line 1 of its output: a has more than 64 labels"])
    }

    @Test("no bytes whatever end the process")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ab{}=\"\\,# \t\n1.eE+-TYPEHELPhistogram_bucketle".utf8) + [0, 0xC3, 0xFF]
        var read = 0
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            if (try? Exposition(bytes + [10])) != nil { read += 1 }
        }
        #expect(read < 3_000)
    }
}
