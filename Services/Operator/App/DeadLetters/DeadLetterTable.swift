import EventSchema
import Foundation

/// Dead letters as lines of a table, each printed as it comes.
enum DeadLetterTable {
    private static let columns: [(title: String, width: Int)] = [
        ("PARKED", 20), ("QUEUE", 16), ("TYPE", 22), ("EVENT ID", 36), ("TRIES", 5), ("REASON", 100),
    ]

    static let heading = line(columns.map(\.title))

    static func line(for letter: DeadLetter) -> String {
        line([
            letter.parkedAt.map { String($0.description.prefix(19)) + "Z" } ?? "-",
            letter.origin ?? letter.queue, letter.type ?? "-", letter.id, String(letter.attempts), letter.reason,
        ])
    }

    private static func line(_ cells: [String]) -> String {
        let padded = zip(cells, columns).map { cell, column in
            let text = EventLine.printable(cell)
            let shown = text.count > column.width ? text.prefix(column.width - 1) + "…" : text[...]
            return shown + String(repeating: " ", count: column.width - shown.count)
        }
        return padded.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }
}
