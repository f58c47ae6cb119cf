import CFFmpeg

/// Named settings for an opening libav call: owns one AVDictionary.
struct Options: ~Copyable {
    private(set) var dictionary: OpaquePointer?

    init(_ settings: [(name: String, value: String)]) throws(AVError) {
        for setting in settings {
            try check(av_dict_set(&dictionary, setting.name, setting.value, 0), "av_dict_set \(setting.name)")
        }
    }

    deinit {
        var owned = dictionary
        av_dict_free(&owned)
    }

    /// Lets a call take the settings that it knows, and throws if it left one: a misspelt setting is a mistake of ours.
    mutating func consume(_ call: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) throws(AVError) {
        try check(body(&dictionary), call)
        guard let entry = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX) else { return }
        throw AVError(
            code: AVError.invalidArgument,
            call: "\(call) does not know \(String(cString: entry.pointee.key))"
        )
    }
}
