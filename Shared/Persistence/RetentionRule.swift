/// Which rows of a table are deleted once they are old.
package struct RetentionRule: Sendable, Hashable {
    /// Rows that one transaction deletes, so that nobody waits long for it.
    static let lot = 1000

    private let table: String
    private let key: String
    private let age: String
    /// How old rows become; `nil` for what the operator has set.
    let lifetime: Duration?

    /// - Parameters:
    ///   - key: The columns of the primary key.
    ///   - age: The column with the time in milliseconds since 1970; rows in which it is `NULL` stay.
    ///   - lifetime: How old rows become, where it is not what the operator has set.
    package init(_ table: String, key: [String], age: String, after lifetime: Duration? = nil) {
        self.table = table
        self.key = key.joined(separator: ", ")
        self.age = age
        self.lifetime = lifetime
    }

    /// Deletes a lot of rows older than `$1`.
    var statement: String {
        let columns = key.contains(",") ? "(\(key))" : key
        return
            "DELETE FROM \(table) WHERE \(columns) IN (SELECT \(key) FROM \(table) WHERE \(age) < $1 LIMIT \(Self.lot))"
    }
}
