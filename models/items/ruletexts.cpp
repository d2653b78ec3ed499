// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/ruletexts.h"

#include "advisor/rules.h"

#include <QHash>
#include <QStringList>

namespace tailscope::items {

RuleTexts ruleTexts(const QString &ruleId)
{
    static const QHash<QString, RuleTexts> all = [] {
        QHash<QString, RuleTexts> texts;
        std::vector<Error> bad;
        for (const advisor::Rule &rule : advisor::loadRules(advisor::userRuleFolder(), bad)) {
            RuleTexts entry;
            entry.title = QString::fromStdString(rule.title);
            entry.cause = QString::fromStdString(rule.cause);
            entry.fix = QString::fromStdString(rule.fix);
            entry.proof = QString::fromStdString(rule.proof);
            entry.risk = QString::fromStdString(rule.risk);
            entry.refuse = QString::fromStdString(rule.refuse);
            for (const std::string &check : rule.checks)
                entry.checks << QString::fromStdString(check);
            texts.insert(QString::fromStdString(rule.id), entry);
        }
        return texts;
    }();
    return all.value(ruleId);
}

} // namespace tailscope::items
