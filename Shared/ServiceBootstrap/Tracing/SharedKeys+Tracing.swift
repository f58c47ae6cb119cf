extension SharedKeys {
    package static let tracesFile = ConfigurationKey(
        optional: "TRACES_FILE",
        .path,
        "The file that spans are appended to, as OTLP/JSON lines; not recorded if not set."
    )
    package static let tracesSampleRatio = ConfigurationKey(
        "TRACES_SAMPLE_RATIO",
        .number(in: 0...1),
        default: 1,
        "With TRACES_FILE: the share of the traces beginning here that is recorded; for others their sender decides."
    )
}
