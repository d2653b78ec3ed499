// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What holds for every built-in rule.
#include "advisor/rules.h"
#include "advisor/texts.h"
#include "store/readyindexes.h"

#include <QDir>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace tailscope;

namespace {

const std::vector<advisor::Rule> &rules()
{
    static std::vector<Error> errors;
    static const std::vector<advisor::Rule> list = advisor::loadRules({}, errors);
    for (const Error &error : errors)
        qFatal("%s", error.toText().c_str());
    return list;
}

void addRules()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < rules().size(); ++i)
        QTest::newRow(rules()[i].id.c_str()) << int(i);
}

const advisor::Rule &fetched()
{
    QFETCH(int, index);
    return rules()[std::size_t(index)];
}

QStringList columnsOf(store::Database &database, const advisor::Rule &rule)
{
    auto statement = database.prepare(rule.sql);
    if (!statement)
        qFatal("%s: %s", rule.id.c_str(), statement.error().detail.c_str());
    QStringList names;
    for (int i = 0; i < statement->columnCount(); ++i)
        names.append(QString::fromStdString(std::string(statement->columnName(i))));
    return names;
}

} // namespace

class TestBuiltinRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void areThere();
    void textsAreComplete_data() { addRules(); }
    void textsAreComplete();
    void placeholdersExist_data() { addRules(); }
    void placeholdersExist();
    void relatedRulesOfOursExist();
    void noFullScan_data() { addRules(); }
    void noFullScan();
    void everyRuleHasCases();

private:
    std::unique_ptr<store::Workspace> m_workspace;
};

void TestBuiltinRules::initTestCase()
{
    auto created = store::Workspace::temporary();
    QVERIFY2(created, created ? "" : created.error().toText().c_str());
    m_workspace = std::move(*created);
    auto writer = m_workspace->connectWriter();
    QVERIFY(writer);
    const auto indexed = store::createReadyIndexes(*writer, {});
    QVERIFY2(indexed, indexed ? "" : indexed.error().toText().c_str());
}

void TestBuiltinRules::areThere()
{
    QVERIFY2(rules().size() >= 18, qPrintable(QString::number(rules().size())));
    QSet<QString> groups;
    for (const advisor::Rule &rule : rules())
        groups.insert(QString::fromStdString(rule.group));
    QVERIFY(groups.contains(QStringLiteral("plans")));
    QVERIFY(groups.contains(QStringLiteral("traces")));
}

void TestBuiltinRules::textsAreComplete()
{
    const advisor::Rule &rule = fetched();
    QVERIFY(!rule.headline.empty() && !rule.summary.empty() && !rule.cause.empty() && !rule.checks.empty());
    QVERIFY(!rule.fix.empty() && !rule.proof.empty() && !rule.risk.empty() && !rule.refuse.empty());
    QVERIFY(!rule.quiet.empty() && !rule.related.empty());
    QVERIFY2(rule.fix.starts_with("1. ") || rule.fix.find("\n1. ") != std::string::npos,
        "fixes are numbered");
    for (const advisor::Threshold &threshold : rule.thresholds) {
        const bool used = rule.sql.find(":" + threshold.name) != std::string::npos;
        QVERIFY2(used, (threshold.name + " is not used").c_str());
    }
}

void TestBuiltinRules::placeholdersExist()
{
    const advisor::Rule &rule = fetched();
    auto reader = m_workspace->connectReader();
    QVERIFY(reader);
    const QStringList columns = columnsOf(*reader, rule);
    QStringList known = columns.mid(6);
    for (const advisor::Threshold &threshold : rule.thresholds)
        known.append(QString::fromStdString(threshold.name));
    QCOMPARE(columns.mid(0, 6).join(QLatin1Char(' ')),
        QStringLiteral("severity subject_kind subject_id start_ns end_ns gain_ms"));
    for (const std::string &text : {rule.headline, rule.summary, rule.fix, rule.title}) {
        for (const std::string &name : advisor::templateNames(text))
            QVERIFY2(known.contains(QString::fromStdString(name)), ("{" + name + "} is no column").c_str());
    }
    // A parameter without a threshold would be NULL for ever.
    auto statement = reader->prepare(rule.sql);
    QVERIFY(statement);
    static const QRegularExpression parameter(QStringLiteral("(?<![:\\w])(:[a-z_][a-z0-9_]*)"));
    auto match = parameter.globalMatch(QString::fromStdString(rule.sql));
    while (match.hasNext()) {
        const QString name = match.next().captured(1);
        if (statement->parameterIndex(name.toLatin1().constData()) < 0)
            continue; // stands in a text
        const bool given = known.contains(name.mid(1)) || name.startsWith(QLatin1String(":range_"))
            || name.startsWith(QLatin1String(":baseline_"));
        QVERIFY2(given, qPrintable(name));
    }
}

void TestBuiltinRules::relatedRulesOfOursExist()
{
    QSet<QString> ids;
    for (const advisor::Rule &rule : rules())
        ids.insert(QString::fromStdString(rule.id));
    for (const advisor::Rule &rule : rules()) {
        for (const std::string &cause : rule.causedBy)
            QVERIFY2(ids.contains(QString::fromStdString(cause)), (rule.id + ": " + cause).c_str());
    }
}

void TestBuiltinRules::noFullScan()
{
    const advisor::Rule &rule = fetched();
    auto reader = m_workspace->connectReader();
    QVERIFY(reader);
    QMap<qint64, QString> tables; // root page -> table
    auto pages
        = reader->prepare("SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0 AND tbl_name IN"
                          " ('span_raw', 'span_calc', 'sample_raw', 'point_raw', 'histogram_point_raw',"
                          " 'attribute_set', 'attribute_set_item', 'span_event_raw', 'span_link_raw')");
    QVERIFY(pages);
    for (;;) {
        const auto row = pages->step();
        QVERIFY(row);
        if (!*row)
            break;
        tables.insert(pages->integer(0), QString::fromStdString(std::string(pages->text(1))));
    }
    QVERIFY(tables.size() >= 9);
    // The program of the query: a loop over a whole table or index begins with Rewind or Last.
    auto program = reader->prepare("EXPLAIN " + rule.sql);
    QVERIFY2(program, program ? "" : program.error().detail.c_str());
    QMap<qint64, QString> open; // cursor -> table
    for (;;) {
        const auto row = program->step();
        QVERIFY(row);
        if (!*row)
            break;
        const std::string_view opcode = program->text(1);
        const qint64 p1 = program->integer(2);
        if (opcode == "OpenRead" || opcode == "OpenAutoindex" || opcode == "OpenEphemeral")
            open.insert(p1, opcode == "OpenRead" ? tables.value(program->integer(3)) : QString());
        if ((opcode == "Rewind" || opcode == "Last") && !open.value(p1).isEmpty())
            QFAIL(qPrintable(QStringLiteral("reads all of %1").arg(open.value(p1))));
    }
}

void TestBuiltinRules::everyRuleHasCases()
{
    QByteArray cases;
    const QDir folder(QStringLiteral(TS_SOURCE_DIR "/tests/advisor"));
    for (const QString &name : folder.entryList({QStringLiteral("tst_*rules.cpp")})) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        cases += file.readAll();
    }
    for (const advisor::Rule &rule : rules()) {
        const QByteArray id(rule.id.c_str());
        // Rules over whole imports ask for the severity: a word when it fires, QString() when it is silent.
        const QByteArray asks = "severity(\"" + id + "\")";
        QFile plans(folder.filePath(QStringLiteral("plans/%1.txt").arg(QString::fromLatin1(id))));
        const QByteArray texts = plans.open(QIODevice::ReadOnly) ? plans.readAll() : QByteArray();
        const bool fires = cases.contains("fires(\"" + id + "\"")
            || cases.contains(asks + ", QStringLiteral(") || texts.contains("-- fires ");
        const bool isSilent = cases.contains("silent(\"" + id + "\"") || cases.contains(asks + ", QString())")
            || texts.contains("-- quiet");
        QVERIFY2(fires, (rule.id + " has no firing case").c_str());
        QVERIFY2(isSilent, (rule.id + " has no silent case").c_str());
    }
}

QTEST_GUILESS_MAIN(TestBuiltinRules)
#include "tst_builtinrules.moc"
