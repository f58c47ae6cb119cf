/// Who we are to an S3 store, as the conventional environment says it: `AWS_ACCESS_KEY_ID` and so on.
///
/// Its description holds no secret.
package struct S3Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    /// Of stores whose location names none, `AWS_REGION`.
    let region: String?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, region: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.region = region
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and `AWS_REGION`; `nil` without the first
    /// two.
    package init?(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let identifier = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") else {
            return nil
        }
        self.init(
            accessKeyID: identifier,
            secretAccessKey: secret,
            sessionToken: value("AWS_SESSION_TOKEN"),
            region: value("AWS_REGION")
        )
    }

    package var description: String { "credentials of \(accessKeyID)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
