import Testing

@testable import postbox

struct TextTableTests {
    private var table: TextTable {
        var table = TextTable(["NAME", .right("ROWS"), "NOTE"])
        table.append(["shop", 7, "publishing"])
        table.append(["注文", 12_345, "waits\u{1B}for Kafka, unreachable"])
        return table
    }

    @Test func `columns are aligned by what a terminal shows`() {
        #expect(
            table.lines() == [
                "NAME   ROWS  NOTE",
                "shop      7  publishing",
                "注文  12345  waits�for Kafka, unreachable",
            ]
        )
    }

    @Test func `the last column gives way to a narrow terminal`() {
        #expect(table.lines(width: 24).last == "注文  12345  waits�for …")
        #expect(table.lines(width: 3).first == "NAME   ROWS  …")
    }
}
