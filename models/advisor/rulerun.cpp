// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The run of all rules: what changed is evaluated, the rest is kept, findings are chained and written anew.
#include "advisor/findingchain.h"
#include "advisor/findingstore.h"
#include "advisor/inputs.h"
#include "advisor/planconditions.h"
#include "advisor/ruleevaluator.h"
#include "advisor/rules.h"
#include "base/text.h"

#include <bit>
#include <cstdint>
#include <map>
#include <set>

namespace tailscope::advisor {

namespace {

constexpr std::string_view kRulesProperty = "advisor.rules";

/// Changes when a rule or one of its thresholds does.
std::string hashOf(const std::vector<Rule> &rules)
{
    std::uint64_t hash = hash64("1");
    for (const Rule &rule : rules) {
        std::string text = rule.id + '\x1f' + std::to_string(rule.version) + '\x1f' + rule.sql + '\x1f'
            + rule.headline + '\x1f' + rule.title + '\x1f' + rule.summary;
        for (const Threshold &threshold : rule.thresholds)
            text += '\x1f' + threshold.name + '='
                + std::to_string(std::bit_cast<std::uint64_t>(threshold.value));
        for (const std::string &name : rule.causedBy)
            text += '\x1f' + name;
        text += rule.muted ? "\x1fmuted" : "";
        hash = hash64(text, hash);
    }
    return std::to_string(hash);
}

/// Generations of table families, each asked for once a run.
class Generations
{
public:
    explicit Generations(const store::Workspace &workspace)
        : m_workspace(workspace)
    {}

    /// Sum over the inputs that a rule needs or uses.
    Result<std::int64_t> of(const Rule &rule)
    {
        std::set<std::string> families;
        for (const auto *names : {&rule.needs, &rule.uses}) {
            for (const std::string &name : *names) {
                if (const Input *input = inputByName(name))
                    families.insert(input->families.begin(), input->families.end());
            }
        }
        std::int64_t sum = 0;
        for (const std::string &family : families) {
            auto known = m_known.find(family);
            if (known == m_known.end()) {
                const Result<std::int64_t> generation = m_workspace.generation(family);
                if (!generation)
                    return fail(generation.error());
                known = m_known.emplace(family, *generation).first;
            }
            sum += known->second;
        }
        return sum;
    }

private:
    const store::Workspace &m_workspace;
    std::map<std::string, std::int64_t> m_known;
};

class Run
{
public:
    Run(const store::Workspace &workspace, const std::vector<Rule> &rules, const Progress &progress)
        : m_workspace(workspace)
        , m_rules(rules)
        , m_progress(progress)
    {}

    Result<RulesOutcome> run()
    {
        TS_TRY(derivePlanConditions(m_workspace, m_progress));
        const Result<std::optional<std::string>> known = m_workspace.property(kRulesProperty);
        if (!known)
            return fail(known.error());
        const std::string hash = hashOf(m_rules);
        Result<store::Database> reader = m_workspace.connectReader();
        if (!reader)
            return fail(reader.error());
        Result<StoredFindings> stored = readFindings(*reader);
        if (!stored)
            return fail(stored.error());
        if (*known != hash)
            stored->runs.clear();
        TS_TRY(evaluateAll(*reader, *stored));
        if (!m_evaluated && *known == hash)
            return outcome();
        keepStates(stored->findings);
        TS_TRY(chain());
        TS_TRY(writeFindings(m_workspace, m_findings, m_runs));
        TS_TRY(m_workspace.setProperty(kRulesProperty, hash));
        return outcome();
    }

private:
    Result<void> evaluateAll(store::Database &reader, const StoredFindings &stored)
    {
        Watchdog watchdog(m_progress.cancel);
        RuleEvaluator evaluator(reader, watchdog);
        Generations generations(m_workspace);
        std::uint64_t done = 0;
        for (const Rule &rule : m_rules) {
            if (m_progress.isCancelled())
                return fail(ErrorCode::Cancelled, "rules", "cancelled", "Run the rules again");
            const Result<std::int64_t> generation = generations.of(rule);
            if (!generation)
                return fail(generation.error());
            if (rule.muted) {
                m_runs.push_back({rule.id, "muted", 0, 0, *generation});
                continue;
            }
            const auto old = stored.runs.find(rule.id);
            const bool fresh = old != stored.runs.end() && old->second.inputGeneration == *generation
                && (old->second.state == "ran" || old->second.state.starts_with("not evaluated"));
            if (fresh)
                keep(rule, old->second, stored);
            else
                evaluate(rule, *generation, evaluator);
            m_progress.update({"running the rules", ++done, m_rules.size(), 0});
        }
        if (m_progress.isCancelled())
            return fail(ErrorCode::Cancelled, "rules", "cancelled", "Run the rules again");
        return {};
    }

    void keep(const Rule &rule, const RuleRun &run, const StoredFindings &stored)
    {
        m_runs.push_back(run);
        for (const Finding &finding : stored.findings) {
            if (finding.ruleId == rule.id)
                m_findings.push_back(finding);
        }
    }

    void evaluate(const Rule &rule, std::int64_t generation, RuleEvaluator &evaluator)
    {
        m_evaluated = true;
        Evaluation evaluation = evaluator.evaluate(rule);
        m_runs.push_back({rule.id, evaluation.state, evaluation.seconds,
            static_cast<std::int64_t>(evaluation.findings.size()), generation});
        for (Finding &finding : evaluation.findings)
            m_findings.push_back(std::move(finding));
        if (evaluation.error)
            m_outcome.failed.push_back(std::move(*evaluation.error));
    }

    /// What the user muted or refuted stays so.
    void keepStates(const std::vector<Finding> &old)
    {
        using Key = std::tuple<std::string, std::string, std::string, std::string>;
        const auto key = [](const Finding &f) { return Key(f.ruleId, f.subjectKind, f.subjectId, f.title); };
        std::map<Key, std::string> states;
        for (const Finding &finding : old) {
            if (finding.state != "open")
                states.emplace(key(finding), finding.state);
        }
        for (Finding &finding : m_findings) {
            const auto found = states.find(key(finding));
            if (found != states.end())
                finding.state = found->second;
        }
    }

    Result<void> chain()
    {
        Result<store::Database> reader = m_workspace.connectReader();
        if (!reader)
            return fail(reader.error());
        std::set<std::int64_t> plans;
        for (const Finding &finding : m_findings) {
            for (const auto &[kind, id] : finding.objects) {
                if (const auto number = parseInt64(id); kind == "plan" && number)
                    plans.insert(*number);
            }
        }
        Result<store::Statement> query
            = reader->prepare("SELECT n.id, p.id FROM plan_node AS n JOIN plan_node AS p ON p.plan_id = "
                              "n.plan_id AND p.node = n.parent"
                              " WHERE n.plan_id = ?1");
        if (!query)
            return fail(query.error());
        NodeParents parents;
        for (const std::int64_t plan : plans) {
            query->reset();
            query->bind(0, plan);
            for (;;) {
                const Result<bool> row = query->step();
                if (!row)
                    return fail(row.error());
                if (!*row)
                    break;
                parents.emplace(query->integer(0), query->integer(1));
            }
        }
        chainFindings(m_findings, m_rules, parents);
        return {};
    }

    Result<RulesOutcome> outcome()
    {
        m_outcome.findings = static_cast<std::int64_t>(m_findings.size());
        for (const RuleRun &run : m_runs) {
            m_outcome.ran += run.state == "ran";
            m_outcome.notEvaluated += run.state.starts_with("not evaluated");
            m_outcome.timedOut += run.state == "timed out";
        }
        return m_outcome;
    }

    const store::Workspace &m_workspace;
    const std::vector<Rule> &m_rules;
    const Progress &m_progress;
    std::vector<Finding> m_findings;
    std::vector<RuleRun> m_runs;
    RulesOutcome m_outcome;
    bool m_evaluated = false;
};

} // namespace

Result<RulesOutcome> runRules(const store::Workspace &workspace, const std::vector<Rule> &rules,
    const Progress &progress)
{
    if (workspace.isReadOnly()) {
        return fail(ErrorCode::Locked, workspace.path().string(), "the workspace is open for reading only",
            "Close the other program or work on a copy");
    }
    return Run(workspace, rules, progress).run();
}

} // namespace tailscope::advisor
