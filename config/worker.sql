-- A worker for an inbox with `apply: { store: true }`, in plain psql. Start as many as you like:
-- psql DATABASE -v inbox=shop -q -o /dev/null -f worker.sql
SELECT set_config('worker.inbox', :'inbox', false) \g /dev/null

-- One transaction: the messages, what they change, and that they are done.
DO $$
DECLARE
    t postbox.todo_message;
BEGIN
    FOR t IN SELECT * FROM postbox.take(current_setting('worker.inbox'), 100) LOOP
        -- What is inserted into postbox.outbox from here on follows from this message.
        PERFORM postbox.enter(t.id);
        IF t.payload IS NULL THEN
            DELETE FROM product WHERE id = t.key;
        ELSE
            INSERT INTO product (id, body) VALUES (t.key, postbox.body(t))
            ON CONFLICT (id) DO UPDATE SET body = excluded.body;
        END IF;
        PERFORM postbox.done(ARRAY[t.id]);
    END LOOP;
END
$$ \watch 0.1
