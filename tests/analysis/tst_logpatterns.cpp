// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// log_pattern against a GROUP BY of the public view, its bound, and what is left out.
#include "analysis/logpatterns.h"
#include "storefixture.h"

#include <QtTest>

using namespace tailscope;
using namespace storefixture;

namespace {

void addLine(Source &source, std::string_view kind, std::string_view severity, std::string_view pattern,
    Nanos ts, std::optional<double> durationMs = std::nullopt)
{
    LogRow row;
    row.tsNs = ts;
    row.kind = kind;
    row.severity = severity;
    row.message = "x";
    row.pattern = pattern;
    row.durationMs = durationMs;
    source.writer().logEntry(row);
}

std::vector<std::string> rowsOf(const store::Workspace &workspace, const std::string &sql)
{
    std::vector<std::string> rows;
    auto reader = workspace.connectReader();
    auto query = reader->prepare(sql);
    if (!query)
        return {query.error().toText()};
    while (*query->step()) {
        std::string row;
        for (int i = 0; i < query->columnCount(); ++i)
            row += (i > 0 ? "|" : "")
                + (query->isNull(i) ? std::string("NULL") : std::string(query->text(i)));
        rows.push_back(row);
    }
    return rows;
}

Result<void> compute(const store::Workspace &workspace, std::size_t most)
{
    const Result<analysis::WriteRows> write = analysis::computeLogPatterns(workspace, Progress(), most);
    if (!write)
        return tl::unexpected(write.error());
    return analysis::storeRun(workspace, analysis::AnalysisRun{"log_pattern", 1, "{}", 0, 0}, *write);
}

constexpr const char *kStored
    = "SELECT source_id, kind, severity, pattern, n, first_ns, last_ns, total_ms, example_id"
      " FROM log_pattern ORDER BY rowid";

} // namespace

class TestLogPatterns : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsGroupBy();
    void sumsWhatIsBeyondTheBound();
    void isEmptyWithoutPatterns();
};

void TestLogPatterns::equalsGroupBy()
{
    const auto workspace = newWorkspace();
    for (int file = 0; file < 2; ++file) {
        Source source(*workspace);
        for (int i = 0; i < 1000; ++i)
            addLine(source, i % 7 == 0 ? "error" : "slow_statement", i % 5 == 0 ? "ERROR" : "LOG",
                "pattern " + std::to_string(i % 13), i % 11 == 0 ? kUnknownNanos : 1000 + i * 7 % 501,
                i % 3 == 0 ? std::optional<double>(i) : std::nullopt);
        addLine(source, "other", "LOG", "", 5);
        source.finish();
    }
    TS_VERIFY_OK(compute(*workspace, 20'000));
    const std::vector<std::string> expected = rowsOf(*workspace,
        "SELECT source_id, kind, severity, pattern, count(*), min(ts_ns), max(ts_ns), sum(duration_ms), "
        "min(id)"
        " FROM log_entry WHERE pattern IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, min(id)");
    QVERIFY(expected.size() > 50);
    QVERIFY(rowsOf(*workspace, kStored) == expected);
}

void TestLogPatterns::sumsWhatIsBeyondTheBound()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    for (int i = 0; i < 10; ++i) {
        for (int n = 0; n <= i; ++n)
            addLine(source, "error", "ERROR", "pattern " + std::to_string(i), 100 * i + n, 2.0);
    }
    source.finish();
    TS_VERIFY_OK(compute(*workspace, 3));
    const std::vector<std::string> rows = rowsOf(*workspace,
        "SELECT kind, pattern, n, first_ns, last_ns, total_ms FROM log_pattern ORDER BY rowid");
    // 10 + 9 + 8 lines of the three, 28 of the seven others.
    QCOMPARE(rows.size(), std::size_t(4));
    QCOMPARE(rows[0], std::string("error|pattern 9|10|900|909|20.0"));
    QCOMPARE(rows[2], std::string("error|pattern 7|8|700|707|16.0"));
    QCOMPARE(rows[3], std::string("other|(lines of the patterns beyond the 3 most frequent)|28|0|606|56.0"));
}

void TestLogPatterns::isEmptyWithoutPatterns()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    addLine(source, "error", "ERROR", "", 5);
    source.finish();
    TS_VERIFY_OK(compute(*workspace, 20'000));
    QVERIFY(rowsOf(*workspace, kStored).empty());
}

QTEST_GUILESS_MAIN(TestLogPatterns)
#include "tst_logpatterns.moc"
