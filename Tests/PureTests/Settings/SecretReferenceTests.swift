import FoundationEssentials
import Testing

@testable import Settings

struct SecretReferenceTests: ~Copyable {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "postbox-secrets-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test(arguments: [
        ("S3cret", "S3cret"), ("S3cret\n", "S3cret"), ("S3cret\r\n", "S3cret"),
        ("S3cret\n\n", "S3cret\n"), (" S3 cret ", " S3 cret "),
    ])
    func `a file's secret comes without its last newline`(
        _ content: String,
        _ secret: String
    ) throws {
        let path = try write(content)
        #expect(try SecretReference.file(path).read() == secret)
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o644])
    func `a file that others may open is refused`(_ mode: Int) throws {
        let path = try write("S3cret", mode: mode)
        #expect(throws: SecretError.openToOthers(path)) { try SecretReference.file(path).read() }
    }

    @Test func `systemd's folder is trusted, and a link out of it is not`() throws {
        let outside = try write("S3cret", mode: 0o644)
        let credentials = "\(folder)/credentials"
        try FileManager.default.createDirectory(
            atPath: credentials,
            withIntermediateDirectories: false
        )
        _ = try write("S3cret\n", mode: 0o440, to: "credentials/shop")
        try FileManager.default.createSymbolicLink(
            atPath: "\(credentials)/link",
            withDestinationPath: outside
        )
        let environment = ["CREDENTIALS_DIRECTORY": credentials]

        let shop = SecretReference.credential("shop")
        #expect(try shop.read(environment: environment) == "S3cret")
        let file = SecretReference.file("\(credentials)/shop")
        #expect(try file.read(environment: environment) == "S3cret")
        #expect(throws: SecretError.openToOthers(outside)) {
            try SecretReference.credential("link").read(environment: environment)
        }
        #expect(throws: SecretError.noCredentials("shop")) { try shop.read(environment: [:]) }
    }

    @Test func `a secret that no connection could use is refused`() throws {
        let place = "file \(folder)/secret"
        let large = try write(String(repeating: "x", count: 4097))
        #expect(throws: SecretError.tooLarge(place)) { try SecretReference.file(large).read() }
        let empty = try write("\n")
        #expect(throws: SecretError.empty(place)) { try SecretReference.file(empty).read() }
        let zero = try write("S3\0cret")
        #expect(throws: SecretError.notText(place)) { try SecretReference.file(zero).read() }
        #expect(throws: SecretError.notAFile(folder)) { try SecretReference.file(folder).read() }
        #expect(throws: SecretError.noFile("/nowhere/at-all")) {
            try SecretReference.file("/nowhere/at-all").read()
        }
    }

    @Test func `a variable's secret is read from the environment`() throws {
        let reference = SecretReference.env("SHOP")
        #expect(try reference.read(environment: ["SHOP": "S3cret"]) == "S3cret")
        #expect(throws: SecretError.noVariable("SHOP")) { try reference.read(environment: [:]) }
        #expect(throws: SecretError.empty("environment variable SHOP")) {
            try reference.read(environment: ["SHOP": ""])
        }
    }

    private borrowing func write(
        _ content: String,
        mode: Int = 0o600,
        to name: String = "secret"
    ) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(content.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return URL(filePath: path).resolvingSymlinksInPath().path
    }
}
