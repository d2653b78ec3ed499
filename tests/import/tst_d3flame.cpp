// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/d3flame/d3flame.h"
#include "profilestacks.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(d3FlameImporter(), text, 4096); }

/// The total of a tree by its own reading: the value, or the children's where they are more.
double totalOf(const QJsonObject &node, double &nodes)
{
    ++nodes;
    double sum = 0;
    for (const QJsonValue &child : node[QStringLiteral("children")].toArray())
        sum += totalOf(child.toObject(), nodes);
    return std::max(sum, node[QStringLiteral("value")].toDouble());
}

/// A chain of nodes, each the only child of the one before.
std::string chain(int depth, const std::string &node)
{
    std::string text;
    for (int i = 0; i < depth; ++i)
        text += '{' + node + R"(,"children":[)";
    for (int i = 0; i < depth; ++i)
        text += "]}";
    return text;
}

} // namespace

class TestD3Flame : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsATree();
    void tellsChildrenThatExceed();
    void survivesHostileInput();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestD3Flame::readsATree()
{
    const ReadOutcome outcome = read(
        R"({"children":[{"name":"a","value":3,"children":[{"n":"b","v":"2","c":[]}]},{"name":"c","value":0.5}],"name":"root","value":4})");
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"root 0.5", "root|a 1", "root|a|b 2", "root|c 0.5"}));
    QCOMPARE(outcome.sink.weight(), 4.0);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{4});
    QVERIFY(outcome.report.issues().empty());
    // A root without a value is the sum of its children.
    QCOMPARE(stacksOf(read(R"({"name":"r","children":[{"name":"a","value":3}]})")), Stacks{"r|a 3"});
}

void TestD3Flame::tellsChildrenThatExceed()
{
    const ReadOutcome outcome = read(
        R"({"name":"r","value":10,"children":[{"name":"a","value":1,"children":[{"name":"b","value":4,"delta":2}]}]})");
    QCOMPARE(stacksOf(outcome), (Stacks{"r 6", "r|a|b 4"}));
    QCOMPARE(outcome.issues(), (Stacks{"children-exceed-parent 1", "deltas 1"}));
}

void TestD3Flame::survivesHostileInput()
{
    const ReadOutcome deep = read(chain(80'000, R"("name":"f","value":2)"));
    QVERIFY(!deep.error);
    QVERIFY(deep.hasIssue("stack-too-deep"));
    QCOMPARE(deep.sink.weight(), 2.0);
    QVERIFY(read(R"({"name":"r","value":1,"children":[{"name":"a")").hasIssue("truncated"));
    for (const std::string &bad : {""s, "{}"s, "[]"s, R"({"a":1})"s, "7"s})
        QVERIFY(read(bad).error && !read(bad).error->hint.empty());
}

void TestD3Flame::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(d3FlameImporter().sniff(text, "x")); };
    QCOMPARE(sniff(R"({"name":"root","value":3,"children":[{"name":"a","value":3}]})"),
        int(Confidence::Likely));
    QCOMPARE(sniff(R"({"children":[{"children":[],"name":"a","value":3)"), int(Confidence::Likely));
    QCOMPARE(sniff(R"({"name":"root","value":3})"), int(Confidence::No));
    QCOMPARE(sniff(R"({"name":"root","value":3,"children":[],"version":"1"})"), int(Confidence::No));
    QCOMPARE(sniff(R"({"name":"root","value":3,"children":[],"d":{"n":"x"}})"), int(Confidence::No));
}

void TestD3Flame::agreesWithTheCorpus_data() { addCorpusRows("d3-flame-json"); }

void TestD3Flame::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, d3FlameImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    double nodes = 0;
    const double total
        = totalOf(QJsonDocument::fromJson(QByteArray::fromStdString(fileBytes(path))).object(), nodes);
    QCOMPARE(nodes, 13079.0);
    QCOMPARE(double(outcome.report.rowsRead()), nodes);
    QCOMPARE(outcome.sink.weight(), total);
}

QTEST_GUILESS_MAIN(TestD3Flame)
#include "tst_d3flame.moc"
