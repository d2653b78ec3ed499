// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// EXPLAIN (FORMAT JSON) of extreme shapes through the streaming reader with an empty sink: wide (4,001 nodes
// under one Append), deep (300 levels that carry long conditions) and very deep (5,000 levels must be
// accepted). Prints a table of medians; exits 1 when a bound is missed. --factor F widens the bounds for
// slower machines.
#include "import/importer.h"
#include "store/bulkwriter.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

using namespace tailscope;

namespace {

std::string node(int number, std::size_t conditionBytes)
{
    const std::string id = std::to_string(number);
    std::string text = R"("Node Type": "Seq Scan", "Parent Relationship": "Outer", "Parallel Aware": false, )"
                       R"("Async Capable": false, "Relation Name": "part_)"
        + id
        + R"(", "Schema": "public", "Alias": "p", "Startup Cost": 0.00, "Total Cost": 22.70, )"
          R"("Plan Rows": 1270, "Plan Width": 36, "Actual Startup Time": 0.003, "Actual Total Time": 0.)"
        + id + R"(, "Actual Rows": 17, "Actual Loops": 1, "Output": ["p.a", "p.b"], "Filter": "(p.a <> ')";
    text.append(conditionBytes, 'x');
    return text
        + R"x('::text)", "Rows Removed by Filter": 3, "Shared Hit Blocks": 4, "Shared Read Blocks": 0, )x"
          R"("Shared Dirtied Blocks": 0, "Shared Written Blocks": 0, "Local Hit Blocks": 0)";
}

std::string wide(int nodes, std::size_t conditionBytes)
{
    std::string text = R"([{"Plan": {)" + node(0, conditionBytes) + R"(, "Plans": [)";
    for (int i = 1; i < nodes; ++i)
        text += (i > 1 ? ",\n{" : "{") + node(i, conditionBytes) + "}";
    return text + R"(]}, "Planning Time": 1.5, "Execution Time": 99.5}])";
}

std::string deep(int levels, std::size_t conditionBytes)
{
    std::string text = R"([{"Plan": )";
    for (int i = 0; i < levels; ++i)
        text += "{" + node(i, conditionBytes) + (i + 1 < levels ? R"(, "Plans": [)" : "}");
    for (int i = 1; i < levels; ++i)
        text += "]}";
    return text + R"(, "Planning Time": 1.5, "Execution Time": 99.5}])";
}

bool measure(const char *name, const std::string &text, std::int64_t nodes, double limitMs, double factor)
{
    std::vector<double> times;
    for (int run = 0; run < 7; ++run) {
        const import::Importer *importer = import::importerById("explain-json");
        import::MemorySource source(text, "plan.json");
        store::CountingSink sink;
        import::ImportReport report;
        const auto start = std::chrono::steady_clock::now();
        const auto done = importer->newReader({})->read(source, sink, report);
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        if (!done || sink.planNodes != nodes) {
            std::printf("  %-24s FAILED: %lld of %lld nodes %s\n", name,
                static_cast<long long>(sink.planNodes), static_cast<long long>(nodes),
                done ? "" : done.error().toText().c_str());
            return false;
        }
    }
    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2];
    const bool held = median <= limitMs * factor;
    std::printf("  %-24s %6.2f MB  %8.2f ms  (<= %g)  %s\n", name, double(text.size()) / 1e6, median,
        limitMs * factor, held ? "ok" : "MISSED");
    return held;
}

} // namespace

int main(int argc, char **argv)
{
    double factor = 1;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--factor") == 0)
            factor = std::atof(argv[i + 1]);
    }
    bool held = measure("wide, 4,001 nodes", wide(4001, 560), 4001, 50, factor);
    held = measure("deep, 300 levels", deep(300, 20'000), 300, 40, factor) && held;
    held = measure("very deep, 5,000 levels", deep(5000, 100), 5000, 200, factor) && held;
    return held ? 0 : 1;
}
