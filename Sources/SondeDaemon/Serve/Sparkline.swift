/// A small picture of the times that a collector's last runs took.
struct Sparkline {
    private static let (width, height) = (64.0, 16.0)

    /// The oldest first.
    let seconds: [Double]

    /// The picture, of the text's colour; nothing where there is not more than one run.
    var html: HTML {
        guard seconds.count > 1, let least = seconds.min(), let most = seconds.max() else { return "" }
        let step = Self.width / Double(seconds.count - 1)
        let points = seconds.enumerated().map { place, value in
            // From nothing, so that a steady time is not drawn as a wild one.
            let y = most > 0 ? 1 + (Self.height - 2) * (1 - value / most) : Self.height - 1
            return "\(Legible.tenths(Double(place) * step)),\(Legible.tenths(y))"
        }
        let range = "\(Legible.time(least)) to \(Legible.time(most))"
        return """
            <svg class="spark" viewBox="0 0 64 16" width="64" height="16" role="img" \
            aria-label="the last \(seconds.count) runs: \(range)"><title>the last \(seconds.count) runs: \(range)</title>\
            <polyline points="\(points.joined(separator: " "))"/></svg>
            """
    }
}
