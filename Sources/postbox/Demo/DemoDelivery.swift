import Postgres

/// The delivery service of the demo, in a database of its own: its deliveries, and its own copy of
/// the products they are of.
enum DemoDelivery {
    static let tables = """
        CREATE SCHEMA delivery;
        CREATE TABLE delivery.product (
            id bigint PRIMARY KEY,
            version bigint NOT NULL,
            price numeric(10, 2) NOT NULL,
            times_changed bigint NOT NULL DEFAULT 1,
            times_astray bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50);
        CREATE TABLE delivery.delivery (
            id bigint PRIMARY KEY,
            product_id bigint NOT NULL,
            quantity integer NOT NULL
        );
        INSERT INTO delivery.delivery
        SELECT id, id, 1 + id % 5 FROM generate_series(1, \(DemoShop.productCount)) AS id;
        """

    /// Applies a message; it would count a change that came twice, or in the wrong place.
    static let handler = """
        CREATE FUNCTION delivery.on_product(m postbox.message) RETURNS void
        LANGUAGE sql AS $$
            INSERT INTO delivery.product AS p (id, version, price)
            SELECT (body ->> 'id')::bigint, (body ->> 'version')::bigint,
                (body ->> 'price')::numeric
            FROM postbox.body(m) AS body
            ON CONFLICT (id) DO UPDATE
            SET version = excluded.version,
                price = excluded.price,
                times_changed = p.times_changed + 1,
                times_astray = p.times_astray + (excluded.version <> p.version + 1)::int
        $$;
        """

    /// The delivery service's own question, answered from its own tables alone.
    static let query = PostgresStatement(
        name: "list_deliveries",
        sql: """
            SELECT product.id, product.version, delivery.id, delivery.quantity,
                product.price::text, (delivery.quantity * product.price)::text
            FROM delivery.delivery
            JOIN delivery.product ON product.id = delivery.product_id
            ORDER BY product.id
            """
    )

    static let products = """
        SELECT id, version, price::text, times_changed, times_astray FROM delivery.product
        """

    /// How many records the inbox has behind it, and how many messages it has taken out.
    static let progress = """
        SELECT (
                SELECT coalesce(sum(reached), 0)::bigint
                FROM (
                    SELECT min(next_offset) AS reached
                    FROM postbox.position
                    GROUP BY topic, partition
                ) AS partition
            ),
            (SELECT count(*) FROM postbox.parked_message)
        """
}
