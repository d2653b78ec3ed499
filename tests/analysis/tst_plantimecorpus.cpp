// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Wall and self times of real plans: known answers, an independent prototype of the rules, sums.
#include "analysis/plantime.h"
#include "tests/import/explainrows.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRegularExpression>
#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace tailscope::testing;

namespace {

QString plansDir() { return QStringLiteral(TS_SHARED_DIR "/corpus/plans/"); }

std::string bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

/// What derivePlanTimes() makes of the stored rows, from the rows of an importer.
std::vector<PlanTimeNode> timeNodes(const PlanRows &plan)
{
    std::vector<PlanTimeNode> nodes;
    for (const PlanNodeRow &row : plan.nodes) {
        PlanTimeNode out;
        out.parent = row.parent;
        out.nodeType = row.nodeType;
        out.parentRelationship = row.parentRelationship;
        out.subplanName = row.subplanName;
        out.loops = row.loops;
        out.totalMsPerLoop = row.totalMs;
        out.sharedHit = row.sharedHit;
        out.sharedRead = row.sharedRead;
        out.expressions = {std::string(row.condition), std::string(row.filter), std::string(row.extraJson)};
        const QJsonObject extra
            = QJsonDocument::fromJson(QByteArray(row.extraJson.data(), qsizetype(row.extraJson.size())))
                  .object();
        out.cteName = extra[QStringLiteral("CTE Name")].toString().toStdString();
        out.paramsEvaluated = extra.contains(QStringLiteral("Params Evaluated"));
        out.singleCopy = extra[QStringLiteral("Single Copy")].toBool();
        nodes.push_back(std::move(out));
    }
    for (const PlanWorkerRow &row : plan.workers) {
        if (row.loops)
            nodes[std::size_t(row.nodeId)].workers.push_back(
                {row.worker, row.totalMs.value_or(0), *row.loops});
    }
    return nodes;
}

std::vector<PlanTimeNode> timesOf(const QString &file)
{
    const std::string bytes = bytesOf(plansDir() + file);
    const PlanOutcome outcome = file.startsWith(QLatin1String("json")) ? readJson(bytes) : readText(bytes);
    if (outcome.plans().empty())
        return {};
    std::vector<PlanTimeNode> nodes = timeNodes(outcome.plans()[0]);
    computePlanTimes(nodes);
    return nodes;
}

/// The reference has the bound of a node's total. Outside of parallel parts, where that is the wall time, the
/// self time is no better known, and as well where nothing is subtracted.
bool isDoubtOf(const std::vector<PlanTimeNode> &nodes, std::size_t index, double bound)
{
    const PlanTimeNode &node = nodes[index];
    const double doubt = node.doubtMs.value_or(-1);
    for (int above = node.parent; above >= 0; above = nodes[std::size_t(above)].parent) {
        if (nodes[std::size_t(above)].nodeType.starts_with("Gather"))
            return doubt >= 0;
    }
    const bool isLeaf = index + 1 == nodes.size() || nodes[index + 1].parent != int(index);
    const bool subtracts = !isLeaf || node.nodeType == "CTE Scan"
        || std::any_of(nodes.begin(), nodes.end(),
            [](const PlanTimeNode &other) { return other.parentRelationship == "InitPlan"; });
    return subtracts ? doubt >= bound - 1e-9 : std::abs(doubt - bound) <= 1e-6;
}

} // namespace

class TestPlanTimeCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsTheReference();
    void knownAnswers_data();
    void knownAnswers();
    void selfSumsUpToTheRoot();
};

/// Per-node self times that an independent prototype of the rules computed from the JSON files.
void TestPlanTimeCorpus::equalsTheReference()
{
    const QList<QByteArray> lines
        = QByteArray::fromStdString(bytesOf(plansDir() + QStringLiteral("reference_selftimes.tsv")))
              .split('\n');
    if (lines.size() < 10)
        QSKIP("the corpus is not beside the checkout");
    QMap<QString, std::vector<PlanTimeNode>> plans;
    QString problems;
    int compared = 0;
    for (int i = 1; i < lines.size(); ++i) {
        const QStringList f = QString::fromUtf8(lines[i]).split(QLatin1Char('\t'));
        if (f.size() < 8)
            continue;
        if (!plans.contains(f[0]))
            plans.insert(f[0], timesOf(f[0]));
        const std::vector<PlanTimeNode> &nodes = plans[f[0]];
        const auto index = std::size_t(f[1].toInt());
        if (index >= nodes.size()) {
            problems += f[0] + QStringLiteral(": node missing\n");
            continue;
        }
        const PlanTimeNode &n = nodes[index];
        ++compared;
        if (std::abs(n.selfMs.value_or(-1) - f[5].toDouble()) > 0.002
            || std::abs(n.wallMs.value_or(-1) - f[6].toDouble()) > 0.002
            || !isDoubtOf(nodes, index, f[7].toDouble()))
            problems += QStringLiteral("%1 node %2 %3: self %4 wall %5 doubt %6, expected %7 %8 %9\n")
                            .arg(f[0], f[1], f[2])
                            .arg(n.selfMs.value_or(-1))
                            .arg(n.wallMs.value_or(-1))
                            .arg(n.doubtMs.value_or(-1))
                            .arg(f[5], f[6], f[7]);
    }
    QVERIFY(compared > 500);
    QVERIFY2(problems.isEmpty(), qPrintable(problems.left(4000)));
}

void TestPlanTimeCorpus::knownAnswers_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("answers");
    const QList<QByteArray> lines
        = QByteArray::fromStdString(bytesOf(plansDir() + QStringLiteral("manifest.tsv"))).split('\n');
    for (const QByteArray &line : lines) {
        const QStringList f = QString::fromUtf8(line).split(QLatin1Char('\t'));
        if (f.size() >= 17 && f[16].startsWith(QLatin1String("KNOWN ANSWER")))
            QTest::addRow("%s", qPrintable(f[0])) << f[0] << f[16];
    }
    if (lines.size() < 10)
        QTest::newRow("no corpus") << QString() << QString();
}

/// Plans of pg_sleep(): who slept is known.
void TestPlanTimeCorpus::knownAnswers()
{
    QFETCH(QString, file);
    QFETCH(QString, answers);
    if (file.isEmpty())
        QSKIP("the corpus is not beside the checkout");
    const std::vector<PlanTimeNode> nodes = timesOf(file);
    QVERIFY(!nodes.empty());
    static const QRegularExpression kAnswer(QStringLiteral("\"([^\"]+)\": (?:(\\d+)|\"[^\"]*wall (\\d+)\")"));
    auto match = kAnswer.globalMatch(answers.section(QLatin1Char('|'), 0, 0));
    while (match.hasNext()) {
        const auto found = match.next();
        QString type = found.captured(1).section(QStringLiteral(" > "), -1);
        const QString subplan = found.captured(1).contains(QLatin1String(" > "))
            ? found.captured(1).section(QStringLiteral(" > "), 0, 0)
            : QString();
        type = type.section(QStringLiteral(" on "), 0, 0);
        if (type == QLatin1String("Update") || type == QLatin1String("Insert"))
            type = QStringLiteral("ModifyTable");
        const double expected = (found.captured(2) + found.captured(3)).toDouble();
        // Several nodes of a type: the one that spent most is the one meant.
        double most = -1;
        for (const PlanTimeNode &n : nodes) {
            const QString name = QString::fromStdString(n.subplanName);
            const bool named
                = subplan.isEmpty() || name == subplan || name.startsWith(subplan + QLatin1String(" ("));
            if (named && QString::fromStdString(n.nodeType) == type)
                most = std::max(most, n.selfMs.value_or(-1));
        }
        QVERIFY2(most >= 0, qPrintable(found.captured(1)));
        const QString told
            = QStringLiteral("%1: %2, expected %3").arg(found.captured(1)).arg(most).arg(expected);
        if (!found.captured(3).isEmpty()) {
            // How the calls spread over the processes is up to the server; no process takes longer than the
            // query.
            QVERIFY2(most >= 0.9 * expected && most <= nodes[0].wallMs.value_or(0), qPrintable(told));
            continue;
        }
        // pg_sleep() oversleeps; starting workers takes some tens of ms.
        const double tolerance
            = std::max(4.0, 0.45 * expected) + (type.startsWith(QLatin1String("Gather")) ? 130.0 : 0.0);
        QVERIFY2(std::abs(most - expected) <= tolerance, qPrintable(told));
    }
}

/// Nothing is counted twice and nothing is lost: the self times of a plan sum up to its root's time.
void TestPlanTimeCorpus::selfSumsUpToTheRoot()
{
    const QList<QByteArray> lines
        = QByteArray::fromStdString(bytesOf(plansDir() + QStringLiteral("reference_selftimes.tsv")))
              .split('\n');
    if (lines.size() < 10)
        QSKIP("the corpus is not beside the checkout");
    QStringList files;
    for (const QByteArray &line : lines.mid(1)) {
        const QString file = QString::fromUtf8(line).section(QLatin1Char('\t'), 0, 0);
        if (!file.isEmpty() && !files.contains(file))
            files << file;
    }
    QStringList off;
    for (const QString &file : files) {
        const std::vector<PlanTimeNode> nodes = timesOf(file);
        double sum = 0;
        for (const PlanTimeNode &n : nodes)
            sum += n.selfMs.value_or(0);
        const double root = nodes[0].wallMs.value_or(0);
        if (std::abs(sum - root) > 0.02 * root + 0.05)
            off << QStringLiteral("%1: %2 of %3").arg(file).arg(sum).arg(root);
    }
    // Written by hand for another tool's tests or cut from anonymised plans: their figures do not add up.
    QVERIFY2(off.size() <= 2, qPrintable(off.join(QLatin1Char('\n'))));
}

QTEST_GUILESS_MAIN(TestPlanTimeCorpus)
#include "tst_plantimecorpus.moc"
