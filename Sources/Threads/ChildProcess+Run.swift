/// What a program that ran to its end has left.
package struct ChildProcessResult: Sendable {
    package let status: ExitStatus
    package let output: String
    package let errors: String
}

extension ChildProcess {
    /// Runs a program to its end and collects what it writes.
    package static func run(
        _ arguments: [String],
        options: ChildProcessOptions = ChildProcessOptions(),
        timeout: Duration = .seconds(120)
    ) throws(ChildProcessError) -> ChildProcessResult {
        var options = options
        options.output = .collected
        options.errors = .collected
        let child = try ChildProcess(arguments, options: options)
        guard let status = child.waitForExit(timeout: timeout) else {
            child.killGroup(9)
            throw .tookTooLong(arguments[0])
        }
        _ = child.output?.waitForEnd(timeout: timeout)
        _ = child.errors?.waitForEnd(timeout: timeout)
        return ChildProcessResult(
            status: status,
            output: child.output?.text ?? "",
            errors: child.errors?.text ?? ""
        )
    }

    /// Runs a program to its end and throws, with what it said, unless it ended well.
    @discardableResult
    package static func runChecked(
        _ arguments: [String],
        options: ChildProcessOptions = ChildProcessOptions(),
        timeout: Duration = .seconds(120)
    ) throws(ChildProcessError) -> String {
        let result = try run(arguments, options: options, timeout: timeout)
        guard result.status.isSuccess else {
            throw .failed(arguments[0], result.status, said: result.errors)
        }
        return result.output
    }
}
