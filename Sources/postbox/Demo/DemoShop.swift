import Postgres

/// The products service of the demo: products that change, each change with its message.
enum DemoShop {
    /// Each writer has products of its own, so that none waits for another's lock.
    static let busyProducts: [ClosedRange<Int64>] = [1...100, 101...200]
    static let slowProducts: ClosedRange<Int64> = 201...220
    static let productCount = slowProducts.upperBound

    static let tables = """
        CREATE SCHEMA shop;
        CREATE TABLE shop.product (
            id bigint PRIMARY KEY,
            version bigint NOT NULL DEFAULT 0,
            price numeric(10, 2) NOT NULL DEFAULT 10
        );
        INSERT INTO shop.product (id)
        SELECT id FROM generate_series(1, \(productCount)) AS id;
        """

    /// Changes products and writes the messages in the same transaction; returns ids and versions.
    ///
    /// The update locks each product before its message gets an id, which is what keeps the order
    /// of a key. $1: the products, $2: the topic, $3: how often each message is written.
    static let change = PostgresStatement(
        name: "change_products",
        sql: """
            WITH changed AS (
                UPDATE shop.product
                SET version = version + 1, price = round((5 + random() * 95)::numeric, 2)
                WHERE id = ANY ($1)
                RETURNING id, version, price, gen_random_uuid() AS message_id
            ),
            written AS (
                INSERT INTO postbox.outbox (message_id, topic, key, type, payload)
                SELECT message_id, $2, 'product-' || id, 'product.changed',
                    convert_to(
                        json_build_object('id', id, 'version', version, 'price', price)::text,
                        'UTF8'
                    )
                FROM changed, generate_series(1, $3)
            )
            SELECT id, version FROM changed
            """,
        parameters: [.int8Array, .text, .int8]
    )

    static let countWaiting = """
        SELECT (SELECT count(*) FROM postbox.outbox), (SELECT count(*) FROM postbox.dead_letter)
        """

    static let products = "SELECT id, version, price::text FROM shop.product ORDER BY id"
}
