// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/budgetfile.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace tailscope;

namespace {

std::string read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace

class TestBudgetFile : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsEveryKey();
    void presetsReadAndWriteBack();
    void refusesWithTheLine_data();
    void refusesWithTheLine();
    void knowsItsOwn();
};

void TestBudgetFile::readsEveryKey()
{
    const auto budget
        = parseBudget(read(QStringLiteral(TS_SOURCE_DIR "/tests/fuzz/seeds/budget-toml/checkout.toml")),
            "checkout.toml");
    QVERIFY2(budget.has_value(), budget ? "" : budget.error().toText().c_str());
    QCOMPARE(budget->name, std::string("Checkout"));
    QCOMPARE(budget->percentile, std::string("0.99"));
    QCOMPARE(budget->match, std::string("POST /checkout | service=shop operation=\"PUT /checkout\""));
    QCOMPARE(budget->errorLimit, std::optional(0.01));
    QCOMPARE(budget->minSamples, 100);
    QCOMPARE(budget->components.size(), std::size_t(3));
    QCOMPARE(budget->components[1].floorMs(), std::optional(21.0));
    QVERIFY(budget->components[1].optional);
    QCOMPARE(budget->components[2].kind, BudgetKind::Headroom);
    QVERIFY(parseBudget(budgetToml(*budget), "again") == *budget);
}

void TestBudgetFile::presetsReadAndWriteBack()
{
    const QDir folder(QStringLiteral(TS_SOURCE_DIR "/resources/budgets"));
    const QStringList files = folder.entryList({QStringLiteral("*.toml")});
    QCOMPARE(files.size(), 4);
    for (const QString &file : files) {
        const auto budget = parseBudget(read(folder.filePath(file)), file.toStdString());
        QVERIFY2(budget.has_value(), budget ? "" : budget.error().toText().c_str());
        const auto again = parseBudget(budgetToml(*budget), file.toStdString());
        QVERIFY2(again.has_value(), again ? "" : again.error().toText().c_str());
        QVERIFY2(*again == *budget, qPrintable(file));
        QVERIFY(looksLikeBudget(read(folder.filePath(file))));
    }
}

void TestBudgetFile::refusesWithTheLine_data()
{
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("no table") << QByteArray("[service.a]\ninstances = 2\n") << QByteArray("[budget]");
    QTest::newRow("no target") << QByteArray("[budget]\nname = \"a\"\n") << QByteArray("target_ms");
    QTest::newRow("unknown key") << QByteArray("[budget]\nname = \"a\"\ntarget_ms = 5\nlimit = 3\n")
                                 << QByteArray("line 4");
    QTest::newRow("unknown table") << QByteArray("[budget]\nname = \"a\"\ntarget_ms = 5\n[other]\na = 1\n")
                                   << QByteArray("'other'");
    QTest::newRow("negative") << QByteArray("[budget]\nname = \"a\"\ntarget_ms = -5\n")
                              << QByteArray("more than 0");
    QTest::newRow("text for a number")
        << QByteArray("[budget]\nname = \"a\"\ntarget_ms = \"5\"\n") << QByteArray("line 3");
    QTest::newRow("not finite") << QByteArray("[budget]\nname = \"a\"\ntarget_ms = nan\n")
                                << QByteArray("line 3");
    QTest::newRow("percentile") << QByteArray("[budget]\nname = \"a\"\ntarget_ms = 5\npercentile = 95\n")
                                << QByteArray("percentile");
    QTest::newRow("margin") << QByteArray("[budget]\nname = \"a\"\ntarget_ms = 5\nmargin = 0.9\n")
                            << QByteArray("margin");
    QTest::newRow("kind") << QByteArray(
        "[budget]\nname = \"a\"\ntarget_ms = 5\n[[component]]\nname = \"b\"\nkind = \"disk\"\n")
                          << QByteArray("line 6");
    QTest::newRow("no name") << QByteArray(
        "[budget]\nname = \"a\"\ntarget_ms = 5\n[[component]]\nbudget_ms = 1\n")
                             << QByteArray("'name' is missing");
    QTest::newRow("not TOML") << QByteArray("[budget\n") << QByteArray("line 1");
}

void TestBudgetFile::refusesWithTheLine()
{
    QFETCH(QByteArray, toml);
    QFETCH(QByteArray, message);
    const auto budget = parseBudget(toml.toStdString(), "b.toml");
    QVERIFY(!budget.has_value());
    QVERIFY2(budget.error().toText().find(message.toStdString()) != std::string::npos,
        budget.error().toText().c_str());
}

void TestBudgetFile::knowsItsOwn()
{
    QVERIFY(looksLikeBudget("# a remark\n\n[budget]\nname"));
    QVERIFY(!looksLikeBudget("[service.shop]\n[budget]\n"));
    QVERIFY(!looksLikeBudget(""));
    QVERIFY(!looksLikeBudget("budget"));
}

QTEST_GUILESS_MAIN(TestBudgetFile)
#include "tst_budgetfile.moc"
