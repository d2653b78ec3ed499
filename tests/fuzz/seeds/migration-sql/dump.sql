-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
\restrict abc
SET statement_timeout = 0;
SET lock_timeout = 0;
CREATE TABLE public.users (
    id bigint NOT NULL,
    name character varying(50) DEFAULT ''::character varying
);
COPY public.users (id, name) FROM stdin;
1	it's; one
\.
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
/* a /* nested */ comment; */ DROP INDEX IF EXISTS a, s.b CASCADE;
