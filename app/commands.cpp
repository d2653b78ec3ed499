// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command.h"

namespace tailscope::app {

const QVector<Command> &commands()
{
    const auto text = [](const char *literal) { return QString::fromUtf8(literal); };
    static const QVector<Command> list{
        {text("import"),
            text("import FILE... --to W.tailscope [--format ID] [--timezone TZ] [--log-format FORMAT] "
                 "[--offset DUR] [--sampling P] [--resume "
                 "SOURCE] [--mended SOURCE] [--ignore-space] [--no-advice]"),
            text("Import files into a workspace, then derive, sum up and run the rules"), false, runImport},
        {text("sources"), text("sources W [--format text|json] [--rejects SOURCE [-o FILE]]"),
            text("List the sources of a workspace, or the rejected rows of one"), false, runSources},
        {text("remove"), text("remove W SOURCE"), text("Remove a source and its rows"), false, runRemove},
        {text("report"), text("report W|FILE... [--format html|md|json|text] [--no-redact] [-o OUT]"),
            text("Where the time goes: operations, plans, findings, skips"), false, runReport},
        {text("query"), text("query W \"SQL\" [--format table|csv|tsv|json]"),
            text("Read-only SQL over the public schema"), false, runQuery},
        {text("export"),
            text("export W --to X.tailscope|X.otlp.jsonl|X.snapshots.jsonl [--range A..B] [--filter F] "
                 "[--trace KEY,...] "
                 "[--keep-literals]"),
            text("Part of the traces as a small file, redacted"), false, runExport},
        {text("explain"),
            text("explain PLAN|- [--format text|json] [--diff OTHER] [--fail-on warning|critical] "
                 "[--redact OUT]"),
            text("Self time, rows and findings of an execution plan"), false, runExplain},
        {text("render"),
            text("render W|FILE... --view ID [--size 1600x900] [--theme light|dark] [--range A..B] [--filter "
                 "EXPR] [--trace KEY] [--state JSON] -o OUT.png|.svg"),
            text("Draw a view without a display"), true, runRender},
        {text("check"),
            text("check W|FILE... [--budget B.toml] [--baseline W0] [--fail-on warning|critical] [--format "
                 "text|json] [--junit "
                 "FILE]"),
            text("A gate for CI"), false, runCheck},
        {text("record"),
            text("record CONNINFO... [--pool PGBOUNCER_CONNINFO]... [--interval 1s] [--for 60s] --to "
                 "W.tailscope [--keep-raw 6h] [--probe ID=INTERVAL|off]... [--name NAME] [--no-advice]"),
            text("Watch PostgreSQL and PgBouncer, write what they say into a workspace"), false, runRecord},
        {text("compare-recordings"),
            text("compare-recordings W [W2] [--a SIDE] [--b SIDE] [--what "
                 "headline,statements,waits,tables,settings] "
                 "[--limit N] [--format text|json]"),
            text("What differs between two recordings, or two ranges of one: before and after a change"),
            false, runCompareRecordings},
        {text("remote"),
            text("remote CONNINFO histogram|groups|cohort|traces|fetch --store MAP.toml [--range A..B|all] "
                 "[--service S] [--filter F] [--attribute KEY=VALUE,...] [--roots] [--by KEY] [--slow DUR] "
                 "[--exact] [--limit N] [--sample] [--trace ID,...] [--timeout S] [--sql] [--format "
                 "table|json] "
                 "[--to W]; remote CONNINFO guess SCHEMA.TABLE"),
            text("Questions about spans in another database, computed there (tested with PostgreSQL and "
                 "postgres_fdw; Citus, CockroachDB, YugabyteDB, Greenplum, Timescale: not tested)"),
            false, runRemote},
        {text("catalog-sql"), text("catalog-sql [--with-values]"),
            text("Print the psql script that writes what the advisor wants to know of a database"), false,
            runCatalogSql},
        {text("formats"), text("formats [--format text|json]"), text("List the formats that can be read"),
            false, runFormats},
        {text("rules"), text("rules [--format text|json]"), text("List the rules"), false, runRules},
        {text("probes"), text("probes [--format text|json]"), text("List what attached servers are asked"),
            false, runProbes},
        {text("views"), text("views [--format text|json]"), text("List the views that can be drawn"), false,
            runViews},
    };
    return list;
}

const Command *commandByName(const QString &name)
{
    for (const Command &command : commands()) {
        if (command.name == name)
            return &command;
    }
    return nullptr;
}

} // namespace tailscope::app
