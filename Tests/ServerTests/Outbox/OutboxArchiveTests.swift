import Messaging
import Outbox
import TestKit
import Testing

/// The archive's days: made ahead, and dropped when their time is over.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxArchiveTests {
    private static let days = """
        SELECT (to_date(right(relname, 8), 'YYYYMMDD') - current_date)
        FROM pg_class WHERE relname ~ '^delivered_[0-9]{8}$' ORDER BY 1
        """

    private static func delivered(_ daysAgo: Int, id: Int) -> String {
        """
        INSERT INTO postbox.delivered (outbox, id, partition, "offset", delivered_at)
        VALUES ('shop', \(id), 0, 0, current_date - \(daysAgo) + interval '1 hour');
        """
    }

    private func archive(in database: TestDatabase) async throws {
        var definition = OutboxDefinition(name: "shop", database: "db", kafka: "kafka")
        definition.settle = .archive(retain: .seconds(3 * 86_400))
        try await database.run(OutboxMigration.script(for: [definition]))
    }

    @Test func `a day is dropped when its time is over, and not before`() async throws {
        try await withTestDatabase { database in
            try await archive(in: database)
            for ago in [5, 4, 3, 1] {
                try await database.run(
                    """
                    DO $$ BEGIN EXECUTE format(
                        'CREATE TABLE postbox.delivered_%s PARTITION OF postbox.delivered
                         FOR VALUES FROM (%L) TO (%L)', to_char(current_date - \(ago), 'YYYYMMDD'),
                        current_date - \(ago), current_date - \(ago) + 1); END $$;
                    \(Self.delivered(ago, id: ago))
                    """
                )
            }
            try await database.run("SELECT postbox.tend_archive(3)")
            #expect(try await database.texts(Self.days) == ["-3", "-1", "0", "1", "2"])
            let kept = "SELECT id FROM postbox.delivered ORDER BY id"
            #expect(try await database.texts(kept) == ["1", "3"])
        }
    }

    @Test func `a day whose rows came too early neither stops the others nor stays for ever`()
        async throws
    {
        try await withTestDatabase { database in
            try await archive(in: database)
            try await database.run(Self.delivered(0, id: 1) + Self.delivered(9, id: 9))
            try await database.run("SELECT postbox.tend_archive(3)")
            #expect(try await database.texts(Self.days) == ["1", "2"])
            let kept = "SELECT id FROM postbox.delivered ORDER BY id"
            #expect(try await database.texts(kept) == ["1"])
        }
    }

    @Test func `the days are there before the first message is delivered`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.settle = .archive(retain: .seconds(86_400))
            }
            try await database.run(
                """
                CREATE TABLE public.seen (days bigint);
                CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO public.seen SELECT count(*) FROM pg_class
                    WHERE relname ~ '^delivered_[0-9]{8}$';
                    RETURN NULL;
                END $$;
                CREATE TRIGGER note AFTER INSERT ON postbox.lane
                    FOR EACH STATEMENT EXECUTE FUNCTION public.note()
                """
            )
            try await fixture.running {
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM public.seen") > 0
                }
            }
            #expect(try await database.number("SELECT min(days) FROM public.seen") == 3)
        }
    }
}
