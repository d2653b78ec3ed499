// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/readyindexes.h"
#include "store/schema.h"

#include <chrono>

using namespace storetest;

class TestRemoveSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void leavesNothing();
    void leavesOtherSourcesAlone();
    void cancelledAndRepeated();
    void idsDoNotComeBackWhileRemoving();
    void sharedStatementsStay();
    void unknownSource();
    void whileReading();
    void sourceIdsAreNotReused();

private:
    std::int64_t import(const std::string &path, int steps);
    std::string rows(std::string_view sql) const { return rowsOf(*m_workspace, sql); }
    /// Rows of all tables that imports and analyses fill.
    std::string tableCounts() const;
    std::unique_ptr<Workspace> m_workspace;
};

void TestRemoveSource::init()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    m_workspace = std::move(*workspace);
}

std::int64_t TestRemoveSource::import(const std::string &path, int steps)
{
    auto sink = BulkWriter::create(*m_workspace, {path, "test", {}}, {});
    if (!sink)
        return 0;
    writeMixed(**sink, steps);
    return (*sink)->finish({}) ? (*sink)->sourceId() : 0;
}

std::string TestRemoveSource::tableCounts() const
{
    const auto expected = expectedObjects();
    std::string out;
    for (const SchemaObject &object : *expected) {
        const bool constant
            = object.name == "generation" || object.name == "setting_kv" || object.name == "attribute_part";
        if (object.type == "table" && !constant)
            out += object.name + " " + rows("SELECT count(*) FROM " + object.name) + "\n";
    }
    return out;
}

void TestRemoveSource::leavesNothing()
{
    const std::string empty = tableCounts();
    const std::int64_t source = import("a", 2000);
    QCOMPARE(source, 1);
    auto database = m_workspace->connectWriter();
    // What analyses and later steps add to a source.
    TS_VERIFY_OK(database->execute(
        "INSERT INTO span_calc (id, depth) SELECT id, 0 FROM span_raw; INSERT INTO trace_calc (id) SELECT id "
        "FROM trace_raw;"
        "INSERT INTO span_link_raw (source_id, span_id, derived) SELECT 1, id, 1 FROM span_raw LIMIT 100;"
        "INSERT INTO pyramid VALUES (1, 'overview', '', x'00'); INSERT INTO import_issue_raw (source_id) "
        "VALUES (1);"
        "INSERT INTO import_reject_raw (source_id) VALUES (1); INSERT INTO server_raw (source_id) VALUES (1);"
        "INSERT INTO pool_sample_raw (source_id) VALUES (1); INSERT INTO budget_raw (id, source_id) VALUES "
        "(3, 1);"
        "INSERT INTO budget_component_raw (budget_id) VALUES (3); INSERT INTO setting_raw (source_id) VALUES "
        "(1)"));
    TS_VERIFY_OK(createReadyIndexes(*database, {}));
    const std::int64_t before = *m_workspace->generation("span");
    std::uint64_t last = 0;
    bool grows = true;
    Progress progress;
    progress.report = [&](const ProgressUpdate &update) {
        grows = grows && update.done >= last && update.done <= update.total && update.phase == "removing";
        last = update.done;
    };
    TS_VERIFY_OK(m_workspace->removeSource(source, progress));
    QVERIFY(grows && last > 0);
    QCOMPARE(tableCounts(), empty);
    QVERIFY(*m_workspace->generation("span") > before);
    TS_VERIFY_OK(m_workspace->quickCheck({}));
}

void TestRemoveSource::leavesOtherSourcesAlone()
{
    import("a", 500);
    const std::string before = contentOf(*m_workspace);
    const std::int64_t second = import("b", 700);
    TS_VERIFY_OK(m_workspace->removeSource(second, {}));
    QVERIFY(contentOf(*m_workspace) == before);
    import("c", 300);
    TS_VERIFY_OK(m_workspace->removeSource(1, {}));
    QCOMPARE(rows("SELECT count(*), count(DISTINCT source_id), count(operation) FROM span"),
        std::string("300|1|300"));
    QCOMPARE(rows("SELECT count(*) FROM span_attribute"), std::to_string(300 * 4));
}

void TestRemoveSource::cancelledAndRepeated()
{
    const std::string empty = tableCounts();
    const std::int64_t source = import("a", 2000);
    Progress progress;
    int calls = 0;
    progress.report = [&](const ProgressUpdate &) {
        if (++calls == 4)
            progress.cancel.cancel();
    };
    const auto cancelled = m_workspace->removeSource(source, progress);
    QVERIFY(!cancelled);
    QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
    QCOMPARE(rows("SELECT count(*) FROM span"), std::string("0"));
    QCOMPARE(m_workspace->sources()->front().state, SourceState::Cancelled);
    TS_VERIFY_OK(m_workspace->removeSource(source, {}));
    QCOMPARE(tableCounts(), empty);
}

void TestRemoveSource::idsDoNotComeBackWhileRemoving()
{
    const std::int64_t first = import("a", 500);
    Progress progress;
    int calls = 0;
    progress.report = [&](const ProgressUpdate &) {
        if (++calls == 6)
            progress.cancel.cancel();
    };
    QVERIFY(!m_workspace->removeSource(first, progress));
    QCOMPARE(rows("SELECT count(*) FROM string"), std::string("0")); // strings go first
    import("b", 500);
    const std::string before = rows("SELECT id, operation, start_ns FROM span ORDER BY id");
    TS_VERIFY_OK(m_workspace->removeSource(first, {}));
    QCOMPARE(rows("SELECT id, operation, start_ns FROM span ORDER BY id"), before);
    QVERIFY(before.find("NULL") == std::string::npos && before.size() > 1000);
}

void TestRemoveSource::sharedStatementsStay()
{
    import("a", 60);
    import("b", 60);
    const std::string statements = rows("SELECT count(*) FROM statement");
    QCOMPARE(statements, std::string("4")); // three of plans, one of log lines
    TS_VERIFY_OK(m_workspace->removeSource(1, {}));
    QCOMPARE(rows("SELECT count(*) FROM statement"), statements);
    TS_VERIFY_OK(m_workspace->removeSource(2, {}));
    QCOMPARE(rows("SELECT count(*) FROM statement"), std::string("0"));
}

void TestRemoveSource::unknownSource()
{
    const auto removed = m_workspace->removeSource(5, {});
    QVERIFY(!removed);
    QCOMPARE(removed.error().code, ErrorCode::NotFound);
}

void TestRemoveSource::whileReading()
{
    const std::int64_t source = import("a", 1000);
    auto reader = m_workspace->connectReader();
    auto query = reader->prepare("SELECT id FROM span");
    QVERIFY(*query->step());
    TS_VERIFY_OK(m_workspace->removeSource(source, {}));
    int count = 1; // the snapshot of the reader still has them
    while (*query->step())
        ++count;
    QCOMPARE(count, 1000);
    query->reset();
    QCOMPARE(rowsOf(*reader, "SELECT count(*) FROM span"), std::string("0"));
}

void TestRemoveSource::sourceIdsAreNotReused()
{
    QCOMPARE(import("a", 5), 1);
    TS_VERIFY_OK(m_workspace->removeSource(1, {}));
    QCOMPARE(import("b", 5), 2);
}

QTEST_GUILESS_MAIN(TestRemoveSource)
#include "tst_removesource.moc"
