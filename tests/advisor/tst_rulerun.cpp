// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/findingchain.h"
#include "advisor/rules.h"
#include "planfixture.h"

#include <QElapsedTimer>
#include <QTest>

using namespace tailscope;
using advisor::Rule;

namespace {

Rule rule(const char *id, const char *needs, const std::string &sql)
{
    Rule r;
    r.id = r.title = id;
    r.severity = "warning";
    r.needs = {needs};
    r.summary = "n is {n}";
    r.sql = sql;
    return r;
}

const char *const kOne
    = "SELECT 'warn' AS severity, 'plan' AS subject_kind, 1 AS subject_id, NULL AS start_ns,"
      " NULL AS end_ns, 2.5 AS gain_ms, 7 AS n, 0.5 AS doubt";

} // namespace

class TestRuleRun : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesFindingsAndRuns();
    void needsAreTold();
    void badRulesFailAlone();
    void rulesCannotWrite();
    void timeLimit();
    void rowLimit();
    void cancels();
    void keepsWhatDidNotChange();
    void keepsStatesOfTheUser();
    void readOnlyWorkspaceIsRefused();
    void chainsByObjectAndTime();
    void praiseGivesWay();
    void neverACycle();
};

void TestRuleRun::writesFindingsAndRuns()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    const auto outcome = advisor::runRules(fixture.workspace(), {rule("one", "plan", kOne)}, {});
    QVERIFY2(outcome, outcome ? "" : outcome.error().toText().c_str());
    QCOMPARE(outcome->findings, 1);
    QCOMPARE(outcome->ran, 1);
    QCOMPARE(fixture.text("SELECT rule_id || severity || subject_kind || subject_id || typeof(subject_id) || "
                          "gain_ms || doubt"
                          " || summary || evidence || state FROM finding"),
        std::string("onewarningplan1integer2.50.5n is 7{\"n\":7}open"));
    QCOMPARE(fixture.text("SELECT rule_id || state || rows || (seconds >= 0) FROM rule_run"),
        std::string("oneran11"));
}

void TestRuleRun::needsAreTold()
{
    testing::PlanFixture fixture;
    const auto outcome
        = advisor::runRules(fixture.workspace(), {rule("one", "plan", kOne), rule("two", "pool", kOne)}, {});
    QVERIFY(outcome);
    QCOMPARE(outcome->ran, 0);
    QCOMPARE(outcome->notEvaluated, 2);
    QCOMPARE(fixture.text("SELECT group_concat(state, '|') FROM rule_run"),
        std::string("not evaluated: needs plan|not evaluated: needs pool"));
    QCOMPARE(fixture.integer("SELECT count(*) FROM finding"), 0);
}

void TestRuleRun::badRulesFailAlone()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    const auto outcome = advisor::runRules(fixture.workspace(),
        {rule("columns", "plan", "SELECT 1 AS severity"), rule("syntax", "plan", "SELEC"),
            rule("severity", "plan",
                "SELECT 'bad' AS severity, 1 AS subject_kind, 1 AS subject_id, 1 AS start_ns,"
                " 1 AS end_ns, 1 AS gain_ms"),
            rule("two", "plan", std::string(kOne) + "; SELECT 2"), rule("good", "plan", kOne)},
        {});
    QVERIFY(outcome);
    QCOMPARE(outcome->failed.size(), std::size_t(4));
    QCOMPARE(outcome->ran, 1);
    QCOMPARE(outcome->findings, 1);
    QCOMPARE(fixture.integer("SELECT count(*) FROM rule_run WHERE state LIKE 'failed: %'"), 4);
}

void TestRuleRun::rulesCannotWrite()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    const auto outcome = advisor::runRules(fixture.workspace(),
        {rule("delete", "plan", "DELETE FROM plan_raw RETURNING 1"),
            rule("attach", "plan", "ATTACH '/tmp/x.db' AS x"),
            rule("pragma", "plan", "PRAGMA journal_mode = DELETE"),
            rule("create", "plan", "CREATE TABLE x (y)")},
        {});
    QVERIFY(outcome);
    QCOMPARE(outcome->failed.size(), std::size_t(4));
    QCOMPARE(fixture.integer("SELECT count(*) FROM plan"), 1);
}

void TestRuleRun::timeLimit()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    QElapsedTimer clock;
    clock.start();
    const auto outcome = advisor::runRules(fixture.workspace(),
        {rule("endless", "plan",
             "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT 'info' AS severity,"
             " 1 AS subject_kind, count(*) AS subject_id, 1 AS start_ns, 1 AS end_ns, 1 AS gain_ms FROM n"),
            rule("good", "plan", kOne)},
        {});
    QVERIFY(outcome);
    QVERIFY2(clock.elapsed() < 6000, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(outcome->timedOut, 1);
    QCOMPARE(outcome->ran, 1);
    QVERIFY(outcome->failed.empty());
    QCOMPARE(fixture.text("SELECT state FROM rule_run WHERE rule_id = 'endless'"), std::string("timed out"));
}

void TestRuleRun::rowLimit()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    const auto outcome = advisor::runRules(fixture.workspace(),
        {rule("many", "plan",
            "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 5000) SELECT 'info' AS "
            "severity,"
            " 'x' AS subject_kind, k AS subject_id, 1 AS start_ns, 1 AS end_ns, 1 AS gain_ms FROM n")},
        {});
    QVERIFY(outcome);
    QCOMPARE(outcome->findings, 1000);
}

void TestRuleRun::cancels()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    Progress progress;
    progress.cancel.cancel();
    const auto outcome = advisor::runRules(fixture.workspace(), {rule("one", "plan", kOne)}, progress);
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::Cancelled);
}

void TestRuleRun::keepsWhatDidNotChange()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    // The findings count the plans, so an evaluation shows.
    const std::string sql
        = "SELECT 'info' AS severity, 'plan' AS subject_kind, id AS subject_id, NULL AS start_ns,"
          " NULL AS end_ns, NULL AS gain_ms, 1 AS n FROM plan";
    const std::vector<Rule> rules{rule("counting", "plan", sql)};
    QCOMPARE(advisor::runRules(fixture.workspace(), rules, {})->findings, 1);
    fixture.execute("UPDATE finding SET title = 'kept'");
    QCOMPARE(advisor::runRules(fixture.workspace(), rules, {})->findings, 1);
    QCOMPARE(fixture.text("SELECT title FROM finding"), std::string("kept"));
    // A changed threshold or query is a changed rule.
    std::vector<Rule> changed = rules;
    changed[0].thresholds = {{"w", 1, "x", "y"}};
    QCOMPARE(advisor::runRules(fixture.workspace(), changed, {})->findings, 1);
    QCOMPARE(fixture.text("SELECT title FROM finding"), std::string("counting"));
    // New data is a changed input.
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    QCOMPARE(advisor::runRules(fixture.workspace(), changed, {})->findings, 2);
    // A rule that is gone takes its findings along.
    QCOMPARE(advisor::runRules(fixture.workspace(), {}, {})->findings, 0);
    QCOMPARE(fixture.integer("SELECT count(*) FROM finding"), 0);
    QCOMPARE(fixture.integer("SELECT count(*) FROM rule_run"), 0);
}

void TestRuleRun::keepsStatesOfTheUser()
{
    testing::PlanFixture fixture;
    fixture.addPlan({}, {{-1, {{"total_ms", 1.0}}}});
    const std::vector<Rule> rules{rule("one", "plan", kOne)};
    QVERIFY(advisor::runRules(fixture.workspace(), rules, {}));
    fixture.execute("UPDATE finding SET state = 'muted'");
    fixture.bump("plan");
    QVERIFY(advisor::runRules(fixture.workspace(), rules, {}));
    QCOMPARE(fixture.text("SELECT state FROM finding"), std::string("muted"));
}

void TestRuleRun::readOnlyWorkspaceIsRefused()
{
    testing::PlanFixture fixture;
    const auto second = store::Workspace::open(fixture.workspace().path(), true);
    QVERIFY2(second, second ? "" : second.error().toText().c_str());
    const auto outcome = advisor::runRules(**second, {}, {});
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::Locked);
}

namespace {

advisor::Finding finding(const char *ruleId, const char *severity, const char *kind, const char *id,
    double gain, const char *plan = nullptr)
{
    advisor::Finding f;
    f.ruleId = ruleId;
    f.severity = severity;
    f.subjectKind = kind;
    f.subjectId = id;
    f.gainMs = gain;
    if (plan)
        f.objects.emplace_back("plan", plan);
    return f;
}

std::string causes(const std::vector<advisor::Finding> &findings)
{
    std::string text;
    for (const advisor::Finding &f : findings) {
        text += (text.empty() ? "" : " ") + f.ruleId + f.subjectId + "<-";
        text += f.causeId
            ? findings[std::size_t(*f.causeId - 1)].ruleId + findings[std::size_t(*f.causeId - 1)].subjectId
            : "0";
    }
    return text;
}

} // namespace

void TestRuleRun::chainsByObjectAndTime()
{
    Rule effect = rule("effect", "plan", "");
    effect.causedBy = {"cause"};
    const std::vector<Rule> rules{rule("cause", "plan", ""), effect};
    const advisor::NodeParents parents{{3, 2}, {2, 1}, {4, 1}};
    // A node below explains the one above; a node beside it does not; another plan neither.
    std::vector<advisor::Finding> below{finding("effect", "info", "plan_node", "2", 1, "1"),
        finding("cause", "info", "plan_node", "4", 9, "1"),
        finding("cause", "info", "plan_node", "3", 5, "1")};
    advisor::chainFindings(below, rules, parents);
    QCOMPARE(causes(below), std::string("cause4<-0 cause3<-0 effect2<-cause3"));
    std::vector<advisor::Finding> other{finding("effect", "info", "plan", "1", 1, "1"),
        finding("cause", "info", "plan_node", "9", 9, "2")};
    advisor::chainFindings(other, rules, parents);
    QCOMPARE(causes(other), std::string("cause9<-0 effect1<-0"));
    // The whole plan is explained by any of its nodes, the same subject best.
    std::vector<advisor::Finding> whole{finding("effect", "info", "plan", "1", 1, "1"),
        finding("cause", "info", "plan_node", "2", 9, "1"), finding("cause", "info", "plan", "1", 3, "1")};
    advisor::chainFindings(whole, rules, parents);
    QCOMPARE(causes(whole), std::string("cause2<-0 cause1<-0 effect1<-cause1"));
    // Same thing, other time.
    std::vector<advisor::Finding> apart{finding("effect", "info", "operation", "a", 1),
        finding("cause", "info", "operation", "a", 9)};
    apart[0].startNs = 100;
    apart[0].endNs = 200;
    apart[1].startNs = 300;
    apart[1].endNs = 400;
    advisor::chainFindings(apart, rules, parents);
    QCOMPARE(causes(apart), std::string("causea<-0 effecta<-0"));
    for (advisor::Finding &f : apart) {
        if (f.ruleId == "cause")
            f.startNs = 150;
    }
    advisor::chainFindings(apart, rules, parents);
    QCOMPARE(causes(apart), std::string("causea<-0 effecta<-causea"));
}

void TestRuleRun::praiseGivesWay()
{
    Rule advice = rule("advice", "plan", "");
    advice.rung = 4;
    const std::vector<Rule> rules{advice, rule("note", "plan", ""), rule("praise", "plan", "")};
    const auto left = [&](std::vector<advisor::Finding> findings) {
        advisor::chainFindings(findings, rules, {});
        std::string text;
        for (const advisor::Finding &f : findings)
            text += f.ruleId + " ";
        return text;
    };
    QCOMPARE(left({finding("praise", "good", "plan", "1", 0),
                 finding("note", "info", "plan_node", "5", 0, "1")}),
        std::string("note praise "));
    QCOMPARE(left({finding("praise", "good", "plan", "1", 0),
                 finding("advice", "info", "plan_node", "5", 0, "1")}),
        std::string("advice "));
    QCOMPARE(left({finding("praise", "good", "plan", "1", 0),
                 finding("advice", "warning", "plan_node", "5", 0, "2")}),
        std::string("advice praise "));
    auto muted = finding("advice", "warning", "plan_node", "5", 0, "1");
    muted.state = "muted";
    QCOMPARE(left({finding("praise", "good", "plan", "1", 0), muted}), std::string("advice praise "));
}

void TestRuleRun::neverACycle()
{
    Rule a = rule("a", "plan", ""), b = rule("b", "plan", "");
    a.causedBy = {"b", "a"};
    b.causedBy = {"a"};
    std::vector<advisor::Finding> findings{finding("a", "info", "plan", "1", 2),
        finding("b", "info", "plan", "1", 1), finding("a", "info", "plan", "1", 1)};
    advisor::chainFindings(findings, {a, b}, {});
    for (const advisor::Finding &f : findings) {
        std::optional<std::int64_t> at = f.causeId;
        int steps = 0;
        while (at && steps++ < 10)
            at = findings[std::size_t(*at - 1)].causeId;
        QVERIFY(steps < 10);
    }
}

QTEST_GUILESS_MAIN(TestRuleRun)
#include "tst_rulerun.moc"
