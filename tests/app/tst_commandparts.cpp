// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of commands that can be asked without a process.
#include "app/commands/plancompare.h"
#include "app/commands/progressline.h"
#include "app/commands/redactplan.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::app;

class TestCommandParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void progressHasRateAndRemainingTime();
    void unknownProgressSaysLess();
    void plansOfTheSameQueryAreCompared();
    void withoutQueriesTheFirstAreCompared();
    void whatIsBesideTheTree();
    void refusedPlansAreSavedWithoutNames();
};

void TestCommandParts::refusedPlansAreSavedWithoutNames()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("bad.txt"));
    const QString out = folder.filePath(QStringLiteral("out.txt"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("broken\n  ->  Seq Scam on wages w  (cost=0.00..1.00 rows=1)\n        Filter: (name = "
               "'Eve'::text)\n");
    file.close();
    QVERIFY(saveRedactedPlan(path, out).has_value());
    QFile copy(out);
    QVERIFY(copy.open(QIODevice::ReadOnly));
    const QByteArray text = copy.readAll();
    QVERIFY2(text.contains("cost=0.00..1.00 rows=1") && text.contains("Filter: ("), text.constData());
    QVERIFY2(!text.contains("wages") && !text.contains("Eve"), text.constData());
    // Never over the original, never without a name.
    QVERIFY(!saveRedactedPlan(path, path));
    QVERIFY(!saveRedactedPlan(path, QString()));
    QVERIFY(!saveRedactedPlan(folder.filePath(QStringLiteral("none")), out));
    const Error refused{ErrorCode::BadInput, "x", "no plan", {}, "Give the output of EXPLAIN"};
    QVERIFY(isRefusedPlan(refused));
    QVERIFY(withRedactHint(refused, false).hint.find("--redact OUT") != std::string::npos);
    QCOMPARE(withRedactHint(refused, true).hint, refused.hint);
    QVERIFY(isRefusedPlan({ErrorCode::UnknownFormat, "Pasted text", "unknown", {}, "x"}));
    QVERIFY(!isRefusedPlan({ErrorCode::UnknownFormat, "/a/x.pprof", "unknown", {}, "x"}));
    QVERIFY(!isRefusedPlan({ErrorCode::NotFound, "x", "no file", {}, "Check the name"}));
}

void TestCommandParts::progressHasRateAndRemainingTime()
{
    QCOMPARE(progressLine({"reading", 250, 1000, 40'000}, 2000),
        QStringLiteral("reading 25 %, 40,000 rows, 20,000 rows/s, 6 s left"));
}

void TestCommandParts::unknownProgressSaysLess()
{
    QCOMPARE(progressLine({"indexing", 0, 0, 0}, 2000), QStringLiteral("indexing"));
    // Too early for a rate to mean anything.
    QVERIFY(!progressLine({"reading", 5, 1000, 0}, 2000).contains(QStringLiteral("left")));
    QVERIFY(!progressLine({"reading", 500, 1000, 0}, 100).contains(QStringLiteral("left")));
}

namespace {

PlanRows plan(const char *fingerprint, double ms)
{
    PlanRows rows;
    rows.tree.fingerprint = fingerprint;
    rows.tree.executionMs = ms;
    analysis::PlanTree::Node node;
    node.nodeType = "Seq Scan";
    node.relation = "t";
    node.loops = 1;
    node.wallMs = node.selfMs = ms;
    rows.tree.nodes.push_back(node);
    return rows;
}

} // namespace

void TestCommandParts::plansOfTheSameQueryAreCompared()
{
    const std::vector<PlanRows> before{plan("a", 100), plan("b", 10), plan("", 1)};
    const std::vector<PlanRows> after{plan("b", 5), plan("c", 7), plan("a", 50)};
    const PlanFilesComparison files = comparePlanFiles(before, after);
    QVERIFY(files.byQuery);
    QCOMPARE(files.matches.size(), std::size_t(2));
    QCOMPARE(files.matches[0].after, std::size_t(2));
    QCOMPARE(files.matches[1].after, std::size_t(0));
    QVERIFY((files.onlyBefore == std::vector<std::size_t>{2}));
    QVERIFY((files.onlyAfter == std::vector<std::size_t>{1}));
    const QString text = QString::fromStdString(toText(files));
    QVERIFY2(text.contains(QStringLiteral("Plan 2 of 3 in the first file, plan 1 of 3 in the second")),
        qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Not compared in the second file: plan 2")), qPrintable(text));
    const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(toJson(files))).object();
    QCOMPARE(json.value(QStringLiteral("time_factor")).toDouble(), 2.0);
    QCOMPARE(json.value(QStringLiteral("comparisons")).toArray().size(), 2);
    QCOMPARE(json.value(QStringLiteral("not_compared_before")).toArray(), QJsonArray{3});
}

void TestCommandParts::withoutQueriesTheFirstAreCompared()
{
    const std::vector<PlanRows> before{plan("", 100), plan("", 10)};
    const std::vector<PlanRows> after{plan("x", 50)};
    const PlanFilesComparison files = comparePlanFiles(before, after);
    QVERIFY(!files.byQuery);
    QCOMPARE(files.matches.size(), std::size_t(1));
    const QString text = QString::fromStdString(toText(files));
    QVERIFY2(text.contains(QStringLiteral("the first of each")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Not compared in the first file: plan 2")), qPrintable(text));
    // One plan each needs no words about it.
    const std::string single = toText(comparePlanFiles(after, after));
    QVERIFY2(single.find("Plan 1") == std::string::npos, single.c_str());
}

void TestCommandParts::whatIsBesideTheTree()
{
    PlanRows rows = plan("a", 100);
    rows.tree.executionMs = 160;
    QCOMPARE(rows.besideMs(), 60.0);
    QCOMPARE(rows.startupShutdownMs(), 60.0);
    QVERIFY(std::isnan(rows.triggerMs()));
    rows.triggers = {{"fk", "t", 40, 2}, {"audit", "t", 15, 2}};
    rows.serializationMs = 4;
    QCOMPARE(rows.triggerMs(), 55.0);
    QCOMPARE(rows.startupShutdownMs(), 1.0);
    // Triggers that ran before the rows were written are inside the nodes: nobody knows how much.
    rows.triggers.push_back({"before", "t", 30, 2});
    QVERIFY(std::isnan(rows.startupShutdownMs()));
    rows.tree.executionMs = PlanRows::kUnknown;
    QVERIFY(std::isnan(rows.besideMs()));
    rows.tree.nodes[0].doubtMs = 0.9;
    QVERIFY(!rows.isDoubtful(rows.tree.nodes[0]));
    rows.tree.nodes[0].doubtMs = 1.1;
    QVERIFY(rows.isDoubtful(rows.tree.nodes[0]));
}

QTEST_GUILESS_MAIN(TestCommandParts)
#include "tst_commandparts.moc"
