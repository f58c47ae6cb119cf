import Testing

@testable import RealtimeHTTP

struct QueryParametersTests {
    @Test(arguments: [
        ("token=abc&vsn=2.0.0", "vsn", "2.0.0"), ("token=abc", "vsn", nil), ("vsn=1&vsn=2", "vsn", "2"),
        ("vsn", "vsn", ""), ("vsn=", "vsn", ""), ("a=b=c", "a", "b=c"), ("t%6Fken=%C3%A9+x%2B", "token", "é x+"),
        ("token=%zz", "token", nil), ("token=%4", "token", nil), ("token=%ff", "token", nil), ("&&a=1&", "a", "1"),
        ("", "a", nil), ("token=%+1", "token", nil),
    ])
    func `a parameter is found and decoded`(_ query: String, _ name: String, _ value: String?) {
        #expect(QueryParameters(query[...])[name] == value)
    }
}
