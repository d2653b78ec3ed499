// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/inputs.h"
#include "advisor/rules.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;

namespace {

const char *const kGood = R"(-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "my-rule"
title = "Mine"
severity = "warning"
needs = ["plan", "traces"]
summary = "{n} of {all_ms}"
checks = ["one", "two"]
related = ["a", "b"]
caused_by = "other"
[thresholds]
w = { value = 0.5, unit = "share", source = "set here" }
a = { value = 3, unit = "rows", source = "set here" }
*/
SELECT 'info' AS severity
)";

std::string changed(const QString &from, const QString &to)
{
    QString text = QString::fromUtf8(kGood);
    if (!text.contains(from))
        qFatal("the sample does not hold %s", qPrintable(from));
    return text.replace(from, to).toStdString();
}

} // namespace

class TestRuleParser : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsEveryPart();
    void refuses_data();
    void refuses();
    void namesTheLine();
    void inputsAreThere();
    void inputViewsExist();
    void badInputFiles();
    void userFolderReplacesAndReports();
};

void TestRuleParser::readsEveryPart()
{
    const auto rule = advisor::parseRule(kGood, "my.sql");
    QVERIFY2(rule, rule ? "" : rule.error().toText().c_str());
    QCOMPARE(rule->id, std::string("my-rule"));
    QCOMPARE(rule->version, 1);
    QCOMPARE(rule->needs, (std::vector<std::string>{"plan", "traces"}));
    QCOMPARE(rule->checks.size(), std::size_t(2));
    QCOMPARE(rule->related, std::string("a, b"));
    QCOMPARE(rule->causedBy, (std::vector<std::string>{"other"}));
    QCOMPARE(rule->thresholds.size(), std::size_t(2));
    QCOMPARE(rule->thresholds[0].name, std::string("a"));
    QCOMPARE(rule->thresholds[0].value, 3.0);
    QCOMPARE(rule->thresholds[1].unit, std::string("share"));
    QCOMPARE(rule->sql, std::string("SELECT 'info' AS severity"));
}

void TestRuleParser::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *name, const std::string &text, const char *message) {
        QTest::newRow(name) << QString::fromStdString(text) << QString::fromUtf8(message);
    };
    row("empty", "", "no /* TOML header */");
    row("no header", "SELECT 1", "no /* TOML header */");
    row("open header", "/* id = \"x\"\nSELECT 1", "has no end");
    row("no query", "/*\nid = \"x\"\n*/\n", "no query");
    row("no id", changed(QStringLiteral("id = \"my-rule\"\n"), {}), "'id' is missing");
    row("bad id", changed(QStringLiteral("my-rule"), QStringLiteral("My Rule")), "'id' holds more");
    row("unknown key", changed(QStringLiteral("title"), QStringLiteral("titel = \"x\"\ntitle")),
        "'titel' is unknown");
    row("bad severity", changed(QStringLiteral("warning"), QStringLiteral("bad")), "'severity' is none of");
    row("unknown input", changed(QStringLiteral("traces"), QStringLiteral("tracks")), "'tracks' is no input");
    row("no needs", changed(QStringLiteral("needs = [\"plan\", \"traces\"]\n"), {}), "'needs' is missing");
    row("wrong type", changed(QStringLiteral("title = \"Mine\""), QStringLiteral("title = 3")),
        "is not a text");
    row("broken TOML", changed(QStringLiteral("id = \"my-rule\""), QStringLiteral("id = \"my-rule")), "");
    row("threshold without value", changed(QStringLiteral("value = 3"), QStringLiteral("valve = 3")),
        "no number");
    row("threshold without source",
        changed(QStringLiteral("unit = \"rows\", source = \"set here\""), QStringLiteral("unit = \"rows\"")),
        "needs a unit and a source");
    row("threshold name", changed(QStringLiteral("a = { value"), QStringLiteral("A-b = { value")),
        "is not a threshold");
    row("not UTF-8", std::string(kGood) + "\xff", "is not UTF-8");
    row("too long", std::string(300 * 1024, ' '), "more than 256 KiB");
}

void TestRuleParser::refuses()
{
    QFETCH(QString, text);
    QFETCH(QString, message);
    // QString would mend the bad byte.
    const std::string bytes = QTest::currentDataTag() == QByteArray("not UTF-8") ? std::string(kGood) + "\xff"
                                                                                 : text.toStdString();
    const auto rule = advisor::parseRule(bytes, "my.sql");
    QVERIFY(!rule);
    QCOMPARE(rule.error().subject, std::string("my.sql"));
    QVERIFY2(QString::fromStdString(rule.error().detail).contains(message), rule.error().detail.c_str());
    QVERIFY(!rule.error().hint.empty());
}

void TestRuleParser::namesTheLine()
{
    const auto rule = advisor::parseRule(changed(QStringLiteral("\"Mine\""), QStringLiteral("3")), "my.sql");
    QVERIFY(!rule);
    QVERIFY(rule.error().where && rule.error().where->line);
    QCOMPARE(*rule.error().where->line, std::uint64_t(4));
}

void TestRuleParser::inputsAreThere()
{
    QStringList names;
    for (const advisor::Input &input : advisor::inputs())
        names.append(QString::fromStdString(input.name));
    QCOMPARE(names.join(QLatin1Char(' ')),
        QStringLiteral(
            "access bgw budget buf cache catalog config ddl gc host lat locks log markers plan plan+ pool "
            "profile queue repl runs series sessions settings sql stmts tabstat traces"));
    QVERIFY(!advisor::inputByName("nothing"));
}

void TestRuleParser::inputViewsExist()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
    auto reader = (*workspace)->connectReader();
    QVERIFY(reader);
    for (const advisor::Input &input : advisor::inputs()) {
        for (const std::string &view : input.views) {
            const auto found
                = reader->integer("SELECT count(*) FROM (SELECT * FROM \"" + view + "\" LIMIT 1)");
            QVERIFY2(found, (input.name + ": " + (found ? "" : found.error().toText())).c_str());
        }
        for (const std::string &sql : input.present) {
            const auto value = reader->integer(sql);
            QVERIFY2(value, (input.name + ": " + (value ? "" : value.error().toText())).c_str());
            QCOMPARE(value->value_or(-1), 0);
        }
    }
}

void TestRuleParser::badInputFiles()
{
    QVERIFY(!advisor::parseInputs("x = 1"));
    QVERIFY(!advisor::parseInputs("[x]\nviews = [\"span\"]"));
    QVERIFY(!advisor::parseInputs("[x]\nviews = [\"span\"]\nfamilies = [\"span\"]\nother = 1"));
    QVERIFY(!advisor::parseInputs("[x"));
    const auto good = advisor::parseInputs("[x]\nviews = [\"a\", \"b\"]\nfamilies = [\"f\"]");
    QVERIFY(good);
    QCOMPARE(good->at(0).present.size(), std::size_t(2));
}

void TestRuleParser::userFolderReplacesAndReports()
{
    QTemporaryDir folder;
    const auto write = [&](const char *name, const std::string &text) {
        QDir(folder.path()).mkpath(QStringLiteral("mine"));
        QFile file(folder.path() + QLatin1String("/mine/") + QLatin1String(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.data(), qint64(text.size()));
    };
    write("a.sql", kGood);
    write("b.sql", kGood);
    write("c.sql", "nonsense");
    write("d.sql", changed(QStringLiteral("my-rule"), QStringLiteral("plan-healthy")));
    std::vector<Error> errors;
    const auto rules = advisor::loadRules(folder.path().toStdString(), errors);
    QCOMPARE(errors.size(), std::size_t(2));
    QVERIFY(errors[0].detail.find("is taken by") != std::string::npos);
    QVERIFY(errors[0].subject.ends_with("b.sql"));
    QVERIFY(errors[1].subject.ends_with("c.sql"));
    int mine = 0, healthy = 0;
    for (const advisor::Rule &rule : rules) {
        mine += rule.id == "my-rule" && rule.group == "mine";
        healthy += rule.id == "plan-healthy" && rule.title == "Mine";
    }
    QCOMPARE(mine, 1);
    QCOMPARE(healthy, 1);

    errors.clear();
    QVERIFY(!advisor::loadRules("/no/such/folder", errors).empty());
    QVERIFY(errors.empty());
}

QTEST_GUILESS_MAIN(TestRuleParser)
#include "tst_ruleparser.moc"
