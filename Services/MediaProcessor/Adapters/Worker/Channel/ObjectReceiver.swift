import MediaDomain
import ObjectStorage

/// Takes a child's objects and stores them below its media's folder, whatever the child is by now.
///
/// Never waits: a child sends no more than the window allows until it has its answers. Used by the thread that watches the
/// child.
struct ObjectReceiver {
    /// Why a child is told no more.
    enum Verdict {
        /// It sends what no child of ours sends.
        case nonsense
        /// It makes more than a job may.
        case refused(MediaError)
    }

    private let uploader: ArtifactUploader
    private let answers: ObjectAnswers
    private var reader: ObjectReader
    private var objects = 0
    private var totalBytes: Int64 = 0
    private(set) var isOpen = true

    init(_ socket: OpenFile, uploader: ArtifactUploader) {
        self.uploader = uploader
        answers = ObjectAnswers(socket)
        reader = ObjectReader(socket)
    }

    /// Reads what is there; called when there is something.
    mutating func receive() -> Verdict? {
        switch reader.advance() {
        case .partial: return nil
        case .head(let head): return admit(head)
        case .object(let object): store(object)
        case .removal(let number, let name): remove(name, number)
        case .end: isOpen = false
        case .nonsense: return .nonsense
        }
        return nil
    }

    /// Takes nothing more.
    mutating func close() { isOpen = false }

    private mutating func admit(_ head: ObjectHead) -> Verdict? {
        objects += 1
        totalBytes += Int64(head.size)
        guard objects <= MediaLimits.objects, totalBytes <= MediaLimits.totalBytes else {
            let made = "\(objects) objects of \(totalBytes) bytes"
            return .refused(MediaError(.tooLarge, "the work makes more than is stored for one media (\(made))"))
        }
        return answers.expect(head.size) ? nil : .nonsense
    }

    private func store(_ object: ObjectReader.Object) {
        let size = object.bytes.count
        let answers = answers
        do throws(MediaError) {
            // The uploader's window is the child's, so there is room.
            try uploader.store(object.bytes, as: object.name) { answers.answer(object.number, size, $0) }
        } catch {
            answers.answer(object.number, size, error)
        }
    }

    private func remove(_ name: String, _ number: UInt32) {
        let answers = answers
        do throws(MediaError) {
            try uploader.remove(name) { answers.answer(number, 0, $0) }
        } catch {
            answers.answer(number, 0, error)
        }
    }
}
