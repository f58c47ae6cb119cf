package import Persistence

/// The table of the parts that are done of jobs that are not.
package enum PartSchema {
    package static let component = SchemaComponent(
        "media_parts",
        [
            Migration(1) { _ in
                [
                    // `tiles` are the storyboard's pictures of a sheet that was not full: large, and soon of no use.
                    """
                    CREATE TABLE media_parts (
                        event_id BYTEA NOT NULL, part BIGINT NOT NULL, result TEXT NOT NULL, tiles BYTEA,
                        PRIMARY KEY (event_id, part)
                    )
                    """
                ]
            }
        ]
    )
}
