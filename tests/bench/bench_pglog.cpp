// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A server's log through its reader with an empty sink: plans of auto_explain a second in each of its forms,
// and the rate of plain lines. bench_pglog [--factor F] prints a table; exits 1 when a bound is missed. With
// --write FILE MEGABYTES it writes such a log instead, for measurements of a whole import.
#include "import/importer.h"
#include "store/bulkwriter.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

using namespace tailscope;

namespace {

/// "2026-11-22 04:11:05.123 UTC [1234] app@shop " of a record.
std::string prefixOf(int record)
{
    char text[80];
    std::snprintf(text, sizeof text, "2026-11-22 %02d:%02d:%02d.%03d UTC [%d] app@shop ",
        record / 36'000 % 24, record / 600 % 60, record / 10 % 60, record % 10 * 100, 1000 + record % 40);
    return text;
}

std::string textPlan(int record)
{
    const std::string id = std::to_string(record);
    return prefixOf(record)
        + "LOG:  duration: 10.238 ms  plan:\n"
          "\tQuery Text: select c.name, count(*) from customer c join orders o on o.customer_id = c.id where "
          "c.id = "
        + id
        + " group by c.name\n"
          "\tHashAggregate  (cost=1048.02..1050.02 rows=200 width=18) (actual time=10.069..10.089 rows=200 "
          "loops=1)\n"
          "\t  Group Key: c.name\n"
          "\t  Batches: 1  Memory Usage: 48kB\n"
          "\t  Buffers: shared hit=557\n"
          "\t  ->  Nested Loop  (cost=0.29..1038.00 rows=2005 width=10) (actual time=0.160..9.757 rows=2000 "
          "loops=1)\n"
          "\t        Buffers: shared hit=557\n"
          "\t        ->  Seq Scan on customer c  (cost=0.00..348.00 rows=200 width=14) (actual "
          "time=0.070..1.918 rows=200 "
          "loops=1)\n"
          "\t              Filter: vip\n"
          "\t              Rows Removed by Filter: 19800\n"
          "\t              Buffers: shared hit=148\n"
          "\t        ->  Index Only Scan using orders_customer on orders o  (cost=0.29..3.35 rows=10 "
          "width=4) (actual "
          "time=0.035..0.038 rows=10 loops=200)\n"
          "\t              Index Cond: (customer_id = c.id)\n"
          "\t              Heap Fetches: 8\n"
          "\t              Buffers: shared hit=409\n";
}

std::string jsonPlan(int record)
{
    const auto node = [](const char *type, const std::string &more) {
        return std::string("{\n\t    \"Node Type\": \"") + type
            + "\",\n\t    \"Startup Cost\": 0.29,\n\t    \"Total Cost\": 1038.00,\n\t    \"Plan Rows\": "
              "200,\n"
              "\t    \"Plan Width\": 10,\n\t    \"Actual Startup Time\": 0.160,\n\t    \"Actual Total "
              "Time\": 9.757,\n"
              "\t    \"Actual Rows\": 2000,\n\t    \"Actual Loops\": 1,\n\t    \"Shared Hit Blocks\": 557,\n"
              "\t    \"Shared Read Blocks\": 0"
            + more + "\n\t  }";
    };
    const std::string leaf = node("Seq Scan", ",\n\t    \"Relation Name\": \"orders\"");
    return prefixOf(record) + "LOG:  duration: 10.238 ms  plan:\n\t{\n\t  \"Query Text\": \"select "
        + std::to_string(record) + "\",\n\t  \"Plan\": "
        + node("Aggregate",
            ",\n\t    \"Plans\": [" + node("Nested Loop", ",\n\t    \"Plans\": [" + leaf + ", " + leaf + "]")
                + "]")
        + "\n\t}\n";
}

std::string plainLine(int record)
{
    return prefixOf(record) + "LOG:  duration: " + std::to_string(record % 1000)
        + ".125 ms  statement: SELECT id, total, note FROM orders WHERE customer_id = "
        + std::to_string(record) + " AND note IS NOT NULL ORDER BY created DESC LIMIT 20\n";
}

std::string repeated(const std::function<std::string(int)> &make, int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += make(i);
    return text;
}

struct Measured
{
    double seconds = 0;
    std::int64_t plans = 0, entries = 0;
};

Measured measure(const std::string &text)
{
    Measured best;
    for (int run = 0; run < 3; ++run) {
        import::MemorySource source(text, "postgresql.log");
        store::CountingSink sink;
        import::ImportReport report;
        const auto start = std::chrono::steady_clock::now();
        const auto done = import::importerById("postgresql-log")->newReader({})->read(source, sink, report);
        const double seconds
            = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (!done || report.rowsSkipped() > 0)
            return {};
        if (run == 0 || seconds < best.seconds)
            best = {seconds, sink.plans, sink.logEntries};
    }
    return best;
}

bool plans(const char *name, const std::string &text, int count, double perSecond)
{
    const Measured measured = measure(text);
    const double rate = measured.seconds > 0 ? count / measured.seconds : 0;
    const bool held = measured.plans == count && rate >= perSecond;
    std::printf("  %-24s %8.0f plans/s  %6.1f MB/s  (>= %.0f plans/s)  %s\n", name, rate,
        measured.seconds > 0 ? double(text.size()) / 1e6 / measured.seconds : 0, perSecond,
        held ? "ok" : "MISSED");
    return held;
}

bool lines(const std::string &text, int count, double perSecond)
{
    const Measured measured = measure(text);
    const double rate = measured.seconds > 0 ? double(text.size()) / 1e6 / measured.seconds : 0;
    const bool held = measured.entries == count && rate >= perSecond;
    std::printf("  %-24s %8.0f lines/s  %6.1f MB/s  (>= %.0f MB/s)  %s\n", "durations, one line each",
        measured.seconds > 0 ? count / measured.seconds : 0, rate, perSecond, held ? "ok" : "MISSED");
    return held;
}

int write(const char *path, double megabytes)
{
    std::FILE *file = std::fopen(path, "wb");
    if (file == nullptr)
        return 3;
    double written = 0;
    for (int i = 0; written < megabytes * 1e6; ++i) {
        const std::string text = i % 20 == 0 ? textPlan(i) : plainLine(i);
        written += double(std::fwrite(text.data(), 1, text.size(), file));
    }
    return std::fclose(file) == 0 ? 0 : 3;
}

} // namespace

int main(int argc, char **argv)
{
    double factor = 1;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--factor") == 0)
            factor = std::atof(argv[i + 1]);
        if (std::strcmp(argv[i], "--write") == 0 && i + 2 < argc)
            return write(argv[i + 1], std::atof(argv[i + 2]));
    }
    bool held = plans("plans, TEXT", repeated(textPlan, 10'000), 10'000, 4000 / factor);
    held = plans("plans, JSON", repeated(jsonPlan, 10'000), 10'000, 4000 / factor) && held;
    held = lines(repeated(plainLine, 200'000), 200'000, 100 / factor) && held;
    return held ? 0 : 1;
}
