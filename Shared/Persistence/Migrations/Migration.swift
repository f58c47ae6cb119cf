/// One step in the history of a component's tables.
package struct Migration: Sendable {
    /// From 1, without gaps.
    package let version: Int64
    /// The statements, one each; the same in both databases wherever they allow it.
    package let statements: @Sendable (SQLDialect) -> [String]

    package init(_ version: Int64, _ statements: @escaping @Sendable (SQLDialect) -> [String]) {
        self.version = version
        self.statements = statements
    }
}

/// The tables of one part of the suite and how they came about.
///
/// Components share a database without knowing of each other: each has its own history, and its tables bear its name.
package struct SchemaComponent: Sendable {
    package let name: String
    package let migrations: [Migration]

    package init(_ name: String, _ migrations: [Migration]) {
        precondition(migrations.map(\.version) == Array(1...Int64(migrations.count)), "versions of \(name)")
        self.name = name
        self.migrations = migrations
    }
}

extension Database {
    /// Brings the tables of `components` to this program's version, each migration once however many processes start at
    /// the same time.
    ///
    /// - Throws: ``DatabaseError`` with `newer_schema` if a newer program has been here: its tables may mean something
    ///   else.
    package func migrate(_ components: [SchemaComponent]) async throws {
        try await write { transaction in
            if let lock = transaction.dialect.migrationLock { try transaction.execute(lock) }
            try transaction.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_versions (
                    component TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL
                )
                """
            )
        }
        for component in components { try await migrate(component) }
    }

    private func migrate(_ component: SchemaComponent) async throws {
        try await write { transaction in
            // Whoever comes second waits here for the first.
            try transaction.execute(
                """
                INSERT INTO schema_versions (component, version) VALUES ($1, 0)
                ON CONFLICT (component) DO UPDATE SET version = schema_versions.version
                """,
                [.text(component.name)]
            )
            let rows = try transaction.query(
                "SELECT version FROM schema_versions WHERE component = $1",
                [.text(component.name)]
            )
            let version = try rows[0].integer(0)
            let newest = component.migrations.last?.version ?? 0
            guard version <= newest else {
                throw DatabaseError(
                    .newerSchema,
                    "the tables of '\(component.name)' have version \(version), this program knows up to \(newest): "
                        + "run the newer program, or restore a backup of the database"
                )
            }
            for migration in component.migrations where migration.version > version {
                for statement in migration.statements(transaction.dialect) { try transaction.execute(statement) }
            }
            try transaction.execute(
                "UPDATE schema_versions SET version = $1 WHERE component = $2",
                [.integer(newest), .text(component.name)]
            )
        }
    }
}
