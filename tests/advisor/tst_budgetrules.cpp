// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules about budgets: what was measured is written as the analysis writes it, then the rules run.
#include "advisor/rules.h"
#include "store/workspace.h"

#include <QTest>

using namespace tailscope;

namespace {

/// A budget of 500 ms and lines of its results.
class Case
{
public:
    explicit Case(double target = 500)
        : m_workspace(std::move(*store::Workspace::temporary()))
    {
        execute("INSERT INTO budget_raw (id, name, target_ms, percentile, margin) VALUES (1, 'api', "
            + std::to_string(target) + ", '0.95', 0.2)");
        execute("INSERT INTO generation (table_family, n) VALUES ('budget', 1), ('span', 1), ('run', 1)"
                " ON CONFLICT DO NOTHING");
        // Inputs that the rules ask for: a trace, a run.
        execute("INSERT INTO source_raw (id, path, format, state) VALUES (1, 'x', 'test', 1)");
        execute(
            "INSERT INTO span_raw (id, source_id, track_id, start_ns, duration_ns) VALUES (1, 1, 1, 0, 1)");
        execute("INSERT INTO track (id, source_id) VALUES (1, 1)");
        execute("INSERT INTO trace_raw (id, source_id, trace_key) VALUES (1, 1, 't')");
        execute("INSERT INTO run_raw (id, source_id, name, kind) VALUES (1, 1, 'nightly', 'load_test')");
        add("part = 'total', position = -1, budget_ms = " + std::to_string(target) + ", share = 1");
    }
    /// One line of budget_result by its columns; what is not named is a usual component.
    Case &add(const std::string &columns)
    {
        const int position = m_next++;
        execute(
            "INSERT INTO budget_result (run_id, budget_id, position, part, name, kind, basis, n, p50_ms, "
            "p95_ms, "
            "p99_ms, value_ms, path_p50_ms, off_path, share, budget_ms, over_timeout, state) VALUES (1, 1, "
            + std::to_string(position)
            + ", 'component', 'part', 'processing', 'spans', 1000, 10, 20, 30, 20, 10, 0, 0.1, "
              "100, 0, 'ok')");
        execute("UPDATE budget_result SET " + columns + " WHERE position = " + std::to_string(position));
        if (columns.find("part = ") == std::string::npos)
            execute("INSERT INTO budget_component_raw (budget_id, position, name) VALUES (1, "
                + std::to_string(position) + ", 'part')");
        // Rules run again on what changed.
        execute("UPDATE generation SET n = n + 1");
        return *this;
    }
    Case &plan(double path, double plain, double headroom, double target = 500)
    {
        const auto text = [](double value) { return std::to_string(value); };
        execute("INSERT INTO budget_sum VALUES (1, 1, 'planned', " + text(plain) + ", " + text(path) + ", "
            + text(headroom) + ", " + text(path + headroom) + ", " + text(target) + ", " + text(target * 0.8)
            + ")");
        return *this;
    }
    void fires(const std::string &rule, const std::string &severity)
    {
        const std::string is = severityOf(rule);
        QVERIFY2(is == severity, (rule + ": " + is).c_str());
    }
    void silent(const std::string &rule)
    {
        const std::string is = severityOf(rule);
        QVERIFY2(is == "(none)", (rule + ": " + is).c_str());
    }

private:
    void execute(const std::string &sql)
    {
        auto writer = m_workspace->connectWriter();
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        if (const auto done = writer->execute(sql); !done)
            qFatal("%s: %s", sql.c_str(), done.error().toText().c_str());
    }
    std::string severityOf(const std::string &rule)
    {
        std::vector<Error> errors;
        std::vector<advisor::Rule> rules = advisor::loadRules({}, errors);
        std::erase_if(rules, [](const advisor::Rule &each) { return each.group != "budgets"; });
        const auto outcome = advisor::runRules(*m_workspace, rules, {});
        if (!outcome)
            qFatal("%s", outcome.error().toText().c_str());
        for (const Error &error : outcome->failed)
            qFatal("%s", error.toText().c_str());
        auto reader = m_workspace->connectReader();
        const auto state = reader->text("SELECT state FROM rule_run WHERE rule_id = '" + rule + "'");
        if (!state || !*state || state->value() != "ran")
            qFatal("%s did not run: %s", rule.c_str(), state && *state ? state->value().c_str() : "?");
        const auto value
            = reader->text("SELECT group_concat(severity, ' ') FROM finding WHERE rule_id = '" + rule + "'");
        return value && *value ? **value : "(none)";
    }

    std::unique_ptr<store::Workspace> m_workspace;
    int m_next = -1;
};

} // namespace

class TestBudgetRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void plan();
    void floor();
    void components();
    void path();
    void limits();
    void whole();
    void loadTests();
};

void TestBudgetRules::plan()
{
    Case(200).plan(200, 200, 0, 200).fires("budget-no-headroom", "warning"); // the preset of 200 ms
    Case().plan(501, 600, 0).fires("budget-no-headroom", "critical");
    Case().plan(400, 440, 0).silent("budget-no-headroom");
    Case().plan(345, 385, 85).silent("budget-no-headroom"); // 430 of 500
    Case().plan(445, 485, 85).fires("budget-no-headroom", "critical");
}

void TestBudgetRules::floor()
{
    Case().add("part = 'phase'").silent("budget-infeasible-floor");
    Case(200).add("kind = 'external', p95_ms = 161").fires("budget-infeasible-floor", "critical");
    Case(200).add("kind = 'external', p95_ms = 160").silent("budget-infeasible-floor");
    Case(400)
        .add("kind = 'external', p95_ms = NULL, floor_ms = 350")
        .fires("budget-infeasible-floor", "critical");
    Case(200).add("part = 'total', floor_ms = 230").fires("budget-infeasible-floor", "critical");
    Case(200).add("part = 'total', floor_ms = 200").silent("budget-infeasible-floor");
}

void TestBudgetRules::components()
{
    Case().add("value_ms = 40, budget_ms = 50").fires("budget-component-over", "warning");
    Case().add("value_ms = 39, budget_ms = 50").silent("budget-component-over");
    Case().add("value_ms = 50.1, budget_ms = 50").fires("budget-component-over", "critical");
    Case().add("value_ms = 50.1, budget_ms = 50, n = 199").fires("budget-component-over", "info");
    Case().add("value_ms = 50.1, budget_ms = 50, off_path = 1").fires("budget-component-over", "info");
    Case().add("value_ms = 50.1, budget_ms = 50, kind = 'async'").silent("budget-component-over");

    Case().add("p50_ms = 5, budget_ms = 6, p95_ms = 20").fires("budget-from-median", "warning");
    Case().add("p50_ms = 5, budget_ms = 6, p95_ms = 6").silent("budget-from-median");
    Case().add("p50_ms = 5, budget_ms = 8, p95_ms = 20").silent("budget-from-median");

    Case().add("kind = 'database', budget_ms = NULL, p95_ms = 50").fires("budget-normal-range", "info");
    Case().add("kind = 'database', budget_ms = NULL, p95_ms = 150").fires("budget-normal-range", "warning");
    Case().add("kind = 'database', budget_ms = 20, p95_ms = 150").silent("budget-normal-range");

    Case().add("kind = 'external', p95_ms = 250").fires("budget-external-dominates", "warning");
    Case(400).add("kind = 'external', p95_ms = 350").fires("budget-external-dominates", "critical");
    Case().add("kind = 'external', p95_ms = 249").silent("budget-external-dominates");
    Case().add("kind = 'external', p95_ms = 450, off_path = 0.9").silent("budget-external-dominates");
}

void TestBudgetRules::path()
{
    Case().add("value_ms = 120, off_path = 1").fires("budget-off-critical-path", "info");
    Case().add("value_ms = 120, slack_ms = 25").fires("budget-off-critical-path", "info");
    Case().add("value_ms = 120, slack_ms = 24").silent("budget-off-critical-path");

    Case over;
    over.add("state = 'over', path_p50_ms = 50").silent("budget-pick-target");
    over.add("state = 'over', path_p50_ms = 80").fires("budget-pick-target", "info");
    Case small;
    small.add("state = 'over', path_p50_ms = 5");
    small.add("state = 'over', path_p50_ms = 8").silent("budget-pick-target");

    Case page(3000);
    page.add("p50_ms = 2000").add("p50_ms = 600").add("p50_ms = 300").silent("budget-page-remaining");
    page.add("p50_ms = 400").silent("budget-page-remaining"); // they overlap: the whole is inside
    page.add("part = 'total', state = 'over'").fires("budget-page-remaining", "warning");

    Case().add("share = 0, off_path = 1").fires("budget-async-excluded", "info");
    Case().add("share = 0, off_path = 1, kind = 'async'").fires("budget-async-excluded", "good");
    Case().add("share = 0.1, off_path = 1").silent("budget-async-excluded");
}

void TestBudgetRules::limits()
{
    for (const char *state :
        {"missing", "zero", "library_default", "below_budget", "below_p99", "over_target", "loose"})
        Case()
            .add("timeout_ms = 5, timeout_state = '" + std::string(state) + "'")
            .fires("budget-timeout-mismatch", "warning");
    Case().add("timeout_ms = 120, timeout_state = 'ok'").silent("budget-timeout-mismatch");
    Case().add("budget_ms = NULL, timeout_state = 'missing'").silent("budget-timeout-mismatch");
}

void TestBudgetRules::whole()
{
    Case().add("part = 'unaccounted', share = 0.26").fires("budget-only-end-to-end", "info");
    Case().add("part = 'unaccounted', share = 0.25").silent("budget-only-end-to-end");
}

void TestBudgetRules::loadTests()
{
    Case().add("part = 'phase', value_ms = 520, n = 1000").fires("budget-gate", "critical");
    Case().add("part = 'total', value_ms = 520, n = 1000").fires("budget-gate", "critical"); // its requests
    Case().add("part = 'phase', value_ms = 500, n = 1000").silent("budget-gate");
    Case().add("part = 'phase', value_ms = 520, n = 999").silent("budget-gate");
}

QTEST_GUILESS_MAIN(TestBudgetRules)
#include "tst_budgetrules.moc"
