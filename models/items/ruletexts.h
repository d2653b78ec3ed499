// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace tailscope::items {

/// The texts of one rule, as the findings view shows them. All empty when the rule is unknown.
struct RuleTexts
{
    QString title, cause, fix, proof, risk, refuse;
    QStringList checks;
};
/// With the figures of a finding's evidence (JSON object) in place of the {names}.
RuleTexts ruleTexts(const QString &ruleId, const QString &evidence);
/// The rules are read once and kept; after a change of them they are read anew. GUI thread.
void forgetRuleTexts();

} // namespace tailscope::items
