// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Plan files whose name says which rule must fire or stay silent, read by the importer and made ready as any
// file.
#include "session/ingest.h"

#include <QFileInfo>
#include <QTest>

using namespace tailscope;

class TestLynceus : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rules_data();
    void rules();
};

void TestLynceus::rules_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("fires"); // blank between rules; every other rule of `watched` must be silent
    const auto row = [](const char *file, const char *fires) {
        QTest::newRow(file) << QString::fromLatin1(file) << QString::fromLatin1(fires);
    };
    row("diskspill", "plan-memory-spill");
    row("diskspill_inmemory", "");
    row("estimate_accurate", "");
    row("hashjoin_batches", "plan-memory-spill");
    row("hashjoin_onebatch", "");
    row("inefficient_index", "plan-index-filter-removes-most");
    row("largeoffset", "plan-deep-offset");
    row("lossybitmap", "plan-bitmap-lossy plan-index-filter-removes-most");
    row("seqscan_fullread", "");
    row("seqscan_loops", "");
    row("slowscan_events", "plan-seq-scan-selective");
    row("stalestats_seqscan", "plan-row-misestimate");
    row("wrongindex_noscandir", "plan-index-filter-removes-most");
    row("wrongindexorderby", "plan-index-order-wrong");
}

void TestLynceus::rules()
{
    QFETCH(QString, file);
    QFETCH(QString, fires);
    const QString path = QStringLiteral(TS_SHARED_DIR "/corpus/plans/json/lynceus/%1.json").arg(file);
    if (!QFileInfo::exists(path))
        QSKIP("the corpus of plans is not here");
    auto workspace = store::Workspace::temporary();
    QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
    const session::IngestResult result = session::ingest(**workspace, {path.toStdString()}, {}, {});
    QVERIFY2(result.errors.empty(), result.errors.empty() ? "" : result.errors[0].toText().c_str());
    auto reader = (*workspace)->connectReader();
    QVERIFY(reader);
    // What tells of itself only (rung 0) is no verdict.
    const auto found = reader->text(
        "SELECT coalesce(group_concat(rule_id, ' '), '') FROM (SELECT DISTINCT rule_id FROM finding WHERE "
        "rule_id NOT IN"
        " ('plan-hottest-node', 'plan-evidence-missing', 'plan-healthy', 'plan-seq-scan-right',"
        " 'plan-scan-without-limit', 'plan-io-timing-off', 'plan-settings-changed') ORDER BY 1)");
    QVERIFY(found);
    QCOMPARE(QString::fromStdString(found->value_or("")), fires);
}

QTEST_GUILESS_MAIN(TestLynceus)
#include "tst_lynceus.moc"
