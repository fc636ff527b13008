import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing
import Threads

/// Outages of PostgreSQL use no attempt, lose nothing, and end at once.
@Suite(.timeLimit(.minutes(4)), .mayBlock, .serialized)
struct OutboxOutageTests {
    @Test(arguments: BrokerKind.available)
    func `a terminated backend is replaced: nothing is lost, and no attempt is used`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            // Whatever is parked uses an attempt, even if it is published after.
            try await database.run(
                """
                CREATE TABLE public.parked_once (id bigint);
                CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO public.parked_once VALUES (NEW.id); RETURN NEW; END $$;
                CREATE TRIGGER note BEFORE INSERT ON postbox.parked
                    FOR EACH ROW EXECUTE FUNCTION public.note()
                """
            )
            try await fixture.running {
                for _ in 0..<20 {
                    try await fixture.insert(300)
                    try await database.run(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE application_name = 'postbox' AND datname = current_database()
                        """
                    )
                }
                let arrived = await fixture.reader.has(distinct: 6000)
                #expect(arrived)
                try await fixture.expectEmptySoon()
            }
            let parked = try await database.number("SELECT count(*) FROM public.parked_once")
            let verdict = fixture.reader.finish()
            #expect(parked == 0 && verdict.holds, "\(verdict)")
        }
    }

    @Test
    func `rows whose session breaks as they arrive are not overtaken by later ones`() async throws {
        try await withTestDatabase { database in
            try await withLossyWire(to: database.server) { wire in
                let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
                let engine = try OutboxFixture.engine(
                    fixture.definition,
                    database,
                    fixture.broker,
                    instance: "test",
                    wire: wire
                )
                try await OutboxFixture.running(engine) {
                    // One break in a few comes before the next rows are asked for.
                    for _ in 1...8 {
                        // A whole read.
                        wire.breakAfterAnswer(with: "SELECT 4000\0")
                        try await fixture.insert(12_000)
                        #expect(await soon { wire.hasLost })
                        #expect(await fixture.reader.hasAll())
                    }
                    try await fixture.expectEmptySoon()
                }
                let verdict = fixture.reader.finish()
                #expect(verdict.holds, "\(verdict)")
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func `PostgreSQL restarted under load loses nothing`(kind: BrokerKind) async throws {
        let server = try PostgresPrivateServer(settings: ["max_prepared_transactions": "10"])
        defer { server.remove() }
        try await withTestDatabase(on: server) { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            try await fixture.running {
                for round in 1...3 {
                    try await fixture.insert(3000)
                    await database.connection.disconnect()
                    try server.restart(round == 2 ? .immediate : .fast)
                    try await fixture.insert(100)
                    let arrived = await fixture.reader.has(distinct: round * 3100)
                    #expect(arrived)
                }
                try await fixture.expectEmptySoon()
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }
}
