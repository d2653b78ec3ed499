-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.2: stores of spans in another database.

-- remote_store: tables of spans in other databases that were asked from this workspace. id; name: as the user calls it;
-- target: conninfo of the server, never with a password; mapping: which column is what, as TOML
-- (models/live/remote/README.md).
CREATE TABLE remote_store (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, target TEXT NOT NULL, mapping TEXT NOT NULL);
