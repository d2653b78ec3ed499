// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Every plan of the corpus, in its four forms: node counts and times of its manifest, one tree whatever the
// form and the frame, the same rows for every chunk size, and the time the largest ones take.
#include "explainrows.h"
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

/// A line of plans/manifest.tsv.
struct Entry
{
    QString file, format, group, notes;
    QString nodes, rootMs, executionMs, planningMs, otherNodes;
};

QString plansDir() { return QStringLiteral(TS_SHARED_DIR "/corpus/plans/"); }

QVector<Entry> manifest()
{
    QVector<Entry> entries;
    QFile file(plansDir() + QStringLiteral("manifest.tsv"));
    if (!file.open(QIODevice::ReadOnly))
        return entries;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (int i = 1; i < lines.size(); ++i) {
        const QStringList f = QString::fromUtf8(lines[i]).split(QLatin1Char('\t'));
        static const QStringList kForms{QStringLiteral("text"), QStringLiteral("json"), QStringLiteral("xml"),
            QStringLiteral("yaml")};
        if (f.size() < 17 || !kForms.contains(f[1]))
            continue;
        entries.append({f[0], f[1], f[15], f[16], f[7], f[9], f[10], f[11], f[13]});
    }
    return entries;
}

/// "own15", "pev2", ... or "big" for the files of the folder itself.
QString folderOf(const Entry &entry)
{
    const QStringList parts = entry.file.split(QLatin1Char('/'));
    return parts[0] == QLatin1String("big") ? parts[0] : parts[1];
}

const Importer &importerOf(const Entry &entry)
{
    return entry.format == QLatin1String("json") ? explainJsonImporter()
        : entry.format == QLatin1String("xml")   ? explainXmlImporter()
        : entry.format == QLatin1String("yaml")  ? explainYamlImporter()
                                                 : explainTextImporter();
}

std::string bytesOf(const Entry &entry) { return fileBytes(plansDir() + entry.file); }

bool isClose(double a, double b) { return std::abs(a - b) <= 0.0011 + 1e-6 * std::abs(b); }

/// What is wrong with how one file was read; empty = nothing.
QString problemOf(const Entry &entry)
{
    const std::string bytes = bytesOf(entry);
    const std::string_view prefix = std::string_view(bytes).substr(0, kSniffBytes);
    const Importer &importer = importerOf(entry);
    // Regression output of a statement that shows no plan at all.
    if (entry.notes == QLatin1String("no plan in the output"))
        return readPlans(importer, bytes).error ? QString()
                                                : QStringLiteral("a plan was found where none is");
    for (const Importer *other :
        {&explainJsonImporter(), &explainTextImporter(), &explainXmlImporter(), &explainYamlImporter()}) {
        if (other != &importer && importer.sniff(prefix, "") <= other->sniff(prefix, ""))
            return QStringLiteral("not sniffed as what it is");
    }
    const PlanOutcome outcome = readPlans(importer, bytes);
    if (outcome.error)
        return QString::fromStdString(outcome.error->toText());
    if (outcome.report.rowsSkipped() > 0)
        return QStringLiteral("skipped: ") + QString::fromStdString(outcome.report.issues()[0].example);
    // Two plans in one paste: other tools read the first only.
    const bool twice = entry.file.endsWith(QLatin1String("client_two_plans.plan"));
    const QString expected = entry.nodes.isEmpty() ? entry.otherNodes : entry.nodes;
    if (!expected.isEmpty() && int(outcome.nodeCount()) != expected.toInt() * (twice ? 2 : 1))
        return QStringLiteral("%1 nodes, expected %2").arg(outcome.nodeCount()).arg(expected);
    const PlanRows &plan = outcome.plans()[0];
    if (!entry.executionMs.isEmpty() && !isClose(plan.plan.executionMs, entry.executionMs.toDouble()))
        return QStringLiteral("execution time %1").arg(plan.plan.executionMs);
    if (!entry.planningMs.isEmpty() && !isClose(plan.plan.planningMs, entry.planningMs.toDouble()))
        return QStringLiteral("planning time %1").arg(plan.plan.planningMs);
    const PlanNodeRow &root = plan.nodes[0];
    if (!entry.rootMs.isEmpty()
        && std::abs(root.totalMs.value_or(-1) * root.loops.value_or(1) - entry.rootMs.toDouble()) > 0.006)
        return QStringLiteral("root time %1").arg(root.totalMs.value_or(-1));
    return {};
}

using Line = QStringList;

QString text(std::string_view t) { return QString::fromUtf8(t.data(), qsizetype(t.size())); }

template<typename T>
QString figure(const std::optional<T> &value)
{
    return value ? QString::number(double(*value), 'g', 15) : QStringLiteral("-");
}

/// Everything of a node that does not depend on how long the run took.
Line shapeOf(const PlanNodeRow &node)
{
    return {text(node.nodeType), QString::number(node.parent), QString::number(node.position),
        QString::number(node.depth), text(node.parentRelationship), text(node.subplanName),
        text(node.joinType), text(node.relation), text(node.schema), text(node.alias), text(node.indexName),
        text(node.condition), text(node.filter)};
}

Line estimatesOf(const PlanNodeRow &node)
{
    return {figure(node.planRows), figure(node.planWidth), figure(node.startupCost), figure(node.totalCost)};
}

Line countsOf(const PlanNodeRow &node)
{
    return {figure(node.actualRows), figure(node.loops), figure(node.rowsRemovedByFilter),
        figure(node.rowsRemovedByJoinFilter), figure(node.rowsRemovedByIndexRecheck),
        figure(node.hashBatches), figure(node.sortDisk)};
}

/// The rest of a node without what differs from run to run.
QString extraOf(const PlanNodeRow &node)
{
    QJsonObject extra = QJsonDocument::fromJson(text(node.extraJson).toUtf8()).object();
    for (const QString &key : extra.keys()) {
        if (key.startsWith(QLatin1String("WAL")) || key.contains(QLatin1String("Memory"))
            || key.contains(QLatin1String("Time")))
            extra.remove(key);
    }
    return QString::fromUtf8(QJsonDocument(extra).toJson(QJsonDocument::Compact));
}

/// What one form tells otherwise than JSON does; nothing but its tree where the runs were not the same.
QString differences(const PlanOutcome &json, const Entry &entry, bool sameRun)
{
    const PlanOutcome other = readPlans(importerOf(entry), bytesOf(entry));
    if (json.nodeCount() != other.nodeCount() || json.plans().size() != other.plans().size())
        return entry.file + QStringLiteral(": other nodes\n");
    QString problems;
    for (std::size_t p = 0; p < json.plans().size(); ++p) {
        for (std::size_t i = 0; i < json.plans()[p].nodes.size(); ++i) {
            const PlanNodeRow &a = json.plans()[p].nodes[i];
            const PlanNodeRow &b = other.plans()[p].nodes[i];
            Line left = shapeOf(a);
            Line right = shapeOf(b);
            // Only "stable" is one state of the tables; the others ran one after the other.
            if (sameRun) {
                left += estimatesOf(a) + countsOf(a);
                right += estimatesOf(b) + countsOf(b);
                if (entry.format != QLatin1String("text")) {
                    left += extraOf(a);
                    right += extraOf(b);
                }
            }
            if (left != right)
                problems += QStringLiteral("%1 node %2: %3 / %4\n")
                                .arg(entry.file)
                                .arg(i)
                                .arg(left.join(QLatin1Char('|')), right.join(QLatin1Char('|')));
        }
    }
    return problems;
}

} // namespace

class TestExplainCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void countsNodes_data();
    void countsNodes();
    void formsGiveOneTree_data();
    void formsGiveOneTree();
    void framesGiveOnePlan_data();
    void framesGiveOnePlan();
    void tellsWhatIsMissing();
    void chunksMakeNoDifference();
    void isFast_data();
    void isFast();

private:
    QVector<Entry> m_entries;
};

void TestExplainCorpus::initTestCase()
{
    m_entries = manifest();
    if (m_entries.isEmpty())
        QSKIP("the corpus is not beside the checkout");
}

void TestExplainCorpus::countsNodes_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("format");
    QMap<QString, QString> seen;
    for (const Entry &entry : m_entries) {
        const QString name = folderOf(entry) + QLatin1Char(' ') + entry.format;
        if (!seen.contains(name))
            QTest::addRow("%s", qPrintable(name)) << folderOf(entry) << entry.format;
        seen.insert(name, {});
    }
}

void TestExplainCorpus::countsNodes()
{
    QFETCH(QString, folder);
    QFETCH(QString, format);
    QString problems;
    int files = 0;
    for (const Entry &entry : m_entries) {
        if (folderOf(entry) != folder || entry.format != format)
            continue;
        ++files;
        const QString problem = problemOf(entry);
        if (!problem.isEmpty())
            problems += entry.file + QStringLiteral(": ") + problem + QLatin1Char('\n');
    }
    QVERIFY(files > 0);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestExplainCorpus::formsGiveOneTree_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("sameRun");
    QTest::newRow("stable") << QStringLiteral("stable") << true;
    QTest::newRow("plain") << QStringLiteral("plain") << false;
    QTest::newRow("costsoff") << QStringLiteral("costsoff") << false;
    QTest::newRow("timed") << QStringLiteral("timed") << false;
    QTest::newRow("truth") << QStringLiteral("truth") << false;
}

void TestExplainCorpus::formsGiveOneTree()
{
    QFETCH(QString, kind);
    QFETCH(bool, sameRun);
    QMap<QString, QMap<QString, Entry>> groups;
    for (const Entry &entry : m_entries) {
        if (entry.group.endsWith(QLatin1Char('/') + kind))
            groups[entry.group][entry.format] = entry;
    }
    QString problems;
    QMap<QString, int> forms;
    int pairs = 0;
    for (const QMap<QString, Entry> &group : groups) {
        if (group.size() < 2)
            continue;
        const PlanOutcome json = readPlans(explainJsonImporter(), bytesOf(group[QStringLiteral("json")]));
        for (const Entry &entry : group) {
            if (entry.format == QLatin1String("json"))
                continue;
            ++pairs;
            ++forms[entry.format];
            problems += differences(json, entry, sameRun);
        }
    }
    for (const char *form : {"text", "xml", "yaml"})
        QVERIFY2(kind == QLatin1String("truth") || forms[QLatin1String(form)] > 0
                || kind != QLatin1String("stable"),
            form);
    QVERIFY(pairs > 0);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestExplainCorpus::framesGiveOnePlan_data()
{
    QTest::addColumn<QString>("format");
    QTest::newRow("text") << QStringLiteral("text");
    QTest::newRow("json") << QStringLiteral("json");
}

void TestExplainCorpus::framesGiveOnePlan()
{
    QFETCH(QString, format);
    Entry reference;
    reference.file = format + QStringLiteral("/own15_frames/_reference.plan");
    reference.format = format;
    const PlanOutcome expected = readPlans(importerOf(reference), bytesOf(reference));
    QCOMPARE(expected.nodeCount(), std::size_t(13));
    int frames = 0;
    for (const Entry &entry : m_entries) {
        if (entry.group != QStringLiteral("frames/") + format)
            continue;
        ++frames;
        const PlanOutcome got = readPlans(importerOf(entry), bytesOf(entry));
        QVERIFY2(got.nodeCount() == 13, qPrintable(entry.file));
        for (std::size_t i = 0; i < 13; ++i) {
            const PlanNodeRow &a = expected.plans()[0].nodes[i];
            const PlanNodeRow &b = got.plans()[0].nodes[i];
            QVERIFY2(shapeOf(a) + estimatesOf(a) + countsOf(a) == shapeOf(b) + estimatesOf(b) + countsOf(b),
                qPrintable(entry.file));
            QVERIFY2(a.totalMs == b.totalMs && a.sharedHit == b.sharedHit && a.extraJson == b.extraJson,
                qPrintable(entry.file));
        }
        QCOMPARE(got.plans()[0].plan.executionMs, expected.plans()[0].plan.executionMs);
        QCOMPARE(got.plans()[0].plan.extraJson, expected.plans()[0].plan.extraJson);
    }
    QVERIFY(frames > 20);
}

void TestExplainCorpus::tellsWhatIsMissing()
{
    const std::string cut = fileBytes(plansDir() + QStringLiteral("text/own15_frames/client_truncated.plan"));
    QVERIFY(!cut.empty());
    const PlanOutcome outcome = readText(cut);
    QCOMPARE(outcome.nodeCount(), std::size_t(3));
    QVERIFY(outcome.hasIssue("no-execution-time"));
    const PlanOutcome two
        = readText(fileBytes(plansDir() + QStringLiteral("text/own15_frames/client_two_plans.plan")));
    QCOMPARE(two.plans().size(), std::size_t(2));
    QCOMPARE(two.plans()[0].nodes.size(), std::size_t(13));
    QCOMPARE(two.plans()[1].nodes.size(), std::size_t(13));
}

void TestExplainCorpus::chunksMakeNoDifference()
{
    int files = 0;
    for (const Entry &entry : m_entries) {
        if (folderOf(entry) == QLatin1String("big")
            || (folderOf(entry) == QLatin1String("pgregress15") && files % 9))
            continue;
        ++files;
        const std::string bytes = bytesOf(entry);
        const std::string whole = readBytes(importerOf(entry), bytes).text();
        for (const std::size_t chunk : {std::size_t(1), std::size_t(7), std::size_t(4096)})
            QVERIFY2(readBytes(importerOf(entry), bytes, chunk).text() == whole, qPrintable(entry.file));
    }
    QVERIFY(files > 500);
}

void TestExplainCorpus::isFast_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("milliseconds"); // three times the target
    QTest::newRow("4,001 nodes, 4.5 MB") << QStringLiteral("append2000.json") << 4001 << 150;
    QTest::newRow("300 levels, 6.2 MB") << QStringLiteral("deep300.json") << 301 << 120;
    QTest::newRow("4,001 nodes of TEXT") << QStringLiteral("append2000.text") << 4001 << 150;
    QTest::newRow("300 levels of TEXT") << QStringLiteral("deep300.text") << 301 << 120;
}

void TestExplainCorpus::isFast()
{
    QFETCH(QString, file);
    QFETCH(int, nodes);
    QFETCH(int, milliseconds);
    const std::string bytes = fileBytes(plansDir() + QStringLiteral("big/") + file);
    QVERIFY(!bytes.empty());
    const Importer &importer
        = file.endsWith(QLatin1String("json")) ? explainJsonImporter() : explainTextImporter();
    double best = 1e9;
    for (int run = 0; run < 5; ++run) {
        MemorySource source(bytes, "sample");
        store::CountingSink sink;
        ImportReport report;
        QElapsedTimer timer;
        timer.start();
        QVERIFY(importer.newReader({})->read(source, sink, report).has_value());
        best = std::min(best, double(timer.nsecsElapsed()) / 1e6);
        QCOMPARE(sink.planNodes, std::int64_t(nodes));
    }
    qInfo("%s: %.1f ms", qPrintable(file), best);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    QVERIFY2(best <= milliseconds, qPrintable(QString::number(best)));
#else
    Q_UNUSED(milliseconds)
#endif
}

QTEST_GUILESS_MAIN(TestExplainCorpus)
#include "tst_explaincorpus.moc"
