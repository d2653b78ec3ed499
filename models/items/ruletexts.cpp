// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/ruletexts.h"

#include "advisor/rules.h"
#include "advisor/texts.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace tailscope::items {

namespace {

std::optional<std::vector<advisor::Rule>> &keptRules()
{
    static std::optional<std::vector<advisor::Rule>> rules;
    return rules;
}

} // namespace

void forgetRuleTexts() { keptRules().reset(); }

RuleTexts ruleTexts(const QString &ruleId, const QString &evidence)
{
    if (!keptRules()) {
        std::vector<Error> bad;
        keptRules() = advisor::loadRules(advisor::userRuleFolder(), bad);
    }
    const std::vector<advisor::Rule> &rules = *keptRules();
    const std::string id = ruleId.toStdString();
    const auto rule
        = std::find_if(rules.begin(), rules.end(), [&id](const advisor::Rule &r) { return r.id == id; });
    if (rule == rules.end())
        return {};
    const std::string figures = evidence.toStdString();
    const auto filled = [&](const std::string &text) {
        return QString::fromStdString(advisor::fillTemplate(text, figures, &*rule));
    };
    RuleTexts texts{filled(rule->title), filled(rule->cause), filled(rule->fix), filled(rule->proof),
        filled(rule->risk), filled(rule->refuse), {}};
    for (const std::string &check : rule->checks)
        texts.checks << filled(check);
    return texts;
}

} // namespace tailscope::items
