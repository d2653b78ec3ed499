-- Orders get a state and an index.
\set ON_ERROR_STOP on
CREATE TABLE shop.order_states (
  state text PRIMARY KEY,
  title text NOT NULL
);
CREATE INDEX order_states_title_idx ON shop.order_states (title);
ALTER TABLE shop.orders
  ADD COLUMN state text NOT NULL,
  ALTER COLUMN total TYPE numeric(14, 2);
CREATE INDEX orders_state_idx ON shop.orders (state);
/* This one waits: */ SET lock_timeout = '2s';
CREATE INDEX CONCURRENTLY orders_created_idx ON shop.orders (created_at) WHERE state = 'open';
DO $$ BEGIN RAISE NOTICE 'done; really'; END $$;
ALTER TABLE shop.orders MODIFY COLUMN state varchar(10);
