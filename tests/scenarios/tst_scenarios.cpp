// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/ingest.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>

using namespace tailscope;

/// Runs every folder of tests/scenarios: imports its inputs, then compares findings and figures with
/// expected.json.
class TestScenarios : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void scenario_data();
    void scenario();
};

namespace {

QJsonObject readObject(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &error);
    if (!document.isObject())
        qFatal("%s: %s", qPrintable(path), qPrintable(error.errorString()));
    return document.object();
}

std::int64_t firings(store::Database &database, const QString &rule)
{
    auto statement = database.prepare("SELECT count(*) FROM finding WHERE rule_id = ?1");
    if (!statement)
        qFatal("%s", statement.error().toText().c_str());
    const std::string id = rule.toStdString();
    statement->bind(0, std::string_view(id));
    const auto row = statement->step();
    return row && *row ? statement->integer(0) : -1;
}

/// Empty when the figure holds, else what was found instead.
QString compareFigure(store::Database &database, const QJsonObject &figure)
{
    const QString name = figure.value(QStringLiteral("name")).toString();
    auto statement = database.prepare(figure.value(QStringLiteral("sql")).toString().toStdString());
    if (!statement)
        return name + QStringLiteral(": ") + QString::fromStdString(statement.error().toText());
    const auto row = statement->step();
    if (!row || !*row)
        return name + QStringLiteral(": no row");
    const QJsonValue expected = figure.value(QStringLiteral("expected"));
    if (expected.isString()) {
        const std::string_view found = statement->text(0);
        const QString text = QString::fromUtf8(found.data(), qsizetype(found.size()));
        return text == expected.toString() ? QString() : name + QStringLiteral(": ") + text;
    }
    if (expected.isNull())
        return statement->isNull(0) ? QString() : name + QStringLiteral(": not NULL");
    if (statement->isNull(0))
        return name + QStringLiteral(": NULL");
    const double found = statement->real(0);
    const double wanted = expected.toDouble();
    const double allowed = figure.contains(QStringLiteral("tolerance_abs"))
        ? figure.value(QStringLiteral("tolerance_abs")).toDouble()
        : std::abs(wanted) * figure.value(QStringLiteral("tolerance_rel")).toDouble(0);
    return std::abs(found - wanted) <= allowed
        ? QString()
        : QStringLiteral("%1: %2 instead of %3").arg(name).arg(found, 0, 'g', 12).arg(wanted, 0, 'g', 12);
}

} // namespace

void TestScenarios::scenario_data()
{
    QTest::addColumn<QString>("folder");
    const QDir root(QStringLiteral(TS_SOURCE_DIR "/tests/scenarios"));
    const QStringList names = root.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const QString &name : names) {
        if (QFile::exists(root.filePath(name + QStringLiteral("/scenario.json"))))
            QTest::newRow(qPrintable(name)) << root.filePath(name);
    }
}

void TestScenarios::scenario()
{
    QFETCH(QString, folder);
    const QJsonObject scenario = readObject(folder + QStringLiteral("/scenario.json"));
    const QJsonObject expected = readObject(folder + QStringLiteral("/expected.json"));
    auto workspace = store::Workspace::temporary();
    QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
    std::vector<std::string> inputs;
    for (const QJsonValue &input : scenario.value(QStringLiteral("inputs")).toArray())
        inputs.push_back(std::string(TS_SOURCE_DIR "/") + input.toString().toStdString());
    QVERIFY(!inputs.empty());
    const session::IngestResult result = session::ingest(**workspace, inputs, {}, {});
    QVERIFY2(result.errors.empty(), result.errors.empty() ? "" : result.errors.front().toText().c_str());
    auto database = (*workspace)->connectReader();
    QVERIFY2(database, database ? "" : database.error().toText().c_str());
    QStringList problems;
    for (const QJsonValue &rule : expected.value(QStringLiteral("rules_must_fire")).toArray()) {
        if (firings(*database, rule.toString()) < 1)
            problems << QStringLiteral("%1 did not fire").arg(rule.toString());
    }
    for (const QJsonValue &rule : expected.value(QStringLiteral("rules_must_not_fire")).toArray()) {
        if (firings(*database, rule.toString()) != 0)
            problems << QStringLiteral("%1 fired").arg(rule.toString());
    }
    for (const QJsonValue &figure : expected.value(QStringLiteral("figures")).toArray()) {
        const QString problem = compareFigure(*database, figure.toObject());
        if (!problem.isEmpty())
            problems << problem;
    }
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join(QLatin1Char('\n'))));
}

QTEST_GUILESS_MAIN(TestScenarios)
#include "tst_scenarios.moc"
