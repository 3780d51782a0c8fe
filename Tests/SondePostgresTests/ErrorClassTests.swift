import SondePostgres
import Testing

struct ErrorClassTests {
    @Test(
        "a SQLSTATE has one class",
        arguments: [
            ("28P01", ErrorClass.auth), ("28000", .auth), ("53300", .tooManyConnections), ("57P03", .startingUp),
            ("42501", .permission), ("42703", .undefined), ("42883", .undefined), ("42P01", .undefined),
            ("42704", .undefined), ("57014", .timeout), ("55P03", .timeout), ("57P01", .network), ("57P02", .network),
            ("08006", .network), ("08P01", .other), ("3D000", .other), ("22021", .other), ("XX000", .other),
        ])
    func ofServer(sqlstate: String, expected: ErrorClass) {
        #expect(ErrorClass(sqlstate: sqlstate) == expected)
    }
}
