import Postgres

/// The two services' databases, and the daemon's surroundings between them.
struct DemoStage: Sendable {
    let stage: Stage
    let products: StageDatabase
    let delivery: StageDatabase

    init(_ options: DemoOptions, _ stop: StopRequest) throws {
        products = try options.database.map(StageDatabase.init(on:)) ?? StageDatabase()
        try stop.check()
        delivery = try StageDatabase(beside: products)
        let broker = try StageBroker(options.kafka.map(StageBroker.Choice.at) ?? .builtIn)
        try broker.createTopic(options.topic, partitions: 4)
        stage = try Stage(
            database: products,
            receiver: delivery,
            broker: broker,
            inbox: StageInbox(topic: options.topic, apply: "function: delivery.on_product")
        )
        try products.session().run(DemoShop.tables)
        let session = try delivery.session()
        try session.run(DemoDelivery.tables)
        try session.run(DemoDelivery.handler)
        try stop.check()
    }
}
