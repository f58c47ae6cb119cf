/// A language as playlists spell it: RFC 5646, whose section 2.2.1 wants the shortest code.
package struct LanguageTag: Sendable, Hashable {
    /// `en`, or the three letters where there are no two; `und` where unknown.
    package let tag: String

    /// Reads what containers hold: ISO 639-2, either variant, or ISO 639-1, perhaps with a region behind it.
    package init(container code: String) {
        let primary = code.lowercased().prefix { $0 != "-" && $0 != "_" }
        guard (2...3).contains(primary.count), primary.allSatisfy({ ("a"..."z").contains($0) }) else {
            tag = "und"
            return
        }
        tag = Self.shortest[String(primary)] ?? String(primary)
    }

    package init(tag: String) {
        self.tag = tag
    }

    /// What a player's menu shows: the language's own name, or its tag; `nil` where it is not known.
    package var displayName: String? { Self.names[tag] ?? (tag == "und" ? nil : tag) }

    /// From ISO 639-2 (bibliographic and terminological) to ISO 639-1.
    private static let shortest = [
        "ara": "ar", "baq": "eu", "eus": "eu", "ben": "bn", "bul": "bg", "cat": "ca", "chi": "zh", "zho": "zh",
        "cze": "cs", "ces": "cs", "dan": "da", "dut": "nl", "nld": "nl", "eng": "en", "est": "et", "fin": "fi",
        "fre": "fr", "fra": "fr", "geo": "ka", "kat": "ka", "ger": "de", "deu": "de", "gle": "ga", "glg": "gl",
        "gre": "el", "ell": "el", "guj": "gu", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "arm": "hy",
        "hye": "hy", "ice": "is", "isl": "is", "ind": "id", "ita": "it", "jpn": "ja", "kan": "kn", "kaz": "kk",
        "kor": "ko", "lat": "la", "lav": "lv", "lit": "lt", "mac": "mk", "mkd": "mk", "mal": "ml", "mar": "mr",
        "may": "ms", "msa": "ms", "nob": "nb", "nno": "nn", "nor": "no", "pan": "pa", "per": "fa", "fas": "fa",
        "pol": "pl", "por": "pt", "rum": "ro", "ron": "ro", "rus": "ru", "slo": "sk", "slk": "sk", "slv": "sl",
        "spa": "es", "alb": "sq", "sqi": "sq", "srp": "sr", "swa": "sw", "swe": "sv", "tam": "ta", "tel": "te",
        "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi", "wel": "cy", "cym": "cy",
    ]

    private static let names = [
        "ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "da": "Dansk",
        "de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "fa": "فارسی",
        "fi": "Suomi", "fr": "Français", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar",
        "id": "Bahasa Indonesia", "it": "Italiano", "ja": "日本語", "ko": "한국어", "lt": "Lietuvių", "lv": "Latviešu",
        "nb": "Norsk bokmål", "nl": "Nederlands", "no": "Norsk", "pl": "Polski", "pt": "Português", "ro": "Română",
        "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sr": "Српски", "sv": "Svenska", "ta": "தமிழ்",
        "th": "ไทย", "tr": "Türkçe", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
    ]
}
