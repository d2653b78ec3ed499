# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order lookup: one statement over half a billion rows before (plan A) and after (plan B) one index."""

import json

from .common import clock, iso

QUERY = (
    "SELECT order_id, customer_id, status, total_cents, currency, placed_at, shipped_at, shipping_address "
    "FROM orders WHERE customer_id = 42 AND status = 'shipped'"
)
CONDITION = "((customer_id = 42) AND (status = 'shipped'::text))"
INDEX = "idx_orders_customer_status"

PLAN_A = {
    "head": "Seq Scan on orders",
    "json": {"Node Type": "Seq Scan"},
    "cost": ("0.00", "12847623.00"),
    "time": ("287401.22", "287892.55"),
    "lines": [f"Filter: {CONDITION}", "Rows Removed by Filter: 499995207",
              "Buffers: shared hit=1024 read=8472981"],
    "properties": {"Filter": CONDITION, "Rows Removed by Filter": 499995207},
    "hit": 1024,
    "read": 8472981,
    "planning": "0.12",
    "execution": "287893.01",
}
PLAN_B = {
    "head": f"Index Scan using {INDEX} on orders",
    "json": {"Node Type": "Index Scan", "Scan Direction": "Forward", "Index Name": INDEX},
    "cost": ("0.57", "5241.33"),
    "time": ("0.03", "4.87"),
    "lines": [f"Index Cond: {CONDITION}", "Buffers: shared hit=4821"],
    "properties": {"Index Cond": CONDITION, "Rows Removed by Index Recheck": 0},
    "hit": 4821,
    "read": 0,
    "planning": "0.15",
    "execution": "5.12",
}
ROWS_ESTIMATED, ROWS_ACTUAL, WIDTH = 4821, 4793, 196


class Number(float):
    """A JSON number that keeps the digits it was written with."""

    def __new__(cls, text):
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __repr__(self):
        return self.text


def text_plan(plan):
    """TEXT form with estimates and actual figures of a node on two lines, as mails and tickets carry it."""
    cost = f"(cost={plan['cost'][0]}..{plan['cost'][1]} rows={ROWS_ESTIMATED} width={WIDTH})"
    actual = f"(actual time={plan['time'][0]}..{plan['time'][1]} rows={ROWS_ACTUAL} loops=1)"
    lines = [f"Query Text: {QUERY}", f"{plan['head']}  {cost}", " " * (len(plan["head"]) + 2) + actual]
    lines += [f"  {line}" for line in plan["lines"]]
    lines += [f"Planning Time: {plan['planning']} ms", f"Execution Time: {plan['execution']} ms"]
    return ("\n".join(lines) + "\n").encode()


def encode(value, indent=0):
    """EXPLAIN's own JSON layout; the standard encoder would rewrite 0.00 as 0.0."""
    pad, end = "  " * (indent + 1), "  " * indent
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(key)}: {encode(item, indent + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + end + "}"
    if isinstance(value, list):
        if not value:
            return "[\n" + end + "]"
        lines = [pad + encode(item, indent + 1) for item in value]
        return "[\n" + ",\n".join(lines) + "\n" + end + "]"
    return repr(value) if isinstance(value, Number) else json.dumps(value)


def json_plan(plan):
    blocks = {"Shared Hit Blocks": plan["hit"], "Shared Read Blocks": plan["read"]}
    rest = ("Shared Dirtied", "Shared Written", "Local Hit", "Local Read", "Local Dirtied", "Local Written",
            "Temp Read", "Temp Written")
    blocks.update({f"{name} Blocks": 0 for name in rest})
    node = {**{"Node Type": plan["json"]["Node Type"], "Parallel Aware": False, "Async Capable": False},
            **{key: value for key, value in plan["json"].items() if key != "Node Type"},
            "Relation Name": "orders", "Alias": "orders",
            "Startup Cost": Number(plan["cost"][0]), "Total Cost": Number(plan["cost"][1]),
            "Plan Rows": ROWS_ESTIMATED, "Plan Width": WIDTH,
            "Actual Startup Time": Number(plan["time"][0]), "Actual Total Time": Number(plan["time"][1]),
            "Actual Rows": ROWS_ACTUAL, "Actual Loops": 1, **plan["properties"], **blocks}
    document = [{"Query Text": QUERY, "Plan": node, "Planning": {key: 0 for key in blocks},
                 "Planning Time": Number(plan["planning"]), "Triggers": [],
                 "Execution Time": Number(plan["execution"])}]
    return (encode(document) + "\n").encode()


def index_row(name, columns, unique, scans, size):
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return {"schemaname": "public", "relname": "orders", "indexrelname": name,
            "indexdef": f"CREATE {kind} {name} ON public.orders USING btree ({columns})",
            "indisunique": unique, "indisprimary": name == "orders_pkey", "indisvalid": True,
            "idx_scan": scans, "relation_size": size}


def catalog():
    """What the server's catalog says about the table on the day of plan A, keyed by catalog view."""
    yesterday = iso(clock("03:12:44") - 86400)
    return {
        "taken_at": iso(clock("09:00:00")),
        "pg_settings": [
            {"name": "server_version", "setting": "15.6", "unit": None},
            {"name": "block_size", "setting": "8192", "unit": None},
            {"name": "autovacuum_analyze_threshold", "setting": "50", "unit": None},
            {"name": "autovacuum_analyze_scale_factor", "setting": "0.1", "unit": None},
        ],
        "pg_class": [{"nspname": "public", "relname": "orders", "relkind": "r", "reltuples": 500000000,
                      "relpages": 8474005}],
        "pg_stat_user_tables": [
            {"schemaname": "public", "relname": "orders", "seq_scan": 214, "idx_scan": 91872340,
             "n_live_tup": 500000000, "n_dead_tup": 1204417, "n_mod_since_analyze": 1338052,
             "n_tup_ins": 500412903, "n_tup_upd": 212904410, "n_tup_del": 412903,
             "last_analyze": yesterday, "last_autoanalyze": None, "last_autovacuum": yesterday}],
        "pg_index": [
            index_row("orders_pkey", "order_id", True, 80412993, 11231166464),
            index_row("orders_order_number_key", "order_number", True, 6120874, 15787360256),
            index_row("idx_orders_placed_at", "placed_at", False, 2904412, 11229986816),
            index_row("idx_orders_updated_at", "updated_at", False, 2011840, 11302625280),
            index_row("idx_orders_warehouse_placed", "warehouse_id, placed_at", False, 422221, 15721439232),
        ],
        "pg_stats": [
            {"tablename": "orders", "attname": "customer_id", "null_frac": 0, "avg_width": 8,
             "n_distinct": -0.05, "correlation": 0.02},
            {"tablename": "orders", "attname": "status", "null_frac": 0, "avg_width": 8, "n_distinct": 6,
             "correlation": 0.61,
             "most_common_vals": ["delivered", "shipped", "returned", "paid", "cancelled", "placed"],
             "most_common_freqs": [0.6431, 0.241, 0.0512, 0.0291, 0.0204, 0.0152]},
        ],
    }


def files():
    return {
        "plan-a.txt": text_plan(PLAN_A),
        "plan-a.json": json_plan(PLAN_A),
        "plan-b.txt": text_plan(PLAN_B),
        "plan-b.json": json_plan(PLAN_B),
        "catalog.json": (json.dumps(catalog(), indent=2) + "\n").encode(),
    }
