package import HTTPTypes
package import Hummingbird

extension Router {
    /// Answers 405 with `Allow` to the methods that a path does not have; without it they would be a 404.
    package func refuseOtherMethods(than allowed: [HTTPRequest.Method], on path: RouterPath) {
        let allow = allowed.map(\.rawValue).joined(separator: ", ")
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for method in known where !allowed.contains(method) {
            on(path, method: method) { request, _ -> Response in
                throw ErrorDetail(.methodNotAllowed, "\(request.method) is not allowed here", [.allow: allow])
            }
        }
    }
}
