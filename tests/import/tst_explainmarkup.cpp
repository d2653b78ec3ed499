// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// EXPLAIN in XML and YAML: what no file of the corpus has, broken and hostile input, frames.
#include "explainrows.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

// moc takes two slashes within a raw string for a comment.
const std::string kXml = "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n"
                         R"~(  <Query>
    <Query-Text>select 1 &lt; 2</Query-Text>
    <Plan>
      <Node-Type>Index Scan</Node-Type>
      <Index-Name>42</Index-Name>
      <Relation-Name>a &amp; b</Relation-Name>
      <Alias>1.5</Alias>
      <Startup-Cost>0.00</Startup-Cost>
      <Total-Cost>12.50</Total-Cost>
      <Plan-Rows>7</Plan-Rows>
      <I-O-Read-Time>0.250</I-O-Read-Time>
      <Plans>
        <Plan>
          <Node-Type>Result</Node-Type>
          <Parent-Relationship>InitPlan</Parent-Relationship>
          <Plan-Rows>1</Plan-Rows>
        </Plan>
      </Plans>
    </Plan>
    <Settings>
      <work_mem>1</work_mem>
    </Settings>
    <Planning-Time>0.125</Planning-Time>
    <Triggers>
    </Triggers>
    <Execution-Time>3.500</Execution-Time>
  </Query>
</explain>
)~";

const std::string kYaml = R"~(- Query Text: "select 1 < 2"
  Plan: 
    Node Type: "Index Scan"
    Index Name: "42"
    Relation Name: "a & b: c"
    Plan Rows: 7
    Total Cost: 12.50
    I/O Read Time: 0.250
    Filter: "(x = '- Plan: \"quoted\": 1')"
    Plans: 
      - Node Type: "Result"
        Parent Relationship: "InitPlan"
        Plan Rows: 1
  Settings: 
    work_mem: "1"
  Planning Time: 0.125
  Triggers: 
  Execution Time: 3.500
)~";

std::string psqlFrame(const std::string &text)
{
    std::string out = "            QUERY PLAN            \n----------------------------------\n";
    std::size_t from = 0;
    while (from < text.size()) {
        const std::size_t end = text.find('\n', from);
        const std::string line = text.substr(from, end - from);
        const bool last = end + 1 >= text.size();
        out += " " + line + std::string(line.size() < 80 ? 80 - line.size() : 0, ' ') + (last ? "\n" : "+\n");
        from = end + 1;
    }
    return out + "(1 row)\n";
}

} // namespace

class TestExplainMarkup : public QObject
{
    Q_OBJECT

    void check(const PlanOutcome &outcome, const char *form)
    {
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QCOMPARE(outcome.plans().size(), std::size_t(1));
        const PlanRows &plan = outcome.plans()[0];
        QCOMPARE(plan.nodes.size(), std::size_t(2));
        QCOMPARE(std::string(plan.plan.format), std::string(form));
        QCOMPARE(std::string(plan.plan.queryText), std::string("select 1 < 2"));
        QCOMPARE(plan.plan.planningMs, 0.125);
        QCOMPARE(plan.plan.executionMs, 3.5);
        QCOMPARE(std::string(plan.plan.settingsJson), std::string("{\"work_mem\":\"1\"}"));
        const PlanNodeRow &root = plan.nodes[0];
        QCOMPARE(std::string(root.indexName), std::string("42")); // a name, though it looks like a number
        QCOMPARE(root.planRows, std::optional<double>(7));
        QCOMPARE(root.totalCost, std::optional<double>(12.5));
        QCOMPARE(root.ioReadMs, std::optional<double>(0.25));
        QCOMPARE(plan.nodes[1].parent, 0);
        QCOMPARE(std::string(plan.nodes[1].parentRelationship), std::string("InitPlan"));
    }

private Q_SLOTS:
    void readsXml()
    {
        const PlanOutcome outcome = readPlans(explainXmlImporter(), kXml);
        check(outcome, "xml");
        QCOMPARE(std::string(outcome.plans()[0].nodes[0].relation), std::string("a & b"));
        QCOMPARE(std::string(outcome.plans()[0].nodes[0].alias), std::string("1.5"));
        // Nodes point to their own lines of the text that was given.
        const std::string_view source = outcome.plans()[0].plan.sourceText;
        QVERIFY(source.find("<Node-Type>Result</Node-Type>") != std::string_view::npos);
        check(readPlans(explainXmlImporter(), psqlFrame(kXml)), "xml");
        check(readPlans(explainXmlImporter(), "2026-03-02 LOG:  duration: 3.5 ms  plan:\n" + kXml + "tail\n"),
            "xml");
        QCOMPARE(readPlans(explainXmlImporter(), kXml + kXml).plans().size(), std::size_t(2));
    }

    void readsYaml()
    {
        const PlanOutcome outcome = readPlans(explainYamlImporter(), kYaml);
        check(outcome, "yaml");
        QCOMPARE(std::string(outcome.plans()[0].nodes[0].relation), std::string("a & b: c"));
        QCOMPARE(std::string(outcome.plans()[0].nodes[0].filter),
            std::string("(x = '- Plan: \"quoted\": 1')"));
        QCOMPARE(std::string(outcome.plans()[0].plan.sourceText.substr(0, 14)),
            std::string("- Query Text: "));
        check(readPlans(explainYamlImporter(), psqlFrame(kYaml)), "yaml");
        QCOMPARE(readPlans(explainYamlImporter(), kYaml + kYaml).plans().size(), std::size_t(2));
    }

    void sourceLinesOfNodes_data()
    {
        QTest::addColumn<QString>("form");
        QTest::newRow("xml") << QStringLiteral("xml");
        QTest::newRow("yaml") << QStringLiteral("yaml");
    }
    void sourceLinesOfNodes()
    {
        QFETCH(QString, form);
        const bool xml = form == QLatin1String("xml");
        const PlanOutcome outcome
            = readPlans(xml ? explainXmlImporter() : explainYamlImporter(), "\n\n" + (xml ? kXml : kYaml));
        const PlanRows &plan = outcome.plans()[0];
        const QStringList lines
            = QString::fromStdString(std::string(plan.plan.sourceText)).split(QLatin1Char('\n'));
        for (const PlanNodeRow &node : plan.nodes) {
            const int line = int(node.sourceLine);
            QVERIFY(line >= 1 && line <= lines.size());
            const QString here = lines.mid(line - 1, 2).join(QLatin1Char(' '));
            QVERIFY2(here.contains(QString::fromStdString(std::string(node.nodeType))), qPrintable(here));
        }
    }

    void whatIsCutKeepsItsBegin()
    {
        for (std::size_t size = 0; size < kXml.size(); size += 13) {
            const PlanOutcome xml = readPlans(explainXmlImporter(), kXml.substr(0, size));
            QVERIFY(xml.error || xml.nodeCount() <= 2);
            const PlanOutcome yaml
                = readPlans(explainYamlImporter(), kYaml.substr(0, std::min(size, kYaml.size())));
            QVERIFY(yaml.error || yaml.nodeCount() <= 2);
        }
        const std::size_t inSecond = kXml.find("<Parent-Relationship>");
        const PlanOutcome cut = readPlans(explainXmlImporter(), kXml.substr(0, inSecond));
        QVERIFY(!cut.error);
        QCOMPARE(cut.nodeCount(), std::size_t(1));
        QVERIFY(cut.hasIssue("xml-syntax"));
    }

    void hostileTextIsRefused()
    {
        const PlanOutcome bomb = readPlans(explainXmlImporter(),
            "<!DOCTYPE explain [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>" + kXml);
        QVERIFY(bomb.error);
        QVERIFY(bomb.error->detail.find("document type") != std::string::npos);
        QString deep = QStringLiteral("<explain xmlns=\"x\"><Query>");
        for (int i = 0; i < 30'000; ++i)
            deep += QStringLiteral("<Plan><Node-Type>Result</Node-Type><Plans>");
        QVERIFY(readPlans(explainXmlImporter(), deep.toStdString()).error);
        // Anchors and aliases are text, not references; a line of dashes is no deep nesting.
        std::string odd = "- Plan: \n    Node Type: \"Result\"\n    Filter: &a \"x\"\n    Alias: *a\n    ";
        for (int i = 0; i < 100'000; ++i)
            odd += "- ";
        const PlanOutcome anchors = readPlans(explainYamlImporter(), odd + "\n");
        QVERIFY(anchors.error || anchors.nodeCount() == 1);
    }

    void emptyTextSaysWhatIsWanted()
    {
        for (const Importer *importer : {&explainXmlImporter(), &explainYamlImporter()}) {
            const PlanOutcome outcome = readPlans(*importer, "no plan at all\n");
            QVERIFY(outcome.error);
            QVERIFY(!outcome.error->hint.empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestExplainMarkup)
#include "tst_explainmarkup.moc"
