// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/findingchain.h"

#include "base/text.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace tailscope::advisor {

namespace {

using Object = std::pair<std::string, std::string>;

bool overlap(const Finding &a, const Finding &b)
{
    if (!a.startNs || !b.startNs)
        return true; // a time that is not known excludes nothing
    const std::int64_t aEnd = a.endNs.value_or(*a.startNs), bEnd = b.endNs.value_or(*b.startNs);
    return *a.startNs <= bEnd && *b.startNs <= aEnd;
}

std::vector<Object> objectsOf(const Finding &finding)
{
    std::vector<Object> objects = finding.objects;
    objects.emplace_back(finding.subjectKind, finding.subjectId);
    return objects;
}

bool sameSubject(const Finding &a, const Finding &b)
{
    return a.subjectKind == b.subjectKind && a.subjectId == b.subjectId;
}

void order(std::vector<Finding> &findings)
{
    const auto key = [](const Finding &f) {
        return std::make_tuple(-severityRank(f.severity), -f.gainMs.value_or(-1), std::cref(f.ruleId),
            f.subjectId.size(), std::cref(f.subjectId), std::cref(f.evidence));
    };
    std::stable_sort(findings.begin(), findings.end(),
        [&](const Finding &a, const Finding &b) { return key(a) < key(b); });
}

using RuleIndex = std::map<std::string, const Rule *>;

/// Advice speaks against praise; mere information (rung 0) does not.
bool contradictsPraise(const Finding &finding, const RuleIndex &rules)
{
    const int rank = severityRank(finding.severity);
    if (finding.state != "open" || rank < 1)
        return false;
    const auto rule = rules.find(finding.ruleId);
    return rank > 1 || (rule != rules.end() && rule->second->rung > 0);
}

void dropContradictedPraise(std::vector<Finding> &findings, const RuleIndex &rules)
{
    std::set<Object> troubled;
    for (const Finding &finding : findings) {
        if (contradictsPraise(finding, rules)) {
            for (Object &object : objectsOf(finding))
                troubled.insert(std::move(object));
        }
    }
    std::erase_if(findings, [&](const Finding &finding) {
        if (finding.severity != "good")
            return false;
        const std::vector<Object> objects = objectsOf(finding);
        return std::any_of(objects.begin(), objects.end(),
            [&](const Object &object) { return troubled.contains(object); });
    });
}

/// Looks for the cause of each finding. Plans are given by strangers: the work is bounded.
class Chainer
{
public:
    Chainer(std::vector<Finding> &findings, const NodeParents &parents)
        : m_findings(findings)
        , m_parents(parents)
    {
        for (std::size_t i = 0; i < findings.size(); ++i) {
            for (Object &object : objectsOf(findings[i]))
                m_index[{findings[i].ruleId, std::move(object)}].push_back(i);
        }
    }

    void findCause(Finding &effect, const std::vector<std::string> &causeRules)
    {
        int best = 0;
        for (const std::string &rule : causeRules) {
            for (Object &object : objectsOf(effect)) {
                const auto candidates = m_index.find({rule, std::move(object)});
                if (candidates == m_index.end())
                    continue;
                // They stand in the order of gain: the first of equal closeness is the largest.
                for (const std::size_t index : candidates->second) {
                    const Finding &cause = m_findings[index];
                    if (cause.id == effect.id || leadsTo(cause.id, effect.id))
                        continue;
                    const int close = closeness(cause, effect);
                    if (close > best) {
                        best = close;
                        effect.causeId = cause.id;
                    }
                }
            }
        }
    }

private:
    /// How well `cause` explains `effect`: 0 not at all, 3 the same thing.
    int closeness(const Finding &cause, const Finding &effect)
    {
        if (!overlap(cause, effect))
            return 0;
        if (sameSubject(cause, effect))
            return 3;
        if (isBelow(cause, effect))
            return 2;
        // Two nodes of a plan that do not contain each other explain nothing of each other.
        return cause.subjectKind == "plan_node" && effect.subjectKind == "plan_node" ? 0 : 1;
    }

    /// True when plan node `low` lies below plan node `high`.
    bool isBelow(const Finding &low, const Finding &high)
    {
        if (low.subjectKind != "plan_node" || high.subjectKind != "plan_node")
            return false;
        const auto top = parseInt64(high.subjectId);
        auto node = parseInt64(low.subjectId);
        while (node && top && --m_stepsLeft > 0) {
            const auto parent = m_parents.find(*node);
            if (parent == m_parents.end())
                return false;
            node = parent->second;
            if (*node == *top)
                return true;
        }
        return false;
    }

    /// True when following causes from `from` leads to `to`.
    bool leadsTo(std::int64_t from, std::int64_t to)
    {
        std::optional<std::int64_t> at = from;
        while (at && --m_stepsLeft > 0) {
            if (*at == to)
                return true;
            at = m_findings[static_cast<std::size_t>(*at - 1)].causeId;
        }
        return m_stepsLeft <= 0;
    }

    std::vector<Finding> &m_findings;
    const NodeParents &m_parents;
    std::map<std::pair<std::string, Object>, std::vector<std::size_t>> m_index;
    std::int64_t m_stepsLeft = 50'000'000;
};

} // namespace

void chainFindings(std::vector<Finding> &findings, const std::vector<Rule> &rules, const NodeParents &parents)
{
    RuleIndex ruleById;
    for (const Rule &rule : rules)
        ruleById.emplace(rule.id, &rule);
    dropContradictedPraise(findings, ruleById);
    order(findings);
    for (std::size_t i = 0; i < findings.size(); ++i) {
        findings[i].id = static_cast<std::int64_t>(i) + 1;
        findings[i].causeId.reset();
    }
    Chainer chainer(findings, parents);
    for (Finding &effect : findings) {
        const auto rule = ruleById.find(effect.ruleId);
        if (rule != ruleById.end())
            chainer.findCause(effect, rule->second->causedBy);
    }
}

} // namespace tailscope::advisor
