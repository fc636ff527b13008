package import Messaging
package import Postgres

/// Looks whether a database is as an inbox needs it.
package struct InboxCheck {
    private let definition: InboxDefinition
    private let schema: String
    private let session: PostgresSession

    private init(_ definition: InboxDefinition, _ schema: String, _ session: PostgresSession) {
        self.definition = definition
        self.schema = schema
        self.session = session
    }

    /// All problems, in the order one would mend them.
    package static func problems(
        of definition: InboxDefinition,
        schema: String = "postbox",
        in session: PostgresSession
    ) throws(PostgresError) -> [InboxProblem] {
        let check = InboxCheck(definition, schema, session)
        if let problem = try check.schemaProblem() { return [problem] }
        let problems = try check.tableProblems() + check.functionProblems()
        let versions = problems.isEmpty ? try check.versionProblems() : []
        return try problems + versions + check.handlerProblems()
    }

    private func schemaProblem() throws(PostgresError) -> InboxProblem? {
        let quoted = try quotedIdentifier(schema)
        let rows = try session.query(sqlText("check_schema"), [.text(quoted)])
        guard rows.bool(0, 0) else {
            let text = "there is no schema \(schema) yet: run `postbox migrate --apply`"
            return InboxProblem(.state, text)
        }
        guard !rows.bool(0, 1) else { return nil }
        let text = "no right to use schema \(schema): GRANT USAGE ON SCHEMA \(schema)"
        return InboxProblem(.state, text)
    }

    private func tableProblems() throws(PostgresError) -> [InboxProblem] {
        let names = InboxMigration.tables(for: definition)
        var quoted: [String] = []
        for name in names { quoted.append(try self.quoted(name)) }
        let rows = try session.query(sqlText("check_tables"), [.textArray(quoted)])
        var problems: [InboxProblem] = []
        for (row, name) in names.enumerated() where row < rows.count {
            let shown = "\(schema).\(name)"
            if !rows.bool(row, 1) {
                let text = "no table \(shown): run `postbox migrate --apply`"
                problems.append(InboxProblem(.state, text))
            } else if !rows.bool(row, 2) {
                let text = "GRANT SELECT, INSERT, UPDATE, DELETE ON \(shown) to Postbox's role"
                problems.append(InboxProblem(.state, text))
            }
        }
        return problems
    }

    private func functionProblems() throws(PostgresError) -> [InboxProblem] {
        var problems: [InboxProblem] = []
        for name in InboxMigration.functions {
            let function = Messaging.QualifiedName(schema: schema, name: name)
            let found = try functions(function, taking: "integer")
            if found.isEmpty {
                let text = "no function \(function): run `postbox migrate --apply`"
                problems.append(InboxProblem(.state, text))
            }
            for candidate in found where !candidate.mayExecute {
                let call = "\(function)(\(candidate.arguments))"
                let text = "GRANT EXECUTE ON FUNCTION \(call) to Postbox's role"
                problems.append(InboxProblem(.state, text))
            }
        }
        return problems
    }

    /// Whether all that is there is as this version wants it: the statements themselves know best.
    private func versionProblems() throws(PostgresError) -> [InboxProblem] {
        let statements = try InboxStatements(definition, schema: schema)
        do throws(PostgresError) {
            try session.prepare(
                statements.positions.prepared + statements.parked.prepared
                    + [statements.applying.noteIDs]
            )
            return []
        } catch {
            guard error.isMissingObject else { throw error }
            let text = "schema \(schema) is of an earlier version: run `postbox migrate --apply`"
            return [InboxProblem(.state, text)]
        }
    }

    private func quoted(_ name: String) throws(PostgresError) -> String {
        "\(try quotedIdentifier(schema)).\(try quotedIdentifier(name))"
    }
}

extension InboxCheck {
    private struct Candidate {
        let arguments: String
        let isFunction: Bool
        let returnsSet: Bool
        let fits: Bool
        let mayExecute: Bool
        let mayUseSchema: Bool
    }

    private func functions(
        _ name: Messaging.QualifiedName,
        taking type: String
    ) throws(PostgresError) -> [Candidate] {
        let rows = try session.query(
            sqlText("check_functions"),
            [.text(name.schema), .text(name.name), .text(type)]
        )
        return (0..<rows.count).map { row in
            Candidate(
                arguments: rows.text(row, 0),
                isFunction: rows.text(row, 1) == "f",
                returnsSet: rows.bool(row, 2),
                fits: rows.bool(row, 3),
                mayExecute: rows.bool(row, 4),
                mayUseSchema: rows.bool(row, 5)
            )
        }
    }

    private func handlerProblems() throws(PostgresError) -> [InboxProblem] {
        switch definition.apply {
        case .function(let name): try handlerProblems(name, suffix: "", other: "[]")
        case .batchFunction(let name): try handlerProblems(name, suffix: "[]", other: "")
        case .store: []
        }
    }

    /// What is wrong with a function that must take `postbox.message`, with `suffix` behind it.
    private func handlerProblems(
        _ name: Messaging.QualifiedName,
        suffix: String,
        other: String
    ) throws(PostgresError) -> [InboxProblem] {
        let type = "\(schema).message\(suffix)"
        let found = try functions(name, taking: quoted("message") + suffix)
        guard !found.isEmpty else {
            let text = "there is no function \(name): it must take \(type)"
            return [InboxProblem(.apply, text)]
        }
        guard let fitting = found.first(where: \.fits) else {
            let known = found.map { "(\($0.arguments))" }.joined(separator: " and ")
            let takesOther = try functions(name, taking: quoted("message") + other)
                .contains(where: \.fits)
            let key = suffix.isEmpty ? "batch_function" : "function"
            let hint = takesOther ? ", or be given as \(key)" : ""
            let text = "\(name) takes \(known): it must take \(type)\(hint)"
            return [InboxProblem(.apply, text)]
        }
        return problems(of: fitting, called: "\(name)(\(type))", in: name.schema)
    }

    private func problems(
        of handler: Candidate,
        called shown: String,
        in home: String
    ) -> [InboxProblem] {
        var texts: [String] = []
        if !handler.isFunction { texts.append("\(shown) is no plain function") }
        if handler.returnsSet {
            texts.append("\(shown) returns a set: it must return one value, or void")
        }
        if !handler.mayUseSchema { texts.append("GRANT USAGE ON SCHEMA \(home) to Postbox's role") }
        if !handler.mayExecute {
            texts.append("GRANT EXECUTE ON FUNCTION \(shown) to Postbox's role")
        }
        return texts.map { InboxProblem(.apply, $0) }
    }
}
