// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandhelp.h"

#include <QHash>

namespace tailscope::app {

namespace {

/// By command: what its options do, and an example.
const QHash<QString, QString> &details()
{
    static const QHash<QString, QString> texts{
        {QStringLiteral("import"),
            QStringLiteral(
                "  --to W.tailscope   the workspace; made where it does not exist\n"
                "  --format ID        the format, instead of looking at the content ('tailscope formats')\n"
                "  --timezone TZ      zone of time stamps that name none: Europe/Paris, +02:00 (default "
                "UTC)\n"
                "  --log-format F     log_format of nginx or LogFormat of Apache the files have; kept for "
                "them "
                "and their like\n"
                "  --map MAP.toml     what the columns of a table (CSV, TSV) mean; kept for tables with the "
                "same header\n"
                "  --offset DUR       added to every time stamp: 1.5s, -200ms\n"
                "  --sampling P       of the traces that do not say it themselves so much was kept: 0.1, "
                "1/32\n"
                "  --resume SOURCE    go on with an import that was interrupted ('tailscope sources')\n"
                "  --mended SOURCE    FILE is the reject list of that source with its rows mended\n"
                "  --ignore-space     import although the disk seems too small\n"
                "  --no-advice        do not run the rules\n\n"
                "A file that cannot be read is named and the next one goes on. '-' is standard input.\n\n"
                "Example: tailscope import trace.json.gz plan.txt --to work.tailscope\n")},
        {QStringLiteral("record"),
            QStringLiteral(
                "  --to W.tailscope     the workspace; made where it does not exist\n"
                "  --pool CONNINFO      the admin console of a PgBouncer; may come several times\n"
                "  --interval DUR       of the fastest probes (default 1s); the others keep their ratio\n"
                "  --for DUR            end after 60s, 8h; otherwise Ctrl+C or SIGTERM ends it\n"
                "  --keep-raw DUR|all   older rows are kept as one a minute (default 6h)\n"
                "  --probe ID=DUR|off   interval of one probe ('tailscope probes'); may come several times\n"
                "  --name NAME          of the recording; default: the servers' names\n"
                "  --no-advice          do not run the rules at the end\n\n"
                "CONNINFO is what libpq takes: \"host=db1 dbname=shop user=monitor\", a postgresql:// URI, "
                "service=NAME.\n"
                "Several servers become one recording, so that a replica is seen from both ends. A password "
                "comes "
                "from\nPGPASSWORD, ~/.pgpass, a service file or is asked for; it is stored nowhere. Nothing "
                "is "
                "ever changed on a\nserver: the role pg_monitor is enough.\n\n"
                "Example: tailscope record \"host=db1 dbname=shop user=monitor\" --pool \"host=db1 port=6432 "
                "dbname=pgbouncer\" --for 10m --to shop.tailscope\n")},
        {QStringLiteral("compare-recordings"),
            QStringLiteral(
                "  --a SIDE, --b SIDE   before and after; default: the last two recordings, or the halves\n"
                "                       of the only one; of two workspaces the last of each. SIDE: the\n"
                "                       number of a source ('tailscope sources'), the name of a\n"
                "                       recording, BEGIN..END (nanoseconds or UTC times), a part of one\n"
                "                       as NAME@BEGIN..END, or all\n"
                "  --what LIST          headline, statements, waits, tables, settings; default: all of them\n"
                "  --limit N            at most N rows of each; default 20, all of them as JSON\n"
                "  --format text|json   default text; --json is short for --format json\n\n"
                "Statements are sorted by the time of all their calls in a second of B less that in a second "
                "of A.\n"
                "A change is told when it is no chance (p below 0.01) and more than 5 %; what makes the "
                "figures\n"
                "doubtful (few samples, counters that began anew, evicted statements) is said first. Of two "
                "workspaces\n"
                "A is in the first; statements meet by their text, servers by their names.\n\n"
                "Example: tailscope compare-recordings shop.tailscope --a before --b after --what "
                "statements\n")},
        {QStringLiteral("probes"),
            QStringLiteral("  --format text|json   default text\n\n"
                           "What is asked of attached servers, how often, and which privilege shows all of "
                           "it.\n")},
        {QStringLiteral("sources"),
            QStringLiteral(
                "  --format text|json   default text\n"
                "  --rejects SOURCE     the rows of that source that were not taken, to be mended\n"
                "  -o FILE              write them to a file\n\n"
                "Lists every source with its state, rows, skips and clock.\n")},
        {QStringLiteral("remove"), QStringLiteral("SOURCE is the number that 'tailscope sources' shows.\n")},
        {QStringLiteral("report"),
            QStringLiteral("  --format html|md|json|text   default text\n"
                           "  --no-redact                  keep the literals of statements\n"
                           "  -o OUT                       write to a file\n\n"
                           "Files are read into a workspace that is thrown away.\n\n"
                           "Example: tailscope report trace.json plan.txt --format html -o report.html\n")},
        {QStringLiteral("query"),
            QStringLiteral("  --format table|csv|tsv|json   default table\n\n"
                           "One read-only statement over the public tables and views.\n\n"
                           "Example: tailscope query work.tailscope \"SELECT operation, count(*), "
                           "p99(duration_ns) FROM span GROUP BY 1\"\n")},
        {QStringLiteral("export"),
            QStringLiteral(
                "  --to X              .tailscope: a workspace; .otlp.jsonl: OTLP JSON lines;\n"
                "                      .snapshots.jsonl: what servers were seen to do, as result sets\n"
                "  --range A..B        spans that start there; nanoseconds or UTC times\n"
                "  --filter F          the filter bar's words: service=, duration>50ms, /regex/\n"
                "  --trace KEY,...     these traces, by trace_key\n"
                "  --keep-literals     keep the literals of SQL, the queries of URLs, secrets\n\n"
                "Every trace with such a span goes out whole, so that its figures stay what they are; a tree "
                "of\nspans without trace likewise. OTLP has no word for asynchronous spans and for instants "
                "of\nthreads: a workspace keeps them.\n\n"
                "Example: tailscope export work.tailscope --filter 'duration>1s' --to slow.tailscope\n")},
        {QStringLiteral("explain"),
            QStringLiteral(
                "  --format text|json   default text\n"
                "  --diff OTHER         compare with the plan of another file, node by node\n"
                "  --fail-on warning|critical   exit code 1 when a finding is of this severity or above\n"
                "  --redact OUT         also save the text without names and values, readable or not\n\n"
                "Example: psql -XAtc \"EXPLAIN (ANALYZE, BUFFERS) SELECT 1\" | tailscope explain -\n")},
        {QStringLiteral("render"),
            QStringLiteral("  --view ID            what to draw ('tailscope views')\n"
                           "  --size WxH           default 1600x900\n"
                           "  --theme light|dark   default light\n"
                           "  --range A..B         nanoseconds on the time axis, A..B\n"
                           "  --filter EXPR        the filter bar's words: service=, duration>50ms, /regex/\n"
                           "  --trace KEY          trace to show (waterfall), its ID or the beginning of it\n"
                           "  --state JSON         state of the view, as 'Copy as Command Line' writes it\n"
                           "  -o OUT               .png or .svg\n")},
        {QStringLiteral("check"),
            QStringLiteral(
                "  --fail-on warning|critical   findings of this severity fail the gate\n"
                "  --junit FILE                 the result for a CI server\n"
                "  --format text|json           default text\n"
                "  --baseline W0|FILE           fail when an operation got worse than in W0; findings fail "
                "the\n"
                "                               gate then only with --fail-on. Exit code 6: no operation of\n"
                "                               both has enough spans (P95 200, P99 1,000, errors 30)\n"
                "  --max-p95-ratio X            P95 may be X times that of the baseline, default 1.2\n"
                "  --max-p99-ratio X            the same for P99, default 1.2\n"
                "  --max-error-points X         failed spans may be X points more, default 0.5, or\n"
                "  --max-error-ratio X          X times as many, default 2; a change must be significant "
                "too\n"
                "  --budget B.toml|NAME         fail when the requests, or one of their components, take "
                "longer\n"
                "                               than the budget allows; a load test by its phases. NAME: a "
                "preset\n"
                "                               (api-200ms, checkout-500ms, web-page, mobile). Equal to a "
                "limit\n"
                "                               passes; exit code 6: no samples to decide by\n")},
        {QStringLiteral("catalog-sql"),
            QStringLiteral(
                "  --with-values   print common values of columns and running statements too\n\n"
                "The script reads only, on PostgreSQL 10 to 18. What it prints is imported like any "
                "file.\n\n"
                "Example: tailscope catalog-sql > catalog.sql\n"
                "         psql -X -At -f catalog.sql shop > catalog.jsonl\n"
                "         tailscope import catalog.jsonl --to work.tailscope\n")},
        {QStringLiteral("formats"), QStringLiteral("  --format text|json   default text\n")},
        {QStringLiteral("rules"), QStringLiteral("  --format text|json   default text\n")},
        {QStringLiteral("views"), QStringLiteral("  --format text|json   default text\n")},
    };
    return texts;
}

} // namespace

QString commandHelp(const Command &command)
{
    return QStringLiteral("Usage: tailscope %1\n\n%2.\n\n%3")
        .arg(command.synopsis, command.summary, details().value(command.name));
}

QString generalHelp()
{
    QString text
        = QStringLiteral("Usage: tailscope [FILE|WORKSPACE ...]            open the window\n"
                         "       tailscope [WORKSPACE] --attach CONNINFO... [--pool CONNINFO]...\n"
                         "                                                open it and watch servers\n"
                         "       tailscope COMMAND [ARGUMENTS]\n\nCommands:\n");
    for (const Command &command : commands())
        text += QStringLiteral("  %1\n      %2\n").arg(command.synopsis, command.summary);
    return text
        + QStringLiteral("\n'tailscope COMMAND --help' tells more of one command.\n\n"
                         "Options:\n  --help, --version\n\n"
                         "Exit codes: 0 done, 1 a gate failed, 2 wrong usage or no display, 3 input could "
                         "not be read,\n  4 connection failed, 5 workspace damaged or locked, 6 the gate "
                         "could not decide.\n");
}

} // namespace tailscope::app
