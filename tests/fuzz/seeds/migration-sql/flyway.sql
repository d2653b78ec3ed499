-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- orders get a state
SET lock_timeout = '2s';
ALTER TABLE shop.orders ADD COLUMN state text NOT NULL DEFAULT 'new', ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES shop.customers (id) NOT VALID;
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_state_idx ON shop.orders USING btree (state, lower(email)) WHERE state <> 'done';
COMMENT ON TABLE shop.orders IS 'one; line';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.updated_at := now(); -- a semicolon; inside
  RETURN NEW;
END
$body$;
UPDATE shop.orders SET state = 'done' WHERE id < 1000;
