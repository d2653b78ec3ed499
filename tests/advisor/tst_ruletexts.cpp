// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/texts.h"

#include <QTest>

using namespace tailscope;

class TestRuleTexts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fills_data();
    void fills();
    void fallsBackToThresholds();
    void namesInOrder();
};

void TestRuleTexts::fills_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("evidence");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *name, const char *text, const char *evidence, const char *expected) {
        QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(evidence)
                            << QString::fromUtf8(expected);
    };
    row("plain", "no names", "{}", "no names");
    row("integer", "{n} rows", R"({"n":500000000})", "500,000,000 rows");
    row("whole real", "{n}", R"({"n":4793.0})", "4,793");
    row("small real", "{n}", R"({"n":0.012345})", "0.0123");
    row("large real", "{n}", R"({"n":12345.678})", "12,346");
    row("percent", "{kept_pct}", R"({"kept_pct":0.0009586})", "0.000959 %");
    row("nearly all", "{share_pct}", R"({"share_pct":99.99984})", "99.9998 %");
    row("all", "{share_pct}", R"({"share_pct":100})", "100 %");
    row("factor", "{over_x}", R"({"over_x":10000})", "10,000×");
    row("text", "{a}!", R"j({"a":"orders (id)"})j", "orders (id)!");
    row("null", "{a_ms}", R"({"a_ms":null})", "unknown");
    row("unknown name", "{b} stays", R"({"a":1})", "{b} stays");
    row("no name", "{a,b} {} {", R"({"a":1})", "{a,b} {} {");
    row("braces in a value", "{a}{b}", R"({"a":"{b}","b":2})", "{b}2");
    row("broken evidence", "{a}", "{", "{a}");
}

void TestRuleTexts::fills()
{
    QFETCH(QString, text);
    QFETCH(QString, evidence);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(advisor::fillTemplate(text.toStdString(), evidence.toStdString())),
        expected);
}

void TestRuleTexts::fallsBackToThresholds()
{
    advisor::Rule rule;
    rule.fix = "more than {w} rows, {n} here";
    rule.thresholds = {{"w", 10000, "rows", "set here"}};
    QCOMPARE(advisor::adviceText(&rule, R"({"n":3})"), std::string("more than 10,000 rows, 3 here"));
    QCOMPARE(advisor::adviceText(nullptr, "{}"), std::string());
}

void TestRuleTexts::namesInOrder()
{
    QCOMPARE(advisor::templateNames("{b} and {a_ms}, {A} {1x} {"), (std::vector<std::string>{"b", "a_ms"}));
}

QTEST_GUILESS_MAIN(TestRuleTexts)
#include "tst_ruletexts.moc"
