// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Plan texts that a rule must find, and neighbours that it must leave alone: plans/<rule id>.txt, see
// README.md. All of them are imported into one workspace, and the rules run once.
#include "advisor/rules.h"
#include "session/ingest.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;

namespace {

struct Case
{
    QString rule, name, plan, severity, says;
    bool isFiring = false, isChecked = true;
};

QString readText(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    return QString::fromUtf8(file.readAll());
}

/// Lines "from => to" applied to a plan; each must change it.
QString changed(QString plan, const QString &changes, const QString &file)
{
    const QString newLine = QStringLiteral("{NL}");
    for (const QString &line : changes.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        const qsizetype at = line.indexOf(QStringLiteral(" =>"));
        QString from = line.left(at), to = line.mid(at + 3);
        to = to.startsWith(QLatin1Char(' ')) ? to.mid(1) : to;
        from.replace(newLine, QStringLiteral("\n"));
        to.replace(newLine, QStringLiteral("\n"));
        if (!plan.contains(from))
            qFatal("%s: nothing to replace: %s", qPrintable(file), qPrintable(from));
        plan.replace(from, to);
    }
    return plan;
}

} // namespace

class TestPlanRuleCases : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cases_data();
    void cases();
    void everyFileIsARule();

private:
    void readFile(const QString &path, const QString &rule);
    void take(const QString &rule, const QString &head, const QString &body);

    std::vector<Case> m_cases;
    QString m_sql, m_firing; ///< the last firing plan of the file
    std::unique_ptr<store::Workspace> m_workspace;
};

void TestPlanRuleCases::take(const QString &rule, const QString &head, const QString &body)
{
    if (head.startsWith(QStringLiteral("sql"))) {
        m_sql += body;
        return;
    }
    if (head.startsWith(QStringLiteral("says "))) {
        m_cases.back().says = head.mid(5);
        return;
    }
    Case one;
    one.rule = rule;
    one.name = head;
    one.isFiring = head.startsWith(QStringLiteral("fires"));
    one.isChecked = !head.startsWith(QStringLiteral("also"));
    one.severity = head.section(QLatin1Char(' '), 1, 1);
    one.plan = body.contains(QStringLiteral(" =>")) ? changed(m_firing, body, rule) : body;
    if (one.isFiring)
        m_firing = one.plan;
    m_cases.push_back(one);
}

void TestPlanRuleCases::readFile(const QString &path, const QString &rule)
{
    QString head, body;
    const QStringList lines = readText(path).split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        if (line.startsWith(QStringLiteral("-- "))) {
            if (!head.isEmpty())
                take(rule, head, body);
            head = line.mid(3);
            body.clear();
        } else if (!line.isEmpty()) {
            body += line + QLatin1Char('\n');
        }
    }
    take(rule, head, body);
}

void TestPlanRuleCases::initTestCase()
{
    const QDir folder(QStringLiteral(TS_SOURCE_DIR "/tests/advisor/plans"));
    for (const QString &name : folder.entryList({QStringLiteral("*.txt")}, QDir::Files, QDir::Name))
        readFile(folder.filePath(name), name.chopped(4));
    auto created = store::Workspace::temporary();
    QVERIFY2(created, created ? "" : created.error().toText().c_str());
    m_workspace = std::move(*created);
    {
        auto writer = m_workspace->connectWriter();
        QVERIFY(writer);
        const auto filled = writer->execute(
            "INSERT INTO source_raw (path, format, kind, state, clock) VALUES ('catalog', 'test', 7, 2, 0);"
            + m_sql.toStdString());
        QVERIFY2(filled, filled ? "" : filled.error().toText().c_str());
    }
    QTemporaryDir plans;
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < m_cases.size(); ++i) {
        QFile file(plans.filePath(QStringLiteral("%1.%2.txt").arg(m_cases[i].rule).arg(i)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        // The same bytes twice would be one source.
        file.write(m_cases[i].plan.toUtf8() + QByteArray(qsizetype(i), '\n'));
        file.close();
        paths.push_back(file.fileName().toStdString());
    }
    const session::IngestResult result = session::ingest(*m_workspace, paths, {}, {});
    for (const Error &error : result.errors)
        qWarning("%s", error.toText().c_str());
    QVERIFY(result.errors.empty());
    auto reader = m_workspace->connectReader();
    QVERIFY(reader);
    const auto unfinished = reader->text(
        "SELECT group_concat(rule_id || ' ' || state) FROM rule_run WHERE rule_id LIKE 'plan-%'"
        " AND state <> 'ran' AND state NOT LIKE 'not evaluated%'");
    QVERIFY(unfinished);
    QCOMPARE(unfinished->value_or(""), std::string());
}

void TestPlanRuleCases::cases_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < m_cases.size(); ++i) {
        if (m_cases[i].isChecked)
            QTest::newRow(qPrintable(m_cases[i].rule + QLatin1Char(' ') + m_cases[i].name)) << int(i);
    }
}

void TestPlanRuleCases::cases()
{
    QFETCH(int, index);
    const Case &one = m_cases[std::size_t(index)];
    auto reader = m_workspace->connectReader();
    QVERIFY(reader);
    auto query = reader->prepare(
        "SELECT f.severity, f.title || ' ' || f.summary || ' ' || f.evidence FROM finding AS f"
        " JOIN plan AS p ON p.id = json_extract(f.evidence, '$.plan_id') JOIN source AS s ON s.id = "
        "p.source_id"
        " WHERE f.rule_id = ?1 AND s.path LIKE '%/' || ?1 || '.' || ?2 || '.txt'");
    QVERIFY2(query, query ? "" : query.error().toText().c_str());
    const std::string rule = one.rule.toStdString(), number = std::to_string(index);
    query->bind(0, std::string_view(rule));
    query->bind(1, std::string_view(number));
    const auto row = query->step();
    QVERIFY2(row, row ? "" : row.error().toText().c_str());
    QCOMPARE(*row, one.isFiring);
    if (!one.isFiring)
        return;
    QCOMPARE(QString::fromStdString(std::string(query->text(0))), one.severity);
    const QString text = QString::fromStdString(std::string(query->text(1)));
    QVERIFY2(text.contains(one.says), qPrintable(text));
    // Every {figure} of the texts is known.
    QVERIFY2(!text.contains(QStringLiteral("unknown")), qPrintable(text));
}

void TestPlanRuleCases::everyFileIsARule()
{
    std::vector<Error> errors;
    QStringList ids;
    for (const advisor::Rule &rule : advisor::loadRules({}, errors))
        ids.append(QString::fromStdString(rule.id));
    for (const Case &one : m_cases)
        QVERIFY2(ids.contains(one.rule), qPrintable(one.rule));
}

QTEST_GUILESS_MAIN(TestPlanRuleCases)
#include "tst_planrulecases.moc"
