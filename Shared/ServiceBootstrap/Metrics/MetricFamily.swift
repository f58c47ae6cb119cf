/// All series of one metric.
struct MetricFamily {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    /// Past this many, new label values are counted together: a label that a stranger fills would eat our memory.
    static let maximumSeries = 200
    static let overflowLabel = "_overflow"

    let name: String
    let kind: Kind
    var series: [SeriesLabels: any MetricSeries] = [:]

    init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The series for `labels`, made by `make` at the first use; the overflow series if there are too many.
    mutating func series<Series: MetricSeries>(_ labels: SeriesLabels, _ make: () -> Series) -> Series {
        if let existing = series[labels] as? Series { return existing }
        let isFull = series.count >= Self.maximumSeries
        let labels = isFull ? labels.overflowing : labels
        if let existing = series[labels] as? Series { return existing }
        let made = make()
        series[labels] = made
        return made
    }

    mutating func remove(_ handler: AnyObject) {
        series = series.filter { $0.value !== handler }
    }
}

/// The labels of a series, in order of their names.
struct SeriesLabels: Hashable, Comparable {
    let pairs: [Pair]

    struct Pair: Hashable {
        let name: String
        let value: String
    }

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { Pair(name: MetricName.label($0), value: $1) }.sorted { $0.name < $1.name }
    }

    var overflowing: SeriesLabels {
        SeriesLabels(pairs.map { ($0.name, MetricFamily.overflowLabel) })
    }

    /// `{a="1",b="2"}`, escaped as the text format 0.0.4 wants it, or nothing.
    func text(adding extra: (String, String)? = nil) -> String {
        var parts = pairs.map { "\($0.name)=\"\(Self.escape($0.value))\"" }
        if let extra { parts.append("\(extra.0)=\"\(Self.escape(extra.1))\"") }
        return parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}"
    }

    static func < (left: SeriesLabels, right: SeriesLabels) -> Bool { left.text() < right.text() }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Spells names as Prometheus allows them.
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, with the unit or `_total` at the end.
    static func metric(_ label: String, suffix: String = "") -> String {
        let name = sanitized(label, allowing: "_:")
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func label(_ label: String) -> String { sanitized(label, allowing: "_") }

    private static func sanitized(_ text: String, allowing extra: String) -> String {
        let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || extra.contains($0) ? $0 : "_" })
        guard let first = name.first, !first.isNumber else { return "_" + name }
        return name
    }
}
