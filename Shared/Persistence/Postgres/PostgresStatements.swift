/// The statements that one connection has prepared, by their text; the one that was used longest ago makes way.
struct PostgresStatements {
    struct Statement: Sendable {
        let name: String
        let parameterTypes: [PostgresType]
    }

    private let capacity: Int
    private var entries: [String: (statement: Statement, use: UInt64)] = [:]
    private var uses: UInt64 = 0
    private var made: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    mutating func find(_ sql: String) -> Statement? {
        guard let statement = entries[sql]?.statement else { return nil }
        uses += 1
        entries[sql]?.use = uses
        return statement
    }

    /// A name that no statement of the connection had.
    mutating func newName() -> String {
        made += 1
        return "m\(made)"
    }

    mutating func add(_ statement: Statement, for sql: String) {
        uses += 1
        entries[sql] = (statement, uses)
    }

    /// Forgets a statement if there is no place for another; returns it, for the server to forget it, too.
    mutating func makePlace() -> Statement? {
        guard entries.count >= capacity, let oldest = entries.min(by: { $0.value.use < $1.value.use }) else {
            return nil
        }
        return entries.removeValue(forKey: oldest.key)?.statement
    }
}
