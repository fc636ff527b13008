import CLibpq

/// The version of the libpq that is linked, for example `15.14`.
package let libpqVersion = postgresVersion(PQlibVersion())

/// PostgreSQL's way to write a version as a number, in its usual form: 150014 is `15.14`.
package func postgresVersion(_ number: Int32) -> String {
    "\(number / 10_000).\(number % 10_000)"
}
